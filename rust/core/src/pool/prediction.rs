//! Prediction interval: where the effect of a further study would lie.

use crate::choice::choice;
use crate::sample::Sample;
use crate::simd::Lanes;

use super::Estimate;
use super::critical::Criticals;
use super::interval::{Basis, Interval, basis};

choice! {
    /// How a prediction interval, estimate ± critical value × √(SE² + tau²), is formed.
    pub enum Prediction: "prediction" {
        /// Not at all.
        None = "none",
        /// SE 1/√Σw*, normal distribution.
        Z = "z",
        /// SE 1/√Σw*, t with k - 1 degrees of freedom (Veroniki et al. 2019).
        V = "v",
        /// SE 1/√Σw*, t with k - 2 degrees of freedom (Higgins, Thompson & Spiegelhalter 2009).
        Hts = "hts",
        /// Hartung and Knapp's SE, t with k - 1 degrees of freedom.
        Hk = "hk",
        /// Hartung and Knapp's SE, t with k - 2 degrees of freedom (Partlett & Riley 2017).
        HkPr = "hk-pr",
        /// Kenward and Roger's SE and degrees of freedom.
        Kr = "kr",
        /// Kenward and Roger's SE, one degree of freedom less (Partlett & Riley 2017).
        KrPr = "kr-pr",
        /// SE and critical value of the confidence interval (metafor).
        SameAsCi = "same-as-ci",
    }
}

impl Prediction {
    /// The interval of the mean whose SE it takes.
    pub(crate) fn interval(self, of_mean: Interval) -> Interval {
        match self {
            Self::None | Self::Z => Interval::Wald,
            Self::V | Self::Hts => Interval::T,
            Self::Hk | Self::HkPr => Interval::HartungKnapp,
            Self::Kr | Self::KrPr => Interval::KenwardRoger,
            Self::SameAsCi => of_mean,
        }
    }

    /// How many degrees of freedom fewer than the mean's.
    fn fewer(self) -> f64 {
        if matches!(self, Self::Hts | Self::HkPr | Self::KrPr) { 1.0 } else { 0.0 }
    }
}

/// Limits for the effect of a further study; NaN without degrees of freedom, and for one study, whose
/// tau² is unknown.
#[must_use]
#[inline(always)]
pub(crate) fn prediction<V: Lanes>(
    prediction: Prediction,
    of_mean: Interval,
    effects: impl Sample,
    tau2: V,
    found: Estimate<V>,
    k: V,
    criticals: &Criticals,
) -> (V, V) {
    // `found` has the SE of "wald"
    let interval = prediction.interval(of_mean);
    let Basis { se, df } = basis(interval, effects, tau2, found, k, criticals);
    let half = criticals.t(df - prediction.fewer()) * (se * se + tau2).sqrt();
    let defined = V::splat(2.0).le(k);
    ((found.estimate - half).or_nan(defined), (found.estimate + half).or_nan(defined))
}
