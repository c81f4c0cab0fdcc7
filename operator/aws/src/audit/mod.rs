//! Kinds of the audit, all of AWS CloudTrail.

mod trail;
