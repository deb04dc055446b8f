//! The rules on which meta-analysis systems differ. Same fields as `metapool.Conventions`.

use crate::choice::choice;
use crate::heterogeneity::tau2::Random;

choice! {
    /// Which studies a continuity correction touches.
    pub enum CorrectWhen: "when to correct" {
        /// Studies with a zero cell.
        Only0 = "only0",
        /// All studies of an analysis in which any study has a zero cell.
        If0All = "if0all",
        /// All studies.
        All = "all",
        /// No study.
        None = "none",
    }
}

choice! {
    /// How the correction is shared between the arms.
    pub enum CorrectKind: "kind of correction" {
        /// The same in every cell.
        Constant = "constant",
        /// In proportion to the cell's own arm (Sweeting, Sutton & Lambert 2004).
        TreatmentArm = "treatment-arm",
        /// So that the odds ratio of a table without events comes near that of the tables without a zero cell
        /// (Sweeting, Sutton & Lambert 2004).
        Empirical = "empirical",
    }
}

choice! {
    /// What the study correction touches for the risk difference.
    pub enum RdCorrection: "rd_cc" {
        /// The variance only (RevMan).
        Variance = "variance",
        /// The variance, and the weights and the variance of Mantel and Haenszel's sums (meta).
        Weights = "weights",
        /// Estimate and variance (metafor).
        Both = "both",
        /// Nothing.
        None = "none",
    }
}

choice! {
    /// Which cells the study correction touches for a study's risk ratio.
    pub enum RrCorrection: "rr_cc" {
        /// All four: an arm's total grows by twice the correction (RevMan, metafor).
        AllCells = "all-cells",
        /// Events: an arm's total grows by the correction (meta).
        Events = "events",
    }
}

choice! {
    /// Whether the study correction touches a study's Peto estimate.
    pub enum PetoCorrection: "peto_cc" {
        /// Raw counts (RevMan).
        None = "none",
        /// Corrected cells (metafor's `escalc`).
        Both = "both",
    }
}

choice! {
    /// OR, RR: a study without events in either arm.
    pub enum DoubleZero: "double_zero" {
        /// Drops out.
        Drop = "drop",
        /// Stays, corrected.
        Keep = "keep",
    }
}

choice! {
    /// OR, RR: a study in which everyone had an event.
    pub enum AllEvents: "all_events" {
        /// Stays, corrected.
        Keep = "keep",
        /// Stays for the risk ratio, corrected, and is heard by the Q about its Mantel-Haenszel mean; drops out
        /// for the odds ratio (meta).
        KeepRr = "keep-rr",
        /// Drops out.
        Drop = "drop",
        /// A risk ratio of exactly 1; no odds ratio (RevMan).
        Unit = "unit",
    }
}

choice! {
    /// Variance of the Mantel-Haenszel risk difference.
    pub enum MhRdVariance: "mh_rd_variance" {
        /// Greenland & Robins 1985.
        GreenlandRobins = "greenland-robins",
        /// Sato, Greenland & Robins 1989.
        Sato = "sato",
    }
}

choice! {
    /// The mean about which DerSimonian and Laird's Q is taken.
    pub enum QCentre: "dl_q_centre" {
        /// The Mantel-Haenszel mean.
        Mh = "mh",
        /// The inverse-variance mean.
        Iv = "iv",
    }
}

choice! {
    /// Definition of I² in a random-effects analysis.
    pub enum I2Definition: "i2" {
        /// (Q - df) / Q.
        Q = "q",
        /// tau² / (tau² + typical variance).
        Tau2 = "tau2",
        /// From Q for DerSimonian and Laird's tau², from tau² for any other (RevMan Web).
        QForDl = "q-for-dl",
    }
}

impl I2Definition {
    /// Whether I² comes from Q where tau² is of this estimator.
    pub(crate) fn is_of_q(self, random: Random) -> bool {
        match self {
            Self::Q => true,
            Self::Tau2 => false,
            Self::QForDl => random == Random::DerSimonianLaird,
        }
    }
}

choice! {
    /// Hedges' small-sample factor.
    pub enum SmdBias: "smd_bias" {
        /// 1 - 3/(4m - 1).
        Approx = "approx",
        /// By gamma functions.
        Exact = "exact",
    }
}

choice! {
    /// Variance of the standardised mean difference; see [`crate::effect::continuous`].
    pub enum SmdVariance: "smd_variance" {
        /// 1/n1 + 1/n2 + g²/(2(N - 3.94)).
        Revman = "revman",
        /// 1/n1 + 1/n2 + g²/(2N).
        Ls = "ls",
        /// Unbiased (Hedges 1983).
        Ub = "ub",
        /// J²(1/n1 + 1/n2 + d²/(2N)) (Borenstein 2009).
        Ls2 = "ls2",
    }
}

choice! {
    /// A study with a standard deviation of 0 in an arm.
    pub enum ZeroSd: "zero_sd" {
        /// Drops out, whatever the other arm's (RevMan).
        Drop = "drop",
        /// Stays if its variance is positive.
        Keep = "keep",
    }
}

/// The rules on which systems differ.
#[derive(Debug, Clone, Copy, PartialEq)]
#[allow(missing_docs)] // the field types say it
pub struct Conventions {
    pub study_cc: f64,
    pub study_cc_when: CorrectWhen,
    pub study_cc_kind: CorrectKind,
    pub rd_cc: RdCorrection,
    pub rr_cc: RrCorrection,
    pub peto_cc: PetoCorrection,
    pub double_zero: DoubleZero,
    pub all_events: AllEvents,
    pub mh_cc: f64,
    pub mh_cc_when: CorrectWhen,
    pub mh_cc_kind: CorrectKind,
    pub mh_rd_variance: MhRdVariance,
    pub dl_q_centre: QCentre,
    pub i2: I2Definition,
    pub smd_bias: SmdBias,
    pub smd_variance: SmdVariance,
    pub zero_sd: ZeroSd,
}

/// Review Manager 5.
pub const REVMAN5: Conventions = Conventions {
    study_cc: 0.5,
    study_cc_when: CorrectWhen::Only0,
    study_cc_kind: CorrectKind::Constant,
    rd_cc: RdCorrection::Variance,
    rr_cc: RrCorrection::AllCells,
    peto_cc: PetoCorrection::None,
    double_zero: DoubleZero::Drop,
    all_events: AllEvents::Unit,
    mh_cc: 0.5,
    mh_cc_when: CorrectWhen::Only0,
    mh_cc_kind: CorrectKind::Constant,
    mh_rd_variance: MhRdVariance::GreenlandRobins,
    dl_q_centre: QCentre::Mh,
    i2: I2Definition::Q,
    smd_bias: SmdBias::Approx,
    smd_variance: SmdVariance::Revman,
    zero_sd: ZeroSd::Drop,
};
