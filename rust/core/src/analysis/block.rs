//! A block of neighbouring analyses: the effects of its studies and the sums of Mantel and Haenszel.

use crate::effect::binary::Table;
use crate::effect::block::{BlockEffects, parts};
use crate::effect::continuity::Correction;
use crate::fours::{Fours, FoursMut};
use crate::measure::Measure;
use crate::pool::mantel_haenszel::{MantelHaenszel, Terms};
use crate::simd::{self, Elementwise, Kernel, Lanes, Register};
use crate::studies::TwoByTwo;
use crate::tile::Tiler;

use super::pooled::{Mean, Pooled};

/// What is computed of a block before its analyses are pooled.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) effects: BlockEffects,
    /// Mantel and Haenszel's terms, four side by side: of studies, and summed.
    terms: [Fours; FOURS],
    sums: [Fours; FOURS],
    /// Means about which Q is taken.
    pub(super) centre: Vec<f64>,
    pub(super) tiler: Tiler<2>,
}

pub(super) const FOURS: usize = Terms::<f64>::FOURS;

impl Block {
    /// Pools by Mantel and Haenszel's method; effects that do not enter its Q are taken out.
    pub(super) fn mantel_haenszel(
        &mut self,
        method: MantelHaenszel,
        tables: &TwoByTwo<'_>,
        pooled: &mut Pooled,
    ) {
        self.sum_terms::<FOURS>(method, tables);
        simd::each(pooled.n_analyses(), Estimates { method, sums: &self.sums, pooled });
    }

    /// The term of Mantel and Haenszel's denominator of a study, the weight that RevMan prints.
    pub(super) fn denominator(&self, row: usize) -> f64 {
        let [_, s, ..] = self.terms[0].load::<f64>(row);
        s
    }

    /// Mantel and Haenszel's means of all analyses into `centre`.
    pub(super) fn mantel_haenszel_means(&mut self, method: MantelHaenszel, tables: &TwoByTwo<'_>) {
        self.sum_terms::<1>(method, tables);
        let n = self.effects.n_analyses();
        self.centre.resize(n, 0.0);
        simd::each(n, Means { method, sums: &self.sums[0], means: &mut self.centre });
    }

    /// The terms of a study.
    pub(super) fn terms_of(&self, row: usize) -> Terms<f64> {
        Terms::from_fours(self.terms.each_ref().map(|column| column.load(row)))
    }

    /// The first 4 `N` terms of the tables, summed over each analysis.
    fn sum_terms<const N: usize>(&mut self, method: MantelHaenszel, tables: &TwoByTwo<'_>) {
        self.take_terms::<N>(method, tables);
        let n = self.effects.n_analyses();
        self.sums[..N].iter_mut().for_each(|column| column.resize(n));
        simd::run(SumTerms::<'_, N> { block: self });
    }

    /// The first 4 `N` terms of the tables; with all of them, effects that do not enter Q are taken out.
    pub(super) fn take_terms<const N: usize>(
        &mut self,
        method: MantelHaenszel,
        tables: &TwoByTwo<'_>,
    ) {
        let rows = self.effects.n_studies();
        self.terms.iter_mut().for_each(|column| column.resize(rows));
        simd::run(TakeTerms::<'_, N> { block: self, method, tables });
    }
}

/// Mantel and Haenszel's terms of tables, the first 4 `N` of them.
struct TakeTerms<'a, const N: usize> {
    block: &'a mut Block,
    method: MantelHaenszel,
    tables: &'a TwoByTwo<'a>,
}

impl<const N: usize> Kernel for TakeTerms<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { block: Block { effects, terms, .. }, method, tables } = self;
        let (starts, w) = if N == FOURS {
            effects.precisions()
        } else {
            (effects.starts.as_slice(), effects.w.as_mut_slice())
        };
        for rows in parts(starts, Correction::of_mantel_haenszel_alone(&method.conventions)) {
            let tables = tables.slice(rows.clone());
            let correction = Correction::of_mantel_haenszel(&method.conventions, &tables);
            let terms = terms.each_mut().map(|column| column.part(rows.clone()));
            let w = &mut w[rows.clone()];
            let mut pass = TermsOf::<N> { method, correction, tables, terms, w };
            match method.measure {
                Measure::Or => {
                    pass.method.measure = Measure::Or;
                    simd::elementwise::<V>(rows.len(), &mut pass);
                }
                Measure::Rr => {
                    pass.method.measure = Measure::Rr;
                    simd::elementwise::<V>(rows.len(), &mut pass);
                }
                _ => {
                    pass.method.measure = Measure::Rd;
                    simd::elementwise::<V>(rows.len(), &mut pass);
                }
            }
        }
    }
}

/// Sums of the first 4 `N` terms over each analysis, in the order of its studies.
struct SumTerms<'a, const N: usize> {
    block: &'a mut Block,
}

impl<const N: usize> Kernel for SumTerms<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Block { effects: BlockEffects { starts, .. }, terms, sums, .. } = self.block;
        for (column, sums) in terms[..N].iter().zip(sums) {
            column.sum::<V>(starts, sums);
        }
    }
}

struct TermsOf<'a, const N: usize> {
    method: MantelHaenszel,
    correction: Correction,
    tables: TwoByTwo<'a>,
    terms: [FoursMut<'a>; FOURS],
    w: &'a mut [f64],
}

impl<const N: usize> Elementwise for TermsOf<'_, N> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let raw = Table::<V>::of(&self.tables, i);
        let found = self.method.terms(raw, self.correction).into_fours();
        for (column, four) in self.terms[..N].iter_mut().zip(found) {
            column.store(i, four);
        }
        if N == FOURS {
            V::load(self.w, i).or_zero(self.method.in_q(raw)).store(self.w, i);
        }
    }
}

struct Estimates<'a> {
    method: MantelHaenszel,
    sums: &'a [Fours; FOURS],
    pooled: &'a mut Pooled,
}

impl Elementwise for Estimates<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { method, sums: [first, second], pooled } = self;
        let sums = Terms::<V>::from_fours([first.load(i), second.load(i)]);
        pooled.store(
            i,
            Mean { found: method.estimate(sums), k: sums.k, df: V::splat(f64::INFINITY) },
        );
    }
}

struct Means<'a> {
    method: MantelHaenszel,
    sums: &'a Fours,
    means: &'a mut [f64],
}

impl Elementwise for Means<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { method, sums, means } = self;
        let [r, s, difference, _] = sums.load::<V>(i);
        method.mean(r, s, difference).store(means, i);
    }
}
