//! Cochran's Q and what follows from it: its P, I² and H².

use crate::special::chi_square;

/// Cochran's Q about a given mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CochranQ {
    /// Σ w (y - mean)².
    pub q: f64,
    /// Number of studies less 1.
    pub df: f64,
}

impl CochranQ {
    /// Q = Σ w (y - mean)² over the included studies, w = 1/v.
    ///
    /// # Formula
    /// Cochran 1954. About the Mantel-Haenszel mean it is the Q that RevMan prints. Of one study it is
    /// 0, whatever rounding makes of it.
    ///
    /// # Example
    /// ```
    /// let q = metapool_core::heterogeneity::q::CochranQ::about(0.5, [(0.0, 0.1), (1.0, 0.1)].into_iter());
    /// assert!((q.q - 5.0).abs() < 1e-14 && q.df == 1.0 && (q.i2() - 80.0).abs() < 1e-12);
    /// ```
    #[must_use]
    pub fn about(mean: f64, effects: impl Iterator<Item = (f64, f64)>) -> Self {
        let (mut q, mut k) = (0.0, 0.0);
        for (y, v) in effects {
            q += (y - mean) * (y - mean) / v;
            k += 1.0;
        }
        Self { q: if k == 1.0 { 0.0 } else { q }, df: k - 1.0 }
    }

    /// P(chi² with `df` degrees of freedom > Q); 1 for df = 0.
    #[must_use]
    pub fn p_value(self) -> f64 {
        chi_square::sf(self.q, self.df)
    }

    /// I² = 100 max(0, (Q - df)/Q) percent (Higgins & Thompson 2002); 0 for df = 0.
    #[must_use]
    pub fn i2(self) -> f64 {
        if self.df > 0.0 && self.q > self.df { 100.0 * ((self.q - self.df) / self.q) } else { 0.0 }
    }

    /// H² = Q/df (Higgins & Thompson 2002); 1 for df = 0.
    #[must_use]
    pub fn h2(self) -> f64 {
        if self.df > 0.0 { self.q / self.df } else { 1.0 }
    }
}
