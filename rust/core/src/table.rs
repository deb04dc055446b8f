//! Results as struct of arrays.

/// Defines `$soa`, a vector per field, and `$view`, a mutable slice per field: what a block of
/// analyses writes to.
macro_rules! struct_of_arrays {
    (
        $(#[$meta:meta])* pub struct $soa:ident / $view:ident {
            $( $(#[$fmeta:meta])* pub $field:ident : $type:ty ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default)]
        pub struct $soa { $( $(#[$fmeta])* pub $field: Vec<$type> ),+ }

        #[doc = concat!("The part of [`", stringify!($soa), "`] that one block writes.")]
        #[derive(Debug, Default)]
        #[allow(missing_docs)]
        pub struct $view<'a> { $( pub $field: &'a mut [$type] ),+ }

        impl $soa {
            /// `n` rows, all zero: fresh memory is not written twice.
            #[must_use]
            pub fn new(n: usize) -> Self {
                Self { $( $field: vec![Default::default(); n] ),+ }
            }

            /// A view of all rows.
            pub fn view(&mut self) -> $view<'_> {
                $view { $( $field: &mut self.$field ),+ }
            }
        }

        impl<'a> $view<'a> {
            /// The first `n` rows and the rest; of a column that is left out, none.
            #[must_use]
            pub fn split_at(self, n: usize) -> (Self, Self) {
                $( let $field = self.$field.split_at_mut(n.min(self.$field.len())); )+
                (Self { $( $field: $field.0 ),+ }, Self { $( $field: $field.1 ),+ })
            }
        }
    };
}
pub(crate) use struct_of_arrays;
