//! The analyses of a block, pooled, before they are described.

use crate::fours::Fours;
use crate::heterogeneity::q::CochranQ;
use crate::pool::Estimate;
use crate::simd::Lanes;
use crate::tile::Members;

/// A pooled effect of `k` studies.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mean<V> {
    pub(super) found: Estimate<V>,
    pub(super) k: V,
}

/// What is said of the spread of the effects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread<V> {
    pub(super) q: CochranQ<V>,
    pub(super) tau2: V,
    pub(super) i2: V,
    pub(super) h2: V,
}

/// The analyses of a block. An estimate or Q that does not exist is not finite.
#[derive(Debug, Default)]
pub(super) struct Pooled {
    /// Estimate, standard error, number of studies, Q.
    mean_and_q: Fours,
    /// Degrees of freedom of Q, tau2, I2, H2.
    spread: Fours,
}

impl Pooled {
    /// Makes room for `n` analyses.
    pub(super) fn resize(&mut self, n: usize) {
        self.mean_and_q.resize(n);
        self.spread.resize(n);
    }

    /// Number of analyses.
    pub(super) fn n_analyses(&self) -> usize {
        self.mean_and_q.len()
    }

    /// The means of the analyses from `i` on.
    #[inline(always)]
    pub(super) fn mean<V: Lanes>(&self, i: usize) -> Mean<V> {
        mean(self.mean_and_q.load(i))
    }

    /// The means of the analyses in the lanes of a tile.
    #[inline(always)]
    pub(super) fn gather_means<V: Lanes>(&self, members: Members<'_>) -> Mean<V> {
        mean(self.mean_and_q.gather(members))
    }

    /// The spreads of the analyses from `i` on.
    #[inline(always)]
    pub(super) fn spread<V: Lanes>(&self, i: usize) -> Spread<V> {
        let [.., q] = self.mean_and_q.load::<V>(i);
        let [df, tau2, i2, h2] = self.spread.load(i);
        Spread { q: CochranQ { q, df }, tau2, i2, h2 }
    }

    /// Takes analysis `i` from another block.
    pub(super) fn take(&mut self, i: usize, other: &Self) {
        self.mean_and_q.take(i, &other.mean_and_q);
        self.spread.take(i, &other.spread);
    }

    /// Writes means without a spread yet, from `i` on.
    #[inline(always)]
    pub(super) fn store<V: Lanes>(&mut self, i: usize, Mean { found, k }: Mean<V>) {
        self.mean_and_q.store(i, [found.estimate, found.se, k, V::splat(f64::NAN)]);
    }

    /// Writes the analyses in the lanes of a tile.
    #[inline(always)]
    pub(super) fn scatter<V: Lanes>(
        &mut self,
        members: Members<'_>,
        Mean { found, k }: Mean<V>,
        Spread { q, tau2, i2, h2 }: Spread<V>,
    ) {
        self.mean_and_q.scatter(members, [found.estimate, found.se, k, q.q]);
        self.spread.scatter(members, [q.df, tau2, i2, h2]);
    }
}

#[inline(always)]
fn mean<V: Lanes>([estimate, se, k, _]: [V; 4]) -> Mean<V> {
    Mean { found: Estimate { estimate, se }, k }
}
