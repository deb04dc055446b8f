//! Tables of four numbers side by side, so that a register holds all that is known of one study or
//! analysis: sums add it at once, and scattered lanes write and read it whole.

use crate::simd::{Lanes, Register};
use crate::tile::Members;

/// Four numbers of each study or analysis.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fours(Vec<f64>);

impl Fours {
    /// Makes room for `n`.
    pub(crate) fn resize(&mut self, n: usize) {
        self.0.resize(4 * n, 0.0);
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.0.len() / 4
    }

    /// Those from `i` on, by number.
    #[inline(always)]
    pub(crate) fn load<V: Lanes>(&self, i: usize) -> [V; 4] {
        V::load_fours(&self.0, i)
    }

    /// Writes those from `i` on.
    #[inline(always)]
    pub(crate) fn store<V: Lanes>(&mut self, i: usize, numbers: [V; 4]) {
        V::store_fours(numbers, &mut self.0, i);
    }

    /// Those of the analyses in the lanes of a tile, 0 in empty lanes.
    #[inline(always)]
    pub(crate) fn gather<V: Lanes>(&self, members: Members<'_>) -> [V; 4] {
        V::gather_fours(&self.0, members.analyses())
    }

    /// Writes those of the analyses in the lanes of a tile.
    #[inline(always)]
    pub(crate) fn scatter<V: Lanes>(&mut self, members: Members<'_>, numbers: [V; 4]) {
        V::scatter_fours(numbers, &mut self.0, members.analyses());
    }

    /// Sums over the studies `starts[i]..starts[i + 1]` of each analysis, in their order.
    #[inline(always)]
    pub(crate) fn sum<V: Register>(&self, starts: &[usize], sums: &mut Self) {
        for (bounds, sum) in starts.windows(2).zip(sums.0.chunks_exact_mut(4)) {
            let studies = &self.0[4 * bounds[0]..4 * bounds[1]];
            let numbers = studies.chunks_exact(4).map(|numbers| V::load(numbers, 0));
            numbers.fold(V::splat(0.0), |sum, numbers| sum + numbers).store(sum, 0);
        }
    }

    /// Those of `rows`.
    pub(crate) fn part(&mut self, rows: std::ops::Range<usize>) -> FoursMut<'_> {
        FoursMut(&mut self.0[4 * rows.start..4 * rows.end])
    }

    /// Takes those of `i` from another table.
    pub(crate) fn take(&mut self, i: usize, other: &Self) {
        let numbers = 4 * i..4 * i + 4;
        self.0[numbers.clone()].copy_from_slice(&other.0[numbers]);
    }
}

/// A part of [`Fours`] to write to.
#[derive(Debug)]
pub(crate) struct FoursMut<'a>(&'a mut [f64]);

impl FoursMut<'_> {
    /// Writes those from `i` on.
    #[inline(always)]
    pub(crate) fn store<V: Lanes>(&mut self, i: usize, numbers: [V; 4]) {
        V::store_fours(numbers, self.0, i);
    }
}
