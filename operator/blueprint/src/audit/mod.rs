//! Who did what in the account, AWS CloudTrail.

pub mod trail;
