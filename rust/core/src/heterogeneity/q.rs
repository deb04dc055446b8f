//! Cochran's Q and what follows from it: its P, I² and H².

use crate::sample::{Multiplicity, Sample};
use crate::simd::Lanes;
use crate::special::chi_square;

/// Cochran's Q about a given mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CochranQ<V> {
    /// Σ w (y - mean)².
    pub q: V,
    /// Number of studies less 1.
    pub df: V,
}

impl<V: Lanes> CochranQ<V> {
    /// Q = Σ w (y - mean)² of `k` studies, w = 1/v.
    ///
    /// # Formula
    /// Cochran 1954. About the Mantel-Haenszel mean it is the Q that RevMan prints. Of one study it is
    /// 0, whatever rounding makes of it.
    ///
    /// # Example
    /// ```
    /// use metapool_core::{heterogeneity::q::CochranQ, tile::Tile};
    /// let q = CochranQ::about(0.5, 2.0, Tile::new(&[0.0, 1.0], &[10.0, 10.0]));
    /// assert!((q.q - 5.0).abs() < 1e-14 && q.df == 1.0 && (q.i2() - 80.0).abs() < 1e-12);
    /// ```
    #[inline(always)]
    #[must_use]
    pub fn about(mean: V, k: V, effects: impl Sample) -> Self {
        let mut q = V::splat(0.0);
        for (y, w, n) in effects.studies::<V>() {
            let distance = y - mean;
            q = q + n.times(distance * distance * w);
        }
        Self { q: q.or_zero(!k.eq(V::splat(1.0))), df: k - 1.0 }
    }

    /// P(chi² with `df` degrees of freedom > Q); 1 for df = 0.
    #[inline(always)]
    #[must_use]
    pub fn p_value(self) -> V {
        chi_square::sf(self.q, self.df)
    }

    /// I² = 100 max(0, (Q - df)/Q) percent (Higgins & Thompson 2002); 0 for df = 0.
    #[inline(always)]
    #[must_use]
    pub fn i2(self) -> V {
        let excess = ((self.q - self.df) / self.q) * 100.0;
        excess.or_zero(V::splat(0.0).lt(self.df) & self.df.lt(self.q))
    }

    /// H² = Q/df (Higgins & Thompson 2002); 1 for df = 0.
    #[inline(always)]
    #[must_use]
    pub fn h2(self) -> V {
        V::select(V::splat(0.0).lt(self.df), self.q / self.df, V::splat(1.0))
    }

    /// Whether it exists: not without a study, nor beyond floating point.
    #[inline(always)]
    #[must_use]
    pub(crate) fn exists(self) -> V::Mask {
        self.q.is_finite() & V::splat(0.0).le(self.df)
    }
}
