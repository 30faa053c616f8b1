//! Properties of planning, with plain data.

mod estate;
mod guard;
mod properties;
mod steps;
