//! Tests that all tables have the same odds ratio, by Breslow & Day (1980) and Tarone (1985).

use crate::effect::binary::Table;

/// Breslow and Day's statistic and Tarone's, chi-square with a degree of freedom less than there are tables;
/// NaN where the odds ratio is 0 or infinite.
///
/// # Formula
/// With A the count a that has the table's margins and `odds_ratio` (Mantel and Haenszel's) and V = 1/(1/A +
/// 1/B + 1/C + 1/D): Σ(a - A)²/V; Tarone's is that less (Σ(a - A))²/ΣV.
///
/// # Example
/// ```
/// use metapool_core::effect::binary::Table;
/// use metapool_core::heterogeneity::breslow_day::statistics;
/// let tables = [Table { a: 6.0, b: 4.0, c: 4.0, d: 6.0 }, Table { a: 4.0, b: 6.0, c: 6.0, d: 4.0 }];
/// let (breslow_day, tarone) = statistics(&tables, 1.0); // A = 5, V = 5/4
/// assert!((breslow_day - 1.6).abs() < 1e-15 && tarone == breslow_day);
/// ```
#[must_use]
pub fn statistics(tables: &[Table<f64>], odds_ratio: f64) -> (f64, f64) {
    if !(odds_ratio > 0.0 && odds_ratio.is_finite()) {
        return (f64::NAN, f64::NAN);
    }
    let [mut squares, mut distances, mut variances] = [0.0; 3];
    for table in tables {
        let (distance, inverse) = distance(*table, odds_ratio);
        squares += distance * distance * inverse;
        distances += distance;
        variances += 1.0 / inverse;
    }
    (squares, squares - distances * distances / variances)
}

/// a - A and 1/V of a table; the distance is the same for all cells but for its sign, and rounds least in
/// the smallest.
fn distance(Table { a, b, c, d }: Table<f64>, odds_ratio: f64) -> (f64, f64) {
    let cells = [
        (a, fitted([[a, b], [c, d]], odds_ratio), 1.0),
        (b, fitted([[b, a], [d, c]], 1.0 / odds_ratio), -1.0),
        (c, fitted([[c, d], [a, b]], 1.0 / odds_ratio), -1.0),
        (d, fitted([[d, c], [b, a]], odds_ratio), 1.0),
    ];
    let (mut least, mut distance, mut inverse) = (f64::INFINITY, 0.0, 0.0);
    for (count, fitted, sign) in cells {
        inverse += 1.0 / fitted;
        if fitted < least {
            (least, distance) = (fitted, sign * (count - fitted));
        }
    }
    (distance, inverse)
}

/// The first cell of the table with the same margins and this odds ratio ψ.
///
/// # Formula
/// A (n2 - m1 + A) = ψ (n1 - A)(m1 - A). With B = n2 - m1 + ψ (n1 + m1), A = 2 ψ n1 m1/(B + √D), or the same
/// as (√D - B)/(2 - 2ψ); D = B² + 4 (1 - ψ) ψ n1 m1 = ψ²(n1 - m1)² + 2ψ(n1 n2 + m1 m0) + (n2 - m1)² has no
/// difference of large terms.
fn fitted([[a, b], [c, d]]: [[f64; 2]; 2], odds_ratio: f64) -> f64 {
    let (n1, m1) = (a + b, a + c);
    let (across, along) = (odds_ratio * (b - c), d - a); // ψ(n1 - m1), n2 - m1
    let products = n1 * (c + d) + m1 * (b + d);
    let root = (across * across + 2.0 * odds_ratio * products + along * along).sqrt();
    let linear = along + odds_ratio * (n1 + m1);
    if linear > 0.0 {
        2.0 * odds_ratio * n1 * m1 / (linear + root)
    } else {
        (root - linear) / (2.0 - 2.0 * odds_ratio)
    }
}
