//! Distribution functions: tails by survival functions, never by 1 - cdf.

pub mod chi_square;
mod gamma_ratio;
pub mod normal;
pub mod student_t;

pub use gamma_ratio::gamma_half_ratio;

/// Continued fractions and series stop when a term changes nothing at this relative size.
const CONVERGED: f64 = f64::EPSILON / 4.0;
/// Stands in for a zero denominator in Lentz's method.
const TINY: f64 = 1e-300;
