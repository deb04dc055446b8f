//! Intervals of tau², tau, I² and H² of fitted analyses.

use crate::heterogeneity::tau2::{WeightSums, h2, i2};
use crate::heterogeneity::tau2_interval::{
    HeterogeneityInterval, profile_likelihood, q_profile, test_based,
};
use crate::plan::Plan;
use crate::status::Status;
use crate::table::struct_of_arrays;

use super::fits::FitsView;
use super::pooled::Pooled;
use super::{Block, Scratch};

struct_of_arrays! {
    /// Limits of tau² and of what follows from it; NaN where undefined, `status` says why.
    pub struct HeterogeneityLimits / HeterogeneityLimitsView {
        /// Lower limit of tau².
        pub tau2_low: f64,
        /// Upper limit of tau².
        pub tau2_high: f64,
        /// Lower limit of tau.
        pub tau_low: f64,
        /// Upper limit of tau.
        pub tau_high: f64,
        /// Lower limit of I², percent.
        pub i2_low: f64,
        /// Upper limit of I², percent.
        pub i2_high: f64,
        /// Lower limit of H².
        pub h2_low: f64,
        /// Upper limit of H².
        pub h2_high: f64,
        /// Code of [`Status`].
        pub status: i64,
    }
}

/// Limits for the analyses of a block that `fits` describes.
pub(crate) fn limits(
    plan: &Plan,
    interval: HeterogeneityInterval,
    level: f64,
    Scratch { block, pooled, .. }: &Scratch,
    fits: &FitsView<'_>,
    out: &mut HeterogeneityLimitsView<'_>,
) {
    for i in 0..pooled.n_analyses() {
        let found = of_analysis(plan, interval, level, block, pooled, fits, i);
        let (low, high, status) = match found {
            Ok((low, high)) => (low, high, Status::Ok),
            Err(Status::NullSet) => (0.0, 0.0, Status::NullSet),
            Err(status) => (f64::NAN, f64::NAN, status),
        };
        let effects = block.effects.tile(i);
        let (sums, df) = (WeightSums::of(effects), fits.q_df[i] as f64);
        let exists = |value: f64| if low.is_nan() { f64::NAN } else { value };
        (out.tau2_low[i], out.tau2_high[i]) = (low, high);
        (out.tau_low[i], out.tau_high[i]) = (low.sqrt(), high.sqrt());
        (out.i2_low[i], out.i2_high[i]) = (exists(i2(low, df, sums)), exists(i2(high, df, sums)));
        (out.h2_low[i], out.h2_high[i]) = (exists(h2(low, df, sums)), exists(h2(high, df, sums)));
        out.status[i] = status as i64;
    }
}

/// Limits of tau² of analysis `i`, or why there are none.
fn of_analysis(
    plan: &Plan,
    interval: HeterogeneityInterval,
    level: f64,
    block: &Block,
    pooled: &Pooled,
    fits: &FitsView<'_>,
    i: usize,
) -> Result<(f64, f64), Status> {
    let effects = block.effects.tile(i);
    let sums = WeightSums::<f64>::of(effects);
    if fits.q[i].is_nan() || sums.k < 1.0 {
        return Err(Status::NotEstimable);
    }
    if sums.k < 2.0 {
        return Err(Status::OneStudy);
    }
    let (low, high) = match (interval, plan.random.likelihood()) {
        (HeterogeneityInterval::QProfile, _) => {
            q_profile(effects, sums.k, level).ok_or(Status::NullSet)?
        }
        (HeterogeneityInterval::ProfileLikelihood, Some(likelihood)) if fits.random[i] => {
            profile_likelihood(likelihood, effects, fits.tau2[i], level)
        }
        (HeterogeneityInterval::ProfileLikelihood, _) => return Err(Status::NotEstimable),
        (HeterogeneityInterval::TestBased, _) => {
            let q = pooled.spread::<f64>(i).q;
            let (low, high) = test_based(q, level);
            if low.is_nan() {
                return Err(Status::TooFewStudies);
            }
            let typical = sums.typical_variance(q.df);
            (typical * (low - 1.0), typical * (high - 1.0))
        }
    };
    if high.is_finite() { Ok((low, high)) } else { Err(Status::NotEstimable) }
}
