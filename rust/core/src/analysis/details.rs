//! What is computed of an analysis on demand only.

use crate::heterogeneity::tau2_error::standard_error;
use crate::plan::{Plan, Random};
use crate::pool::critical::Criticals;
use crate::pool::inverse_variance;
use crate::pool::prediction::{Prediction, prediction};
use crate::studies::Columns;
use crate::table::struct_of_arrays;

use super::block::Block;
use super::fits::FitsView;
use super::notes::Noted;
use super::pooled::{Mean, Pooled, Spread};

struct_of_arrays! {
    /// Further fields of pooled meta-analyses; NaN where undefined.
    pub struct Details / AnalysesView {
        /// H².
        pub h2: f64,
        /// Degrees of freedom of the interval of the mean; infinite for the normal distribution.
        pub df: f64,
        /// Standard error of tau².
        pub tau2_se: f64,
        /// Lower limit of the prediction interval.
        pub pi_low: f64,
        /// Its upper limit.
        pub pi_high: f64,
        /// Steps that tau² took; 0 for a closed form.
        pub iterations: i64,
        /// Set of [`Note`](super::notes::Note).
        pub notes: i64,
    }
}

/// Where weights, in percent, one per study, and further fields go.
#[derive(Debug, Default)]
pub struct DetailsView<'a> {
    /// Weights; 0 if excluded.
    pub weights: &'a mut [f64],
    /// Fields of each analysis.
    pub analyses: AnalysesView<'a>,
}

impl<'a> DetailsView<'a> {
    /// The details of the first `analyses`, which have `rows` studies, and the rest.
    #[must_use]
    pub(crate) fn split_at(self, analyses: usize, rows: usize) -> (Self, Self) {
        let (weights, other_weights) = self.weights.split_at_mut(rows);
        let (own, others) = self.analyses.split_at(analyses);
        (Self { weights, analyses: own }, Self { weights: other_weights, analyses: others })
    }
}

/// Fills the fields of a block's analyses, which `fits` describes.
pub(super) fn fill(
    plan: &Plan,
    criticals: &Criticals,
    columns: &Columns<'_>,
    block: &Block,
    pooled: &Pooled,
    fits: &FitsView<'_>,
    out: &mut AnalysesView<'_>,
) {
    for i in 0..pooled.n_analyses() {
        let Mean { found, k, df } = pooled.mean::<f64>(i);
        let Spread { tau2, h2, .. } = pooled.spread::<f64>(i);
        let exists = !fits.estimate[i].is_nan();
        let or_nan = |value: f64, is: bool| if is { value } else { f64::NAN };
        out.h2[i] = or_nan(h2, !fits.q[i].is_nan());
        out.df[i] = or_nan(df, exists);
        (out.tau2_se[i], out.pi_low[i], out.pi_high[i]) = (f64::NAN, f64::NAN, f64::NAN);
        (out.iterations[i], out.notes[i]) = (0, 0);
        if !exists {
            continue;
        }
        let random = fits.random[i];
        let mut wald_se = found.se;
        if random {
            let effects = block.effects.tile(i);
            let classic = match plan.random {
                Random::InverseVarianceHeterogeneity => found, // its only SE
                _ => inverse_variance::pool(effects, tau2.tau2),
            };
            out.tau2_se[i] = standard_error(plan.random, effects, tau2.tau2, k);
            if plan.prediction != Prediction::None {
                (out.pi_low[i], out.pi_high[i]) = prediction(
                    plan.prediction,
                    plan.interval,
                    effects,
                    tau2.tau2,
                    classic,
                    k,
                    criticals,
                );
            }
            out.iterations[i] = tau2.steps as i64;
            wald_se = classic.se;
        }
        let columns = columns.slice(block.effects.studies(i));
        let prediction = 0.5 * (out.pi_high[i] - out.pi_low[i]);
        let noted = Noted { plan, random, found, k, df, prediction, wald_se, columns };
        out.notes[i] = noted.notes(criticals);
    }
}
