//! Trim and fill (Duval & Tweedie 2000).

use crate::analysis::{self, Fits, fit_block};
use crate::choice::choice;
use crate::conventions::Conventions;
use crate::effect::block::BlockEffects;
use crate::heterogeneity::line::{LineSums, Points, ResidualTau2};
use crate::measure::Measure;
use crate::plan::{Model, Plan, Random};
use crate::status::Status;
use crate::studies::{Columns, Effects, Studies};
use crate::table::struct_of_arrays;

choice! {
    /// Estimator of the number of missing studies.
    pub enum Missing: "estimator" {
        /// From Wilcoxon's signed-rank sum, linearly.
        L0 = "L0",
        /// From the run of the largest ranks on one side.
        R0 = "R0",
        /// From the signed-rank sum, by a quadratic equation.
        Q0 = "Q0",
    }
}

choice! {
    /// The side on which studies are missing.
    pub enum Side: "side" {
        /// Where effects are small.
        Left = "left",
        /// Where effects are large.
        Right = "right",
    }
}

/// What is trimmed and filled.
#[derive(Debug, Clone, Copy)]
pub struct TrimPlan {
    /// Which estimator.
    pub missing: Missing,
    /// Where; of each analysis by itself if none: opposite to where small studies lie.
    pub side: Option<Side>,
    /// Whose effects, and how they are taken.
    pub measure: Measure,
    /// See above.
    pub conventions: Conventions,
    /// The model about whose mean the effects are ranked.
    pub plan: Plan,
}

struct_of_arrays! {
    /// The number of missing studies of meta-analyses.
    pub struct Trims / TrimsView {
        /// How many are missing.
        pub k0: i64,
        /// Standard error of their number.
        pub se_k0: f64,
        /// P of none missing, of [`Missing::R0`]; else NaN.
        pub p_value: f64,
        /// Whether they are missing on the right.
        pub right: bool,
        /// Times that studies were trimmed.
        pub iterations: i64,
        /// Code of [`Status`].
        pub status: i64,
    }
}

/// Space for a block of meta-analyses, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    effects: BlockEffects,
    fitting: analysis::Scratch,
}

/// Rounds after which studies are no longer trimmed.
const MOST: i64 = 100;

/// Trims meta-analyses `first..first + n` to `out`, the view of these `n` rows; `mirrored` has the effect of the study
/// that fills in for each study, NaN for most.
pub fn trim_block(
    plan: &TrimPlan,
    studies: &Studies<'_>,
    first: usize,
    scratch: &mut Scratch,
    mirrored: &mut [f64],
    out: &mut TrimsView<'_>,
) {
    let Scratch { effects, fitting } = scratch;
    let columns = effects.take(studies, first, out.k0.len());
    effects.fill(plan.measure, &plan.conventions, &columns);
    mirrored.fill(f64::NAN);
    for i in 0..out.k0.len() {
        let rows = effects.studies(i);
        let (y, w) = (&effects.y[rows.clone()], &effects.w[rows.clone()]);
        let found = trim(plan, y, w, fitting, &mut mirrored[rows]);
        out.k0[i] = found.k0 as i64;
        (out.se_k0[i], out.p_value[i]) = (found.se, found.p_value);
        (out.right[i], out.iterations[i]) = (found.right, found.iterations);
        out.status[i] = found.status as i64;
    }
}

#[derive(Debug, Clone, Copy)]
struct Trimmed {
    k0: usize,
    se: f64,
    p_value: f64,
    right: bool,
    iterations: i64,
    status: Status,
}

impl Trimmed {
    fn none(status: Status) -> Self {
        let nan = f64::NAN;
        Self { k0: 0, se: nan, p_value: nan, right: false, iterations: 0, status }
    }
}

fn trim(
    plan: &TrimPlan,
    y: &[f64],
    w: &[f64],
    fitting: &mut analysis::Scratch,
    mirrored: &mut [f64],
) -> Trimmed {
    let mut rows: Vec<usize> = (0..y.len()).filter(|&i| w[i] > 0.0).collect();
    let k = rows.len();
    if k < 2 {
        return Trimmed::none(Status::TooFewStudies);
    }
    let side = plan.side.or_else(|| empty_side(plan, &rows, y, w));
    let Some(side) = side else { return Trimmed::none(Status::ZeroSpread) };
    // missing on the right is missing on the left of the mirror image
    let sign = if side == Side::Right { -1.0 } else { 1.0 };
    rows.sort_by(|&i, &j| (sign * y[i]).total_cmp(&(sign * y[j])));
    let sorted: Vec<f64> = rows.iter().map(|&i| sign * y[i]).collect();
    let variances: Vec<f64> = rows.iter().map(|&i| 1.0 / w[i]).collect();
    let (mut k0, mut iterations, mut status) = (0, 0, Status::Ok);
    let (mut mean, mut estimate);
    loop {
        mean = pooled(plan, &sorted[..k - k0], &variances[..k - k0], fitting);
        if mean.is_nan() {
            return Trimmed::none(Status::NotEstimable);
        }
        estimate = Ranks::about(mean, &sorted).missing(plan.missing);
        if estimate.is_nan() {
            return Trimmed::none(Status::NotEstimable);
        }
        let next = (estimate.round_ties_even().max(0.0) as usize).min(k - 1);
        iterations += 1;
        if next == k0 {
            break;
        }
        if iterations == MOST {
            status = Status::NotConverged;
            break;
        }
        k0 = next;
    }
    for (place, &row) in rows.iter().enumerate().skip(k - k0) {
        mirrored[row] = sign * (2.0 * mean - sorted[place]);
    }
    let p_value =
        if plan.missing == Missing::R0 { 0.5_f64.powf(estimate.max(0.0) + 1.0) } else { f64::NAN };
    let se = standard_error(plan.missing, k as f64, estimate);
    Trimmed { k0, se, p_value, right: side == Side::Right, iterations, status }
}

