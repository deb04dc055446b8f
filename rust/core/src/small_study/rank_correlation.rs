//! The rank correlation test (Begg & Mazumdar 1994).

use std::ops::Range;

use crate::choice::choice;
use crate::conventions::Conventions;
use crate::effect::block::BlockEffects;
use crate::fours::Fours;
use crate::measure::Measure;
use crate::simd::{self, Kernel, Lanes, Mask, Register};
use crate::special::normal;
use crate::status::Status;
use crate::studies::Studies;
use crate::tile::{Members, TileKernel, Tiler};

use super::regression::{LinesView, RELATIVE_SPREAD};

choice! {
    /// Where P of Kendall's score comes from.
    pub enum RankP: "p" {
        /// From all orders of up to 1000 studies of which no two are equal; else as "normal".
        Exact = "exact",
        /// From the normal distribution with the variance for ties.
        Normal = "normal",
        /// The same with a continuity correction of 1.
        Corrected = "corrected",
    }
}

/// A rank correlation test and what it needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankPlan {
    /// Whose effects.
    pub measure: Measure,
    /// How they are taken.
    pub conventions: Conventions,
    /// Where P comes from.
    pub p: RankP,
}

/// Space for a block of tests, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    effects: BlockEffects,
    tiler: Tiler<2>,
    /// Score, pairs that differ in y* and in w, studies.
    scores: Fours,
    orders: Orders,
}

/// Tests meta-analyses `first..first + n` and writes to `out`, the view of these `n` rows: bias is Kendall's score S,
/// slope his tau-b.
pub fn test_ranks(
    plan: &RankPlan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    out: &mut LinesView<'_>,
) {
    let n = out.bias.len();
    let columns = scratch.effects.take(studies, first, n);
    scratch.effects.fill(plan.measure, &plan.conventions, &columns);
    scratch.scores.resize(n);
    simd::run(Score { scratch });
    let Scratch { effects, scores, orders, .. } = scratch;
    for i in 0..n {
        let kendall = Kendall::of(scores.load(i), || effects.studies(i), effects);
        let (z, p_value) = match plan.p {
            RankP::Corrected => kendall.by_normal(1.0),
            RankP::Exact if !kendall.has_ties && kendall.k <= MOST_EXACT => {
                (kendall.by_normal(0.0).0, kendall.exact(orders))
            }
            _ => kendall.by_normal(0.0),
        };
        let status = match kendall.k {
            0 | 1 => Status::TooFewStudies,
            _ if !kendall.tau_b.is_finite() => Status::ZeroSpread,
            _ => Status::Ok,
        };
        let or_nan = |value: f64| if status == Status::Ok { value } else { f64::NAN };
        out.bias[i] = or_nan(kendall.score);
        out.se[i] = or_nan(kendall.variance.sqrt());
        out.statistic[i] = or_nan(z);
        out.slope[i] = or_nan(kendall.tau_b);
        (out.slope_se[i], out.dispersion[i]) = (f64::NAN, f64::NAN);
        if let Some(p) = out.p_value.get_mut(i) {
            *p = or_nan(p_value);
        }
        (out.df[i], out.k[i], out.status[i]) = (0, kendall.k as i64, status as i64);
    }
}

struct Score<'a> {
    scratch: &'a mut Scratch,
}

impl Kernel for Score<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Scratch { effects, tiler, scores, .. } = self.scratch;
        tiler.run::<V, _>(effects.pairs(), &mut ScoreTiles { standard: Vec::new(), scores });
    }
}

struct ScoreTiles<'a> {
    standard: Vec<f64>,
    scores: &'a mut Fours,
}

