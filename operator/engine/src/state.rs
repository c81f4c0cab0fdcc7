/// Whether a thing can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State<O> {
    /// It is as it should be.
    Ready(O),
    /// The cloud is at work on it. `usable` has its output where dependants can go on meanwhile: a database that is
    /// being modified still has its endpoint.
    Settling {
        /// The output, if dependants can use it already.
        usable: Option<O>,
        /// Static, CamelCase: `Creating`.
        reason: &'static str,
    },
    /// It is being deleted; another can be made under its name once it is gone.
    Leaving,
    /// It exists and does not work; it may recover, or a person must look.
    Broken {
        /// The output, if dependants can use it all the same.
        usable: Option<O>,
        /// For people: what is wrong.
        message: String,
    },
    /// It will never work; only a new one helps. What holds data is never given up: there it counts as broken.
    Dead {
        /// For people: what the cloud said.
        message: String,
    },
}

impl<O> State<O> {
    /// What dependants may use of it now.
    pub fn usable(&self) -> Option<&O> {
        match self {
            Self::Ready(output) => Some(output),
            Self::Settling { usable, .. } | Self::Broken { usable, .. } => usable.as_ref(),
            Self::Leaving | Self::Dead { .. } => None,
        }
    }
}
