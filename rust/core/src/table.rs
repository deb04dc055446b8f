//! Results as struct of arrays.

/// For the plain struct `$row` defines `$soa`, a vector per field, and `$view`, a mutable slice per
/// field: what a block of analyses writes to.
macro_rules! struct_of_arrays {
    (
        $(#[$meta:meta])* pub struct $row:ident / $soa:ident / $view:ident {
            $( $(#[$fmeta:meta])* pub $field:ident : $type:ty = $empty:expr ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $row { $( $(#[$fmeta])* pub $field: $type ),+ }

        #[doc = concat!("One [`", stringify!($row), "`] per meta-analysis, a vector per field.")]
        #[derive(Debug, Clone, Default)]
        #[allow(missing_docs)]
        pub struct $soa { $( pub $field: Vec<$type> ),+ }

        #[doc = concat!("The part of [`", stringify!($soa), "`] that one block writes.")]
        #[derive(Debug, Default)]
        #[allow(missing_docs)]
        pub struct $view<'a> { $( pub $field: &'a mut [$type] ),+ }

        impl $row {
            /// Every field undefined.
            pub const EMPTY: Self = Self { $( $field: $empty ),+ };
        }

        impl $soa {
            /// `n` empty rows.
            #[must_use]
            pub fn new(n: usize) -> Self {
                Self { $( $field: vec![$empty; n] ),+ }
            }

            /// A view of all rows.
            pub fn view(&mut self) -> $view<'_> {
                $view { $( $field: &mut self.$field ),+ }
            }
        }

        impl<'a> $view<'a> {
            /// The first `n` rows and the rest.
            #[must_use]
            pub fn split_at(self, n: usize) -> (Self, Self) {
                $( let $field = self.$field.split_at_mut(n); )+
                (Self { $( $field: $field.0 ),+ }, Self { $( $field: $field.1 ),+ })
            }

            /// Writes row `i`.
            pub fn set(&mut self, i: usize, row: $row) {
                $( self.$field[i] = row.$field; )+
            }
        }
    };
}
pub(crate) use struct_of_arrays;