impl TileKernel<2> for ScoreTiles<'_> {
    #[inline(always)]
    fn tile<V: Lanes>(&mut self, members: Members<'_>, [y, w]: [&[f64]; 2]) {
        let Self { standard, scores } = self;
        let differ = standardise::<V>(y, w, standard);
        let zero = V::splat(0.0);
        let [mut score, mut different, mut different_w, mut k] = [zero; 4];
        for i in (0..w.len()).step_by(V::LANES) {
            let (x, w_i) = (V::load(standard, i), V::load(w, i));
            let used = zero.lt(w_i);
            k = k + V::splat(1.0).or_zero(used);
            for j in (0..i).step_by(V::LANES) {
                let w_j = V::load(w, j);
                let both = used & zero.lt(w_j);
                // the variance is the greater where the precision is less
                let (a, b) = (sign(x - V::load(standard, j)), sign(w_j - w_i));
                score = score + (a * b).or_zero(both);
                different = different + (a * a).or_zero(both);
                different_w = different_w + (b * b).or_zero(both);
            }
        }
        scores.scatter(members, [score, different.or_zero(differ), different_w, k]);
    }
}

/// Standardised effects; whether they differ by more than rounding.
///
/// # Formula
/// y* = (y - mu)/√(v - 1/Σw), mu = Σwy/Σw; v - 1/Σw = (Σw - w)/(w Σw), of a study of more than half of the weight with
/// the sum over the others: so no digits are lost, and equal studies stay equal.
#[inline(always)]
fn standardise<V: Lanes>(y: &[f64], w: &[f64], standard: &mut Vec<f64>) -> V::Mask {
    standard.resize(y.len(), 0.0);
    let (mut total, mut sum) = (V::splat(0.0), V::splat(0.0));
    for i in (0..w.len()).step_by(V::LANES) {
        let w = V::load(w, i);
        total = total + w;
        sum = sum + w * V::load(y, i);
    }
    let mean = sum / total;
    let (mut q, mut size) = (V::splat(0.0), V::splat(0.0));
    for i in (0..w.len()).step_by(V::LANES) {
        let (y_i, w_i) = (V::load(y, i), V::load(w, i));
        let mut others = total - w_i;
        let dominates = total.lt(w_i * 2.0);
        if dominates.any() {
            let mut sum = V::splat(0.0);
            for j in (0..w.len()).step_by(V::LANES) {
                if j != i {
                    sum = sum + V::load(w, j);
                }
            }
            others = V::select(dominates, sum, others);
        }
        let distance = y_i - mean;
        q = q + w_i * distance * distance;
        size = size + w_i * y_i * y_i;
        (distance / (others / (w_i * total)).sqrt()).store(standard, i);
    }
    !q.le(size * (RELATIVE_SPREAD * RELATIVE_SPREAD))
}

#[inline(always)]
fn sign<V: Lanes>(x: V) -> V {
    let (zero, one) = (V::splat(0.0), V::splat(1.0));
    one.or_zero(zero.lt(x)) - one.or_zero(x.lt(zero))
}

/// Kendall's rank correlation of pairs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Kendall {
    k: usize,
    /// S: concordant less discordant pairs.
    score: f64,
    variance: f64,
    tau_b: f64,
    has_ties: bool,
}

/// For more the exact P takes seconds.
const MOST_EXACT: usize = 1000;

impl Kendall {
    /// # Formula
    /// Var S = (k(k-1)(2k+5) - Σt(t-1)(2t+5) - Σu(u-1)(2u+5))/18 + Σt(t-1)(t-2) Σu(u-1)(u-2)/(9k(k-1)(k-2)) +
    /// Σt(t-1) Σu(u-1)/(2k(k-1)), of groups of t and u ties (Kendall 1970).
    fn of(
        [score, different, different_w, n]: [f64; 4],
        rows: impl Fn() -> Range<usize>,
        effects: &BlockEffects,
    ) -> Self {
        let pairs = 0.5 * n * (n - 1.0);
        let has_ties = different < pairs || different_w < pairs;
        let mut variance = n * (n - 1.0) * (2.0 * n + 5.0) / 18.0;
        if has_ties {
            let (y, w) = (&effects.y[rows()], &effects.w[rows()]);
            let mut standard = Vec::new();
            let _ = standardise::<f64>(y, w, &mut standard);
            let used = |column: &[f64]| {
                column.iter().zip(w).filter(|(_, w)| **w > 0.0).map(|(x, _)| *x).collect()
            };
            let (t, u) = (Ties::of(used(&standard)), Ties::of(used(w)));
            variance -= (t.first + u.first) / 18.0;
            variance += t.pairs * u.pairs / (2.0 * n * (n - 1.0));
            if n > 2.0 {
                variance += t.triples * u.triples / (9.0 * n * (n - 1.0) * (n - 2.0));
            }
        }
        let tau_b = score / (different.sqrt() * different_w.sqrt());
        Self { k: n as usize, score, variance, tau_b, has_ties }
    }

