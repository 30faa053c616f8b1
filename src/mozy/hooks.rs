//! The client tells the outside of every call and asks before each; it keeps neither budget nor metrics itself.

use std::any::Any;
use std::future::ready;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::error::Failure;
use super::operation::Operation;

/// Keeps the budget of one credential.
pub trait Gate: Send + Sync {
    /// Waits until one more call may be made. The permit lives as long as the call.
    ///
    /// # Errors
    /// [`Closed`] when it may not be made for too long to wait.
    fn enter(&self, write: bool) -> BoxFuture<'_, Result<Permit, Closed>>;

    /// How a call that was let in ended, before its permit goes back.
    fn heard<'a>(&'a self, failure: Option<&'a Failure>) -> BoxFuture<'a, ()>;
}

/// Why no call may be made now. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Closed {
    /// Mozy asked us to wait, and for so long still.
    Paused(Duration),
    /// Mozy is down, or PostgreSQL gives us no part of the budget; in words.
    Away(String),
}

impl From<Closed> for Failure {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Paused(left) => Failure::Throttled { retry_after: Some(left), maybe_happened: false },
            Closed::Away(problem) => Failure::Unreachable { problem },
        }
    }
}

/// Leave to make one call, given back when dropped.
#[derive(Default)]
pub struct Permit(#[allow(dead_code, reason = "held for its drop")] Option<Box<dyn Any + Send>>);

impl Permit {
    /// A permit that drops `held` when the call is over.
    pub fn holding(held: impl Any + Send) -> Self {
        Permit(Some(Box::new(held)))
    }
}

/// No budget.
impl Gate for () {
    fn enter(&self, _write: bool) -> BoxFuture<'_, Result<Permit, Closed>> {
        Box::pin(ready(Ok(Permit::default())))
    }

    fn heard<'a>(&'a self, _failure: Option<&'a Failure>) -> BoxFuture<'a, ()> {
        Box::pin(ready(()))
    }
}

/// Is told how every call ended. `duration` counts from the permit on.
pub trait Observer: Send + Sync {
    /// One call is over.
    fn called(&self, operation: Operation, class: ResultClass, duration: Duration);
}

/// Nobody listens.
impl Observer for () {
    fn called(&self, _operation: Operation, _class: ResultClass, _duration: Duration) {}
}

macro_rules! classes {
    ($($class:ident = $name:literal, $when:literal;)*) => {
        /// How a call ended, as a label of metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ResultClass {
            $(#[doc = $when] $class,)*
        }

        impl ResultClass {
            /// All of them, for registering every metric label at start.
            pub const ALL: &'static [ResultClass] = &[$(ResultClass::$class),*];

            /// The label.
            pub const fn as_str(self) -> &'static str {
                match self { $(ResultClass::$class => $name,)* }
            }
        }
    };
}

classes! {
    Done = "done", "Answered.";
    Rejected = "rejected", "See [`Failure::Rejected`].";
    Unreachable = "unreachable", "See [`Failure::Unreachable`].";
    Throttled = "throttled", "See [`Failure::Throttled`].";
    Denied = "denied", "See [`Failure::Denied`].";
    MaybeHappened = "maybe_happened", "See [`Failure::MaybeHappened`].";
    Unreadable = "unreadable", "See [`Failure::Unreadable`].";
    Unsendable = "unsendable", "See [`Failure::Unsendable`].";
}

impl From<&Failure> for ResultClass {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Rejected { .. } => ResultClass::Rejected,
            Failure::Unreachable { .. } => ResultClass::Unreachable,
            Failure::Throttled { .. } => ResultClass::Throttled,
            Failure::Denied { .. } => ResultClass::Denied,
            Failure::MaybeHappened { .. } => ResultClass::MaybeHappened,
            Failure::Unreadable { .. } => ResultClass::Unreadable,
            Failure::Unsendable { .. } => ResultClass::Unsendable,
        }
    }
}
