//! A block of neighbouring analyses: the effects of its studies and the sums of Mantel and Haenszel.

use crate::effect::binary::Table;
use crate::effect::block::{BlockEffects, parts};
use crate::effect::continuity::Correction;
use crate::measure::Measure;
use crate::pool::Estimate;
use crate::pool::mantel_haenszel::{MantelHaenszel, Terms};
use crate::simd::{self, Elementwise, Kernel, Lanes, Register};
use crate::studies::TwoByTwo;
use crate::tile::{Tiler, sum_analyses};

use super::fits::Pooled;

/// What is computed of a block before its analyses are pooled.
#[derive(Debug, Default)]
pub(super) struct Block {
    pub(super) effects: BlockEffects,
    /// Mantel and Haenszel's terms, a column per quantity: of studies, and summed.
    terms: [Vec<f64>; TERMS],
    sums: [Vec<f64>; TERMS],
    /// Means about which Q is taken.
    pub(super) centre: Vec<f64>,
    pub(super) tiler: Tiler,
}

const TERMS: usize = Terms::<f64>::NUMBER;

impl Block {
    /// Pools by Mantel and Haenszel's method; effects that do not enter its Q are taken out.
    pub(super) fn mantel_haenszel(
        &mut self,
        method: MantelHaenszel,
        tables: &TwoByTwo<'_>,
        pooled: &mut Pooled,
    ) {
        self.sum_terms::<TERMS>(method, tables);
        simd::each(pooled.n_analyses(), Estimates { method, sums: &self.sums, pooled });
    }

    /// The terms of Mantel and Haenszel's denominator, the weights that RevMan prints.
    pub(super) fn denominators(&self) -> &[f64] {
        &self.terms[1]
    }

    /// Mantel and Haenszel's means of all analyses into `centre`.
    pub(super) fn mantel_haenszel_means(&mut self, method: MantelHaenszel, tables: &TwoByTwo<'_>) {
        self.sum_terms::<{ Terms::<f64>::OF_MEAN }>(method, tables);
        let n = self.effects.n_analyses();
        self.centre.resize(n, 0.0);
        simd::each(n, Means { method, sums: &self.sums, means: &mut self.centre });
    }

    /// The first `N` terms of the tables, summed over each analysis.
    fn sum_terms<const N: usize>(&mut self, method: MantelHaenszel, tables: &TwoByTwo<'_>) {
        let (rows, n) = (self.effects.n_studies(), self.effects.n_analyses());
        self.terms[..N].iter_mut().for_each(|column| column.resize(rows, 0.0));
        self.sums[..N].iter_mut().for_each(|column| column.resize(n, 0.0));
        simd::run(TakeTerms::<'_, N> { block: self, method, tables });
        simd::run(SumTerms::<'_, N> { block: self });
    }
}

/// Mantel and Haenszel's terms of tables, the first `N` of them.
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
        let BlockEffects { starts, w, .. } = effects;
        for rows in parts(starts, method.conventions.mh_cc_when) {
            let tables = tables.slice(rows.clone());
            let correction = Correction::of_mantel_haenszel(&method.conventions, &tables);
            let mut columns = terms.iter_mut().map(|column| &mut column[..]);
            let columns: [&mut [f64]; N] = std::array::from_fn(|_| match columns.next() {
                Some(column) => &mut column[rows.clone()],
                None => &mut [],
            });
            let w = &mut w[rows.clone()];
            let mut pass = TermsOf { method, correction, tables, terms: columns, w };
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

/// Sums of the first `N` terms over each analysis, in the order of its studies.
struct SumTerms<'a, const N: usize> {
    block: &'a mut Block,
}

impl<const N: usize> Kernel for SumTerms<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Block { effects: BlockEffects { starts, .. }, terms, sums, .. } = self.block;
        for (column, sums) in terms[..N].iter().zip(sums) {
            sum_analyses::<V>(column, starts, sums);
        }
    }
}

struct TermsOf<'a, const N: usize> {
    method: MantelHaenszel,
    correction: Correction,
    tables: TwoByTwo<'a>,
    terms: [&'a mut [f64]; N],
    w: &'a mut [f64],
}

impl<const N: usize> Elementwise for TermsOf<'_, N> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let raw = Table::<V>::of(&self.tables, i);
        let found = self.method.terms(raw, self.correction).into_array();
        for (column, term) in self.terms.iter_mut().zip(found) {
            term.store(column, i);
        }
        if N == TERMS {
            V::load(self.w, i).or_zero(self.method.in_q(raw)).store(self.w, i);
        }
    }
}

struct Estimates<'a> {
    method: MantelHaenszel,
    sums: &'a [Vec<f64>; TERMS],
    pooled: &'a mut Pooled,
}

impl Elementwise for Estimates<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { method, sums, pooled } = self;
        let sums = Terms::<V>::from_array(std::array::from_fn(|c| V::load(&sums[c], i)));
        let Estimate { estimate, se } = method.estimate(sums);
        estimate.store(&mut pooled.estimate, i);
        se.store(&mut pooled.se, i);
        sums.k.store(&mut pooled.k, i);
    }
}

struct Means<'a> {
    method: MantelHaenszel,
    sums: &'a [Vec<f64>; TERMS],
    means: &'a mut [f64],
}

impl Elementwise for Means<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let Self { method, sums: [r, s, difference, ..], means } = self;
        let (r, s) = (V::load(r, i), V::load(s, i));
        method.mean(r, s, V::load(difference, i)).store(means, i);
    }
}
