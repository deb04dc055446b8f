//! Resamples of an analysis: a resample of studies is how often each was drawn, a statistic a name.

pub(crate) mod bootstrap;
mod generated;
pub mod interval;
pub(crate) mod parametric;
pub mod permutation;
mod quantile;
pub(crate) mod wild;
pub(crate) mod within;

use crate::choice::choice;
use crate::plan::Plan;
use crate::small_study::Test;

choice! {
    /// What is computed of a resample by a plan.
    pub enum Statistic: "statistic" {
        /// The pooled effect, analysis scale.
        Estimate = "estimate",
        /// The between-study variance.
        Tau2 = "tau2",
        /// I², percent.
        I2 = "i2",
        /// H².
        H2 = "h2",
        /// Cochran's Q.
        Q = "q",
        /// Lower limit of the prediction interval.
        PiLow = "pi_low",
        /// Upper limit of the prediction interval.
        PiHigh = "pi_high",
    }
}

choice! {
    /// What is drawn anew.
    pub enum Scheme: "scheme" {
        /// Which studies there are.
        Studies = "studies",
        /// The people of each study.
        Within = "within",
        /// Everything, from the fitted model.
        Parametric = "parametric",
        /// The signs of the residuals of a small-study test without bias.
        Wild = "wild",
    }
}

/// What is computed of every resample: statistics of a plan, and the bias that each test finds.
#[derive(Debug, Clone, Copy)]
pub struct Request<'p> {
    /// The plan of the statistics.
    pub plan: &'p Plan,
    /// Statistics of the pooled analysis.
    pub statistics: &'p [Statistic],
    /// Small-study tests.
    pub tests: &'p [Test],
}

impl Request<'_> {
    /// How many numbers there are of a resample.
    #[must_use]
    pub fn len(&self) -> usize {
        self.statistics.len() + self.tests.len()
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
