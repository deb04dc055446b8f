//! Enums whose variants carry the names that users write.

/// A name that is none of a choice's variants.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{choice} must be one of {}, not '{given}'", .allowed.join(", "))]
pub struct UnknownName {
    /// What was chosen, for example "measure".
    pub choice: &'static str,
    /// The name that was given.
    pub given: String,
    /// The names that exist.
    pub allowed: &'static [&'static str],
}

/// Defines a fieldless `Copy` enum with `NAMES`, `ALL`, `name()` and `from_name()`.
macro_rules! choice {
    (
        $(#[$meta:meta])*
        pub enum $enum:ident : $what:literal { $( $(#[$vmeta:meta])* $variant:ident = $name:literal ),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $enum { $( $(#[$vmeta])* $variant ),+ }

        impl $enum {
            /// Every name, in order of declaration.
            pub const NAMES: &'static [&'static str] = &[$($name),+];
            /// Every variant, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name that users write.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The variant of this name.
            ///
            /// # Errors
            /// [`UnknownName`](crate::choice::UnknownName) lists the names that exist.
            pub fn from_name(name: &str) -> Result<Self, crate::choice::UnknownName> {
                match name {
                    $($name => Ok(Self::$variant),)+
                    _ => Err(crate::choice::UnknownName {
                        choice: $what,
                        given: name.to_owned(),
                        allowed: Self::NAMES,
                    }),
                }
            }
        }
    };
}
pub(crate) use choice;
