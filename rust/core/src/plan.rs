//! What to compute: the choices of an analysis, checked to fit together.

use crate::choice::choice;
use crate::conventions::Conventions;
pub use crate::heterogeneity::tau2::Random;
use crate::measure::{Data, Measure};
use crate::pool::critical::normal_critical;
use crate::pool::interval::Interval;
use crate::pool::prediction::Prediction;

choice! {
    /// Method of a common-effect model.
    pub enum Common: "method" {
        /// Mantel-Haenszel.
        MantelHaenszel = "MH",
        /// Inverse variance.
        InverseVariance = "IV",
        /// Peto.
        Peto = "Peto",
    }
}

choice! {
    /// Which model an analysis takes.
    pub enum Model: "model" {
        /// Common effect.
        Common = "common",
        /// Random effects.
        Random = "random",
        /// Decided by [`crate::model_rule`].
        Auto = "auto",
    }
}

/// A plan that cannot be carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A method that does not pool this measure.
    #[error("method '{method}' does not pool measure '{measure}'{hint}")]
    Method {
        /// Name of the method.
        method: &'static str,
        /// Name of the measure.
        measure: &'static str,
        /// What would.
        hint: &'static str,
    },
    /// An interval that is not made for the method.
    #[error("interval '{interval}' is not made for method '{method}'{}", hint(.interval))]
    Interval {
        /// Name of the interval.
        interval: &'static str,
        /// Name of the method.
        method: &'static str,
    },
    /// A prediction interval that is not made for the method.
    #[error("prediction '{prediction}' is not made for method '{method}'; it {needs}")]
    Prediction {
        /// Name of the prediction interval.
        prediction: &'static str,
        /// Name of the method.
        method: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A preset tau² that is none.
    #[error("tau2 must be a finite number >= 0, not {0}")]
    Tau2(f64),
    /// A level outside (0, 1).
    #[error("level must lie strictly between 0 and 1, not {0}")]
    Level(f64),
}

/// What an interval needs.
fn hint(interval: &str) -> &'static str {
    if interval == Interval::KenwardRoger.name() {
        "; it needs REML"
    } else if interval == Interval::ProfileLikelihood.name() {
        "; it needs ML or REML"
    } else {
        "; it needs a mean weighted by 1/(v + tau2): IV or a random-effects method"
    }
}

/// What to compute: plain data, the same for every meta-analysis of a batch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    pub(crate) measure: Measure,
    pub(crate) model: Model,
    pub(crate) common: Common,
    pub(crate) random: Random,
    /// The tau² of [`Random::Preset`].
    pub(crate) preset: f64,
    pub(crate) interval: Interval,
    pub(crate) prediction: Prediction,
    pub(crate) level: f64,
    /// The normal quantile of the level.
    pub(crate) critical: f64,
    pub(crate) conventions: Conventions,
}

impl Plan {
    /// A plan, if its parts fit together.
    ///
    /// # Errors
    /// [`PlanError`] for a method that does not pool the measure, or an impossible level.
    #[allow(clippy::too_many_arguments)] // the choices of an analysis
    pub fn new(
        measure: Measure,
        model: Model,
        common: Common,
        random: Random,
        interval: Interval,
        prediction: Prediction,
        level: f64,
        conventions: Conventions,
    ) -> Result<Self, PlanError> {
        if !(level > 0.0 && level < 1.0) {
            return Err(PlanError::Level(level));
        }
        let possible = match common {
            Common::MantelHaenszel => measure.has_mantel_haenszel(),
            Common::InverseVariance => true,
            Common::Peto => measure == Measure::Peto,
        };
        if model != Model::Random && !possible {
            return Err(PlanError::Method {
                method: common.name(),
                measure: measure.name(),
                hint: match common {
                    Common::MantelHaenszel => "; it pools RR, OR and RD",
                    Common::InverseVariance => "",
                    Common::Peto => "; it pools PETO",
                },
            });
        }
        let critical = normal_critical(level);
        let plan = Self {
            measure,
            model,
            common,
            random,
            preset: 0.0,
            interval,
            prediction,
            level,
            critical,
            conventions,
        };
        if let Some(method) = plan.impossible_interval() {
            return Err(PlanError::Interval { interval: interval.name(), method });
        }
        if let Some(needs) = plan.prediction_needs() {
            let (prediction, method) = (prediction.name(), random.name());
            return Err(PlanError::Prediction { prediction, method, needs });
        }
        Ok(plan)
    }

    /// The same with a tau² for [`Random::Preset`].
    ///
    /// # Errors
    /// [`PlanError::Tau2`] unless it is finite and not negative.
    pub fn with_tau2(self, tau2: f64) -> Result<Self, PlanError> {
        if tau2 >= 0.0 && tau2.is_finite() {
            Ok(Self { preset: tau2, ..self })
        } else {
            Err(PlanError::Tau2(tau2))
        }
    }

    /// The same for effects that are taken already: of a common effect, by inverse variance.
    pub(crate) fn of_given_effects(&self) -> Self {
        Self { measure: Measure::Gen, common: Common::InverseVariance, ..*self }
    }

    /// The method for which the interval is not made.
    fn impossible_interval(&self) -> Option<&'static str> {
        let Self { model, common, random, interval, .. } = *self;
        let is_iv = common == Common::InverseVariance;
        let unless = |possible: bool, method| if possible { None } else { Some(method) };
        match (model, interval) {
            (_, Interval::Wald) => None,
            (Model::Common, Interval::KenwardRoger | Interval::ProfileLikelihood) => {
                Some(common.name())
            }
            (Model::Common, _) => unless(is_iv, common.name()),
            (_, Interval::KenwardRoger) => {
                unless(random == Random::RestrictedMaximumLikelihood, random.name())
            }
            (_, Interval::ProfileLikelihood) => {
                unless(random.likelihood().is_some(), random.name())
            }
            _ => unless(random != Random::InverseVarianceHeterogeneity, random.name()),
        }
    }

    /// What the prediction interval needs and the plan has not.
    fn prediction_needs(&self) -> Option<&'static str> {
        let Self { model, random, interval, prediction, .. } = *self;
        let its = prediction.interval(interval);
        match random {
            _ if model == Model::Common => None,
            Random::RestrictedMaximumLikelihood => None,
            _ if its == Interval::KenwardRoger => Some("needs REML"),
            Random::InverseVarianceHeterogeneity if its != Interval::Wald => {
                Some("needs a mean weighted by 1/(v + tau2)")
            }
            _ => None,
        }
    }

    /// The interval of the common effect: where the data choose between the models, it is "wald".
    #[must_use]
    pub(crate) fn common_interval(&self) -> Interval {
        if self.model == Model::Common { self.interval } else { Interval::Wald }
    }

    /// The data this plan needs.
    #[must_use]
    pub fn data(&self) -> Data {
        self.measure.data()
    }
}
