//! One cycle of one subscription: observe, plan, guard, apply, report. Knows neither Mozy, OSA nor diesel.
