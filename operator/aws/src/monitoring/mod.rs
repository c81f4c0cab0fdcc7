//! Kinds of Amazon CloudWatch, and of its logs.

mod log_group;
