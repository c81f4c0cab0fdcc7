use crate::graph::GIVEN;
use crate::{Handle, Output, Outputs};

/// The handles that a node needs: `()`, a handle, one in a certain state ([`When`]), inputs that may be missing
/// ([`Maybe`]), an `Option` or a `Vec` of inputs, a tuple of them.
pub trait Inputs: Send + Sync + 'static {
    /// Their outputs.
    type Value;
    /// The nodes needed.
    fn edges(&self, edges: &mut Vec<usize>);
    /// The outputs, once all are known.
    fn value(&self, outputs: &Outputs) -> Option<Self::Value>;
}

impl<O: Output> Handle<O> {
    /// The output once it is as asked: who needs it waits until then.
    pub fn when(self, asked: fn(&O) -> bool) -> When<O> {
        When { handle: self, asked }
    }
}

/// An output that is needed only in a certain state. See [`Handle::when`].
pub struct When<O> {
    handle: Handle<O>,
    asked: fn(&O) -> bool,
}

impl<O> Clone for When<O> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<O> Copy for When<O> {}

/// What is of use and not needed: who has it as input goes on once the nodes are through, with what is known by then.
#[derive(Debug, Clone, Copy)]
pub struct Maybe<I>(pub I);

impl<O: Output> Inputs for Handle<O> {
    type Value = O;

    fn edges(&self, edges: &mut Vec<usize>) {
        // What is given needs nothing to be made.
        edges.extend(Some(self.index).filter(|index| *index < GIVEN));
    }

    fn value(&self, outputs: &Outputs) -> Option<O> {
        outputs.get(*self).cloned()
    }
}

impl<O: Output> Inputs for When<O> {
    type Value = O;

    fn edges(&self, edges: &mut Vec<usize>) {
        self.handle.edges(edges);
    }

    fn value(&self, outputs: &Outputs) -> Option<O> {
        outputs.get(self.handle).filter(|output| (self.asked)(output)).cloned()
    }
}

impl<I: Inputs> Inputs for Maybe<I> {
    type Value = Option<I::Value>;

    fn edges(&self, edges: &mut Vec<usize>) {
        self.0.edges(edges);
    }

    fn value(&self, outputs: &Outputs) -> Option<Self::Value> {
        Some(self.0.value(outputs))
    }
}

impl<I: Inputs> Inputs for Option<I> {
    type Value = Option<I::Value>;

    fn edges(&self, edges: &mut Vec<usize>) {
        self.iter().for_each(|input| input.edges(edges));
    }

    fn value(&self, outputs: &Outputs) -> Option<Self::Value> {
        match self {
            Some(input) => input.value(outputs).map(Some),
            None => Some(None),
        }
    }
}

impl<I: Inputs> Inputs for Vec<I> {
    type Value = Vec<I::Value>;

    fn edges(&self, edges: &mut Vec<usize>) {
        self.iter().for_each(|input| input.edges(edges));
    }

    fn value(&self, outputs: &Outputs) -> Option<Self::Value> {
        self.iter().map(|input| input.value(outputs)).collect()
    }
}

impl Inputs for () {
    type Value = ();

    fn edges(&self, _: &mut Vec<usize>) {}

    fn value(&self, _: &Outputs) -> Option<()> {
        Some(())
    }
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => { $(
        #[allow(non_snake_case, reason = "the type's name names the value too")]
        impl<$($name: Inputs),+> Inputs for ($($name,)+) {
            type Value = ($($name::Value,)+);

            fn edges(&self, edges: &mut Vec<usize>) {
                let ($($name,)+) = self;
                $($name.edges(edges);)+
            }

            fn value(&self, outputs: &Outputs) -> Option<Self::Value> {
                let ($($name,)+) = self;
                Some(($($name.value(outputs)?,)+))
            }
        }
    )* };
}
tuples! { A; A B; A B C; A B C D; A B C D E; A B C D E F; A B C D E F G; A B C D E F G H; }