    /// z and P; the score loses `correction` of its size.
    fn by_normal(self, correction: f64) -> (f64, f64) {
        let size = (self.score.abs() - correction).max(0.0);
        let z = size.copysign(self.score) / self.variance.sqrt();
        (z, normal::two_sided(z))
    }

    /// Twice the share of orders with a score as far from 0 on its side, 1 at most.
    fn exact(self, orders: &mut Orders) -> f64 {
        let pairs = self.k * self.k.saturating_sub(1) / 2;
        let discordant = (pairs as f64 - self.score.abs()) / 2.0;
        (2.0 * orders.at_most(self.k, discordant as usize)).min(1.0)
    }
}

/// Sums over groups of t ties: t(t-1)(2t+5), t(t-1)(t-2), t(t-1).
#[derive(Debug, Default)]
struct Ties {
    first: f64,
    triples: f64,
    pairs: f64,
}

impl Ties {
    fn of(mut sorted: Vec<f64>) -> Self {
        sorted.sort_by(f64::total_cmp);
        let mut sums = Self::default();
        for group in sorted.chunk_by(|a, b| a == b) {
            let t = group.len() as f64;
            sums.first += t * (t - 1.0) * (2.0 * t + 5.0);
            sums.triples += t * (t - 1.0) * (t - 2.0);
            sums.pairs += t * (t - 1.0);
        }
        sums
    }
}

/// Shares of the orders of k things with at most so many inversions, kept for few things.
#[derive(Debug, Default)]
struct Orders(Vec<Vec<f64>>);

impl Orders {
    const KEPT: usize = 64;

    /// The share with `inversions` at most.
    fn at_most(&mut self, k: usize, inversions: usize) -> f64 {
        if self.0.is_empty() {
            self.0.push(vec![1.0]);
        }
        while self.0.len() < k.min(Self::KEPT) {
            let next = one_more(&self.0[self.0.len() - 1], self.0.len() + 1);
            self.0.push(next);
        }
        let kept = &self.0[k.clamp(1, Self::KEPT) - 1];
        let mut more = Vec::new();
        for k in Self::KEPT + 1..=k {
            more = one_more(if more.is_empty() { kept } else { &more }, k);
        }
        let shares = if more.is_empty() { kept } else { &more };
        shares[inversions.min(shares.len() - 1)]
    }
}

/// Cumulative shares of the orders of k things from those of one less.
///
/// # Formula
/// P(i) = Σ P(i - j)/k over j < k, of one less: the last of them has j before it (Kendall 1938).
fn one_more(less: &[f64], k: usize) -> Vec<f64> {
    let up_to = |i: usize| less[i.min(less.len() - 1)];
    let mut sum = 0.0;
    let shares = (0..=k * (k - 1) / 2).map(|i| {
        sum += (up_to(i) - if i < k { 0.0 } else { up_to(i - k) }) / k as f64;
        sum
    });
    shares.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_shares_of_all() {
        let mut orders = Orders::default();
        assert_eq!(orders.at_most(3, 0), 1.0 / 6.0);
        assert_eq!(orders.at_most(3, 1), 0.5);
        for k in 1..30 {
            let all = orders.at_most(k, k * (k - 1) / 2);
            assert!((all - 1.0).abs() < 1e-13, "{k}: {all}");
        }
    }

    #[test]
    fn scores_of_rows_in_order() {
        let alone = BlockEffects::default();
        let in_order = Kendall::of([6.0, 6.0, 6.0, 4.0], || 0..0, &alone);
        assert!((in_order.tau_b - 1.0).abs() < 1e-15 && !in_order.has_ties);
        assert!((in_order.exact(&mut Orders::default()) - 2.0 / 24.0).abs() < 1e-16);
        let ties = Ties::of(vec![1.0, 1.0, 2.0, 2.0]);
        assert_eq!((ties.first, ties.triples, ties.pairs), (36.0, 0.0, 4.0));
    }
}
