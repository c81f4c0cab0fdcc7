//! What a site costs a month at list price. Pure: the spec, a price list and assumptions about use.
//!
//! A price that is not known is named; it is never guessed, and there is no total then.

mod areas;
mod assumed;
mod data;
mod estimate;
mod list;
mod table;
#[cfg(test)]
mod tests;

pub use assumed::{Assumed, HOURS};
pub use estimate::{Estimate, Line, Over, Reserved};
pub use list::{Collected, Query, queries};
pub use table::{Hour, NoPrices, Prices, Rates};
