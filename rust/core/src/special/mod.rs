//! Distribution functions: tails by survival functions, never by 1 - cdf.

mod arctangent;
pub mod chi_square;
mod double_double;
mod erfcx;
mod exp_ln;
mod gamma_ratio;
pub mod normal;
mod quantile;
mod stirling;
pub mod student_t;

use crate::simd::{Lanes, MOST_LANES, Mask};
pub(crate) use arctangent::atan_of_quotient;
pub use erfcx::erfcx;
pub use exp_ln::{exp, have_ln_ratio, ln, ln_1p, ln_ratio};
pub use gamma_ratio::{gamma_half_ratio, squared_gamma_half_ratio_excess};
pub use quantile::{chi_square_upper_quantile, t_critical};
pub(crate) use stirling::stirling_error;

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

/// `values`, and f(x, y) in the lanes of the mask.
#[inline(always)]
fn patch<V: Lanes>(values: V, mask: V::Mask, x: V, y: V, f: impl Fn(f64, f64) -> f64) -> V {
    if !mask.any() {
        return values;
    }
    let [mut found, mut where_to, mut xs, mut ys] = [[0.0; MOST_LANES]; 4];
    values.store(&mut found, 0);
    V::splat(1.0).or_zero(mask).store(&mut where_to, 0);
    x.store(&mut xs, 0);
    y.store(&mut ys, 0);
    for i in (0..V::LANES).filter(|&i| where_to[i] != 0.0) {
        found[i] = f(xs[i], ys[i]);
    }
    V::load(&found, 0)
}
