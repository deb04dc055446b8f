//! Special functions, for the tests that hold them against mpmath.

use metapool_core::special::{self, chi_square, normal, student_t};
use pyo3::prelude::*;

/// Two-sided P of a t statistic.
#[pyfunction]
pub(crate) fn t_p_value(t: f64, df: f64) -> f64 {
    student_t::two_sided(t, df)
}

/// P(X > x) of chi-square.
#[pyfunction]
pub(crate) fn chi_square_sf(x: f64, df: f64) -> f64 {
    chi_square::sf(x, df)
}

/// P(X > x) of the standard normal distribution.
#[pyfunction]
pub(crate) fn normal_sf(x: f64) -> f64 {
    normal::sf(x)
}

/// Natural logarithm.
#[pyfunction]
pub(crate) fn ln(x: f64) -> f64 {
    special::ln(x)
}

/// ln(r/s), given also r - s.
#[pyfunction]
pub(crate) fn ln_ratio(r: f64, s: f64, difference: f64) -> f64 {
    special::ln_ratio(r, s, difference)
}

/// Exponential.
#[pyfunction]
pub(crate) fn exp(x: f64) -> f64 {
    special::exp(x)
}
