//! The test of Cochran (1954) and Mantel & Haenszel (1959) that no table has an effect.

use crate::effect::binary::Table;

/// The statistic, chi-square with one degree of freedom; NaN without information.
///
/// # Formula
/// (|Σ(a - n1 m1/N)| - c)² / Σ n1 n2 m1 m0/(N² (N - 1)), with the continuity correction c of ½ or 0.
///
/// # Example
/// ```
/// use metapool_core::effect::binary::Table;
/// use metapool_core::pool::cochran_mantel_haenszel::statistic;
/// let table = Table { a: 6.0, b: 4.0, c: 4.0, d: 6.0 };
/// assert!((statistic(&[table], false) - 0.76).abs() < 1e-15); // 1²/(10 10 10 10/(400 19))
/// ```
#[must_use]
pub fn statistic(tables: &[Table<f64>], correct: bool) -> f64 {
    let sum = |f: fn(Table<f64>) -> f64| tables.iter().map(|&table| f(table)).sum::<f64>();
    let distance = sum(Table::observed_minus_expected).abs() - if correct { 0.5 } else { 0.0 };
    let variance = sum(Table::hypergeometric_variance);
    if variance > 0.0 { distance * distance / variance } else { f64::NAN }
}
