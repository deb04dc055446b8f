//! Distribution functions: tails by survival functions, never by 1 - cdf.

pub mod chi_square;
mod double_double;
mod gamma_ratio;
pub mod normal;
pub mod student_t;

pub use gamma_ratio::{gamma_half_ratio, squared_gamma_half_ratio_excess};

/// A series stops when a term changes nothing at this relative size.
const CONVERGED: f64 = f64::EPSILON / 4.0;
/// Degrees of freedom beyond which the normal distribution stands in: more than studies there are.
const NORMAL_LIMIT: f64 = 1e12;
/// Stands in for a zero denominator in Lentz's method.
const TINY: f64 = 1e-300;

/// Whether a continued fraction that a step multiplied by `change` has come to rest (NaN rests too).
/// Its last bits may oscillate: two roundings in each of c and d.
fn converged(change: f64) -> bool {
    change.is_nan() || (change - 1.0).abs() <= 4.0 * f64::EPSILON
}
