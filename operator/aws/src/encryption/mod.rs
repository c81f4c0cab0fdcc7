//! Kinds of AWS KMS.

mod key;
