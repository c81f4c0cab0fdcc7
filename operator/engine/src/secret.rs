use std::fmt;

/// A value that must not be seen. It has no `Display` and no `Serialize`, and its `Debug` is masked.
///
/// ```compile_fail
/// let password = wpc_engine::Secret::new("hunter2");
/// println!("{password}");
/// ```
///
/// ```compile_fail
/// fn write<T: serde::Serialize>(_: T) {}
/// write(wpc_engine::Secret::new("hunter2"));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn debug_is_masked() {
        assert_eq!(format!("{:?}", super::Secret::new("hunter2")), "Secret(***)");
    }
}
