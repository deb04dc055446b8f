//! Effect measures: their names, the data they need and their scale.

use crate::choice::choice;

choice! {
    /// An effect measure.
    pub enum Measure: "measure" {
        /// Risk ratio, log scale.
        Rr = "RR",
        /// Odds ratio, log scale.
        Or = "OR",
        /// Risk difference.
        Rd = "RD",
        /// Arcsine difference, asin(sqrt(p1)) - asin(sqrt(p2)).
        As = "AS",
        /// Peto's one-step odds ratio, log scale.
        Peto = "PETO",
        /// Mean difference.
        Md = "MD",
        /// Standardised mean difference (Hedges' g).
        Smd = "SMD",
        /// Ratio of means, log scale.
        Rom = "ROM",
        /// Effects given with their variances.
        Gen = "GEN",
    }
}

/// The kind of study data that a measure is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Events and totals of two arms.
    TwoByTwo,
    /// Means, standard deviations and sizes of two arms.
    TwoMeans,
    /// Effects and variances.
    Effects,
}

impl Measure {
    /// The data this measure is taken from.
    pub fn data(self) -> Data {
        match self {
            Self::Rr | Self::Or | Self::Rd | Self::As | Self::Peto => Data::TwoByTwo,
            Self::Md | Self::Smd | Self::Rom => Data::TwoMeans,
            Self::Gen => Data::Effects,
        }
    }

    /// Whether it is the logarithm of a ratio.
    pub(crate) fn is_log_ratio(self) -> bool {
        matches!(self, Self::Rr | Self::Or | Self::Rom)
    }

    /// Whether Mantel and Haenszel's method pools this measure.
    pub fn has_mantel_haenszel(self) -> bool {
        matches!(self, Self::Rr | Self::Or | Self::Rd)
    }
}

impl Data {
    /// The names of this data's columns, in the order in which they are passed.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::TwoByTwo => &["events_e", "n_e", "events_c", "n_c"],
            Self::TwoMeans => &["mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c"],
            Self::Effects => &["y", "v"],
        }
    }
}

/// A log ratio as a ratio.
///
/// # Example
/// ```
/// assert_eq!(metapool_core::measure::natural(0.0), 1.0);
/// ```
#[must_use]
pub fn natural(log_ratio: f64) -> f64 {
    libm::exp(log_ratio)
}
