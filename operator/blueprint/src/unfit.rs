/// Why a site cannot begin with what it is told to be restored from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// For people: what is wrong, and what to write instead.
    pub message: String,
    /// Whether it passes by itself.
    pub passes: bool,
}
