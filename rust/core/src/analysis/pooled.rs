//! The analyses of a block, pooled, before they are described.

use crate::fours::Fours;
use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::Iterated;
use crate::pool::Estimate;
use crate::simd::Lanes;
use crate::tile::Members;

/// A pooled effect of `k` studies and the degrees of freedom of its t, infinite for the normal
/// distribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mean<V> {
    pub(super) found: Estimate<V>,
    pub(super) k: V,
    pub(super) df: V,
}

/// What is said of the spread of the effects.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread<V> {
    pub(super) q: CochranQ<V>,
    pub(super) tau2: Iterated<V>,
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
    /// Degrees of freedom of the mean, steps to tau2.
    how: Fours,
}

impl Pooled {
    /// Makes room for `n` analyses.
    pub(super) fn resize(&mut self, n: usize) {
        self.mean_and_q.resize(n);
        self.spread.resize(n);
        self.how.resize(n);
    }

    /// Number of analyses.
    pub(super) fn n_analyses(&self) -> usize {
        self.mean_and_q.len()
    }

    /// The means of the analyses from `i` on.
    #[inline(always)]
    pub(super) fn mean<V: Lanes>(&self, i: usize) -> Mean<V> {
        mean(self.mean_and_q.load(i), self.how.load(i))
    }

    /// The means of the analyses in the lanes of a tile.
    #[inline(always)]
    pub(super) fn gather_means<V: Lanes>(&self, members: Members<'_>) -> Mean<V> {
        mean(self.mean_and_q.gather(members), self.how.gather(members))
    }

    /// The spreads of the analyses from `i` on.
    #[inline(always)]
    pub(super) fn spread<V: Lanes>(&self, i: usize) -> Spread<V> {
        let [.., q] = self.mean_and_q.load::<V>(i);
        let [df, tau2, i2, h2] = self.spread.load(i);
        let [_, steps, ..] = self.how.load::<V>(i);
        Spread { q: CochranQ { q, df }, tau2: Iterated { tau2, steps }, i2, h2 }
    }

    /// Takes analysis `i` from another block.
    pub(super) fn take(&mut self, i: usize, other: &Self) {
        self.mean_and_q.take(i, &other.mean_and_q);
        self.spread.take(i, &other.spread);
        self.how.take(i, &other.how);
    }

    /// Writes means without a spread yet, from `i` on.
    #[inline(always)]
    pub(super) fn store<V: Lanes>(&mut self, i: usize, Mean { found, k, df }: Mean<V>) {
        self.mean_and_q.store(i, [found.estimate, found.se, k, V::splat(f64::NAN)]);
        self.how.store(i, [df, V::splat(0.0), V::splat(0.0), V::splat(0.0)]);
    }

    /// Writes the analyses in the lanes of a tile.
    #[inline(always)]
    pub(super) fn scatter<V: Lanes>(
        &mut self,
        members: Members<'_>,
        Mean { found, k, df }: Mean<V>,
        Spread { q, tau2, i2, h2 }: Spread<V>,
    ) {
        self.mean_and_q.scatter(members, [found.estimate, found.se, k, q.q]);
        self.spread.scatter(members, [q.df, tau2.tau2, i2, h2]);
        self.how.scatter(members, [df, tau2.steps, V::splat(0.0), V::splat(0.0)]);
    }
}

#[inline(always)]
fn mean<V: Lanes>([estimate, se, k, _]: [V; 4], [df, ..]: [V; 4]) -> Mean<V> {
    Mean { found: Estimate { estimate, se }, k, df }
}