/// Signed ranks of effects about a mean.
#[derive(Debug, Clone, Copy)]
struct Ranks {
    k: f64,
    /// Sum of the ranks above the mean.
    sum: f64,
    /// The largest ranks above the mean in a row.
    run: usize,
}

impl Ranks {
    /// Of effects in their order; ties of distance by that order.
    fn about(mean: f64, sorted: &[f64]) -> Self {
        let mut places: Vec<usize> = (0..sorted.len()).collect();
        let distance = |i: usize| (sorted[i] - mean).abs();
        places.sort_by(|&i, &j| distance(i).total_cmp(&distance(j)));
        let above = |i: usize| sorted[i] > mean;
        let sum = places.iter().enumerate().filter(|(_, i)| above(**i));
        let sum = sum.map(|(rank, _)| rank as f64 + 1.0).sum();
        let run = places.iter().rev().take_while(|i| above(**i)).count();
        Self { k: sorted.len() as f64, sum, run }
    }

    /// # Formula
    /// With the sum S of the ranks above the mean and the run g of the largest ranks there: L0 = (4S - k(k + 1))/(2k -
    /// 1), R0 = g - 1, Q0 = k - ½ - √(2k² - 4S + ¼), NaN if there is no such root.
    fn missing(self, estimator: Missing) -> f64 {
        let Self { k, sum, run } = self;
        match estimator {
            Missing::L0 => (4.0 * sum - k * (k + 1.0)) / (2.0 * k - 1.0),
            Missing::R0 => run as f64 - 1.0,
            Missing::Q0 => k - 0.5 - (2.0 * k * k - 4.0 * sum + 0.25).sqrt(),
        }
    }
}

/// # Formula
/// Var S = (k(k+1)(2k+1) + 10k0³ + 27k0² + 17k0 - 18kk0² - 18kk0 + 6k²k0)/24; SE of L0 4√(Var S)/(2k - 1), of R0
/// √(2 max(k0, 0) + 2), of Q0 2√(Var S)/√((k - ½)² - k0(2k - k0 - 1)), with k0 before it is rounded (Duval & Tweedie 2000).
fn standard_error(estimator: Missing, k: f64, k0: f64) -> f64 {
    let variance = (k * (k + 1.0) * (2.0 * k + 1.0) + k0 * (10.0 * k0 * k0 + 27.0 * k0 + 17.0)
        - 18.0 * k * k0 * (k0 + 1.0)
        + 6.0 * k * k * k0)
        / 24.0;
    match estimator {
        Missing::L0 => 4.0 * variance.sqrt() / (2.0 * k - 1.0),
        Missing::R0 => (2.0 * k0.max(0.0) + 2.0).sqrt(),
        Missing::Q0 => {
            2.0 * variance.sqrt() / ((k - 0.5) * (k - 0.5) - k0 * (2.0 * k - k0 - 1.0)).sqrt()
        }
    }
}

/// The mean of effects by the plan's model.
fn pooled(plan: &TrimPlan, y: &[f64], v: &[f64], fitting: &mut analysis::Scratch) -> f64 {
    let offsets = [0, y.len() as i64];
    let mut fits = Fits::new(1);
    if let Ok(studies) = Studies::new(Columns::Effects(Effects { y, v }), &offsets) {
        fit_block(&plan.plan, &studies, 0, fitting, &mut fits.view().without_p(), None);
    }
    fits.estimate[0]
}

/// Opposite to where small studies lie: by the sign of the slope of effects on their standard errors, with the
/// model's heterogeneity; none if that is undefined.
fn empty_side(plan: &TrimPlan, rows: &[usize], y: &[f64], w: &[f64]) -> Option<Side> {
    let w: Vec<f64> = rows.iter().map(|&i| w[i]).collect();
    let y: Vec<f64> = rows.iter().map(|&i| y[i]).collect();
    let x: Vec<f64> = w.iter().map(|w| 1.0 / w.sqrt()).collect();
    let method = match (plan.plan.model, plan.plan.random) {
        (Model::Common, _) => ResidualTau2::Common,
        (_, Random::RestrictedMaximumLikelihood) => ResidualTau2::RestrictedMaximumLikelihood,
        _ => ResidualTau2::DerSimonianLaird,
    };
    let points = Points::new([&y, &x, &w]);
    let tau2: f64 = method.estimate(points, rows.len() > 2);
    let slope = LineSums::of(points, tau2).slope;
    match slope {
        _ if slope < 0.0 => Some(Side::Right),
        _ if slope.is_finite() => Some(Side::Left),
        _ => None,
    }
}
