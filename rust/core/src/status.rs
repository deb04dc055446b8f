//! What became of an analysis.

use crate::choice::choice;
use crate::simd::Lanes;

choice! {
    /// Same codes as `metapool.Status`.
    pub enum Status: "status" {
        /// Everything is defined.
        Ok = "OK",
        /// One study.
        OneStudy = "ONE_STUDY",
        /// No study, or no information in any.
        NotEstimable = "NOT_ESTIMABLE",
        /// A regression with fewer than three studies.
        TooFewStudies = "TOO_FEW_STUDIES",
        /// A regression whose studies all have the same precision; an interval from the spread of effects that
        /// are all equal.
        ZeroSpread = "ZERO_SPREAD",
        /// A regression whose studies lie on a line.
        PerfectLine = "PERFECT_LINE",
        /// A pooled effect without Q: no study effect about it, or beyond floating point.
        QUndefined = "Q_UNDEFINED",
        /// An interval of tau² that no tau² is in.
        NullSet = "NULL_SET",
        /// A BCa interval: the statistic is the same without any one study, or beyond all resamples.
        BcaUndefined = "BCA_UNDEFINED",
        /// Trim and fill: the number of missing studies did not settle.
        NotConverged = "NOT_CONVERGED",
    }
}

impl Status {
    /// The code in every lane.
    #[inline(always)]
    pub(crate) fn lanes<V: Lanes>(self) -> V {
        V::splat(f64::from(self as u8))
    }
}
