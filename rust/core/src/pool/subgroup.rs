//! The test for differences between subgroups.

use crate::heterogeneity::q::CochranQ;
use crate::tile::Tile;

use super::{Estimate, inverse_variance};

/// Q_b = Σ W_g (mu_g - mu.)² over the subgroups that have an estimate, W_g = 1/SE_g², for every
/// model (Deeks & Higgins 2010; as RevMan computes it); df is their number less 1.
///
/// # Example
/// ```
/// let q = metapool_core::pool::subgroup::difference(&[0.0, 1.0, f64::NAN], &[0.5, 0.5, f64::NAN]);
/// assert!((q.q - 2.0).abs() < 1e-15 && q.df == 1.0);
/// ```
#[must_use]
pub fn difference(estimates: &[f64], standard_errors: &[f64]) -> CochranQ<f64> {
    let exist = |(y, se): &(&f64, &f64)| y.is_finite() && se.is_finite();
    let groups = estimates.iter().zip(standard_errors).filter(exist);
    let (y, w): (Vec<f64>, Vec<f64>) = groups.map(|(y, se)| (y, 1.0 / (se * se))).unzip();
    let groups = Tile::new(&y, &w);
    let Estimate { estimate, .. } = inverse_variance::pool(groups, 0.0);
    CochranQ::about(estimate, y.len() as f64, groups)
}
