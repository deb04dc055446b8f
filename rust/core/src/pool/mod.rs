//! Study effects to a pooled effect.

pub mod interval;
pub mod inverse_variance;
pub mod mantel_haenszel;
pub mod peto;
pub mod subgroup;

/// A pooled effect on the analysis scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The effect.
    pub estimate: f64,
    /// Its standard error.
    pub se: f64,
}
