//! Plans and conventions, built once from names.

use metapool_core::analysis::notes::Note;
use metapool_core::conventions::{
    self, AllEvents, CorrectKind, CorrectWhen, DoubleZero, I2Definition, MhRdVariance,
    PetoCorrection, QCentre, RdCorrection, RrCorrection, SmdBias, SmdVariance, ZeroSd,
};
use metapool_core::effect::Reason;
use metapool_core::engine::Alternative;
use metapool_core::heterogeneity::line::ResidualTau2;
use metapool_core::heterogeneity::tau2_interval::HeterogeneityInterval;
use metapool_core::measure::Measure;
use metapool_core::model_rule;
use metapool_core::plan::{self, Common, Model, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::pool::prediction::Prediction;
use metapool_core::resample::interval::{BootstrapInterval, Degenerate};
use metapool_core::resample::{Scheme, Statistic};
use metapool_core::sensitivity::parts::Part;
use metapool_core::small_study::harbord::Score;
use metapool_core::small_study::line_tests::LineTest;
use metapool_core::small_study::rank_correlation::RankP;
use metapool_core::small_study::trim_and_fill::{Missing, Side};
use metapool_core::status::Status;
use pyo3::prelude::*;

use crate::error::CoreResult;

/// The rules on which systems differ.
#[pyclass(frozen, module = "metapool._core")]
pub(crate) struct Conventions(pub(crate) conventions::Conventions);

#[pymethods]
impl Conventions {
    #[new]
    #[pyo3(signature = (*, study_cc, study_cc_when, study_cc_kind, rd_cc, rr_cc, peto_cc, double_zero,
        all_events, mh_cc, mh_cc_when, mh_cc_kind, mh_rd_variance, dl_q_centre, i2, smd_bias, smd_variance,
        zero_sd))]
    #[allow(clippy::too_many_arguments)] // one per field, by keyword only
    fn new(
        study_cc: f64,
        study_cc_when: &str,
        study_cc_kind: &str,
        rd_cc: &str,
        rr_cc: &str,
        peto_cc: &str,
        double_zero: &str,
        all_events: &str,
        mh_cc: f64,
        mh_cc_when: &str,
        mh_cc_kind: &str,
        mh_rd_variance: &str,
        dl_q_centre: &str,
        i2: &str,
        smd_bias: &str,
        smd_variance: &str,
        zero_sd: &str,
    ) -> CoreResult<Self> {
        Ok(Self(conventions::Conventions {
            study_cc,
            study_cc_when: CorrectWhen::from_name(study_cc_when)?,
            study_cc_kind: CorrectKind::from_name(study_cc_kind)?,
            rd_cc: RdCorrection::from_name(rd_cc)?,
            rr_cc: RrCorrection::from_name(rr_cc)?,
            peto_cc: PetoCorrection::from_name(peto_cc)?,
            double_zero: DoubleZero::from_name(double_zero)?,
            all_events: AllEvents::from_name(all_events)?,
            mh_cc,
            mh_cc_when: CorrectWhen::from_name(mh_cc_when)?,
            mh_cc_kind: CorrectKind::from_name(mh_cc_kind)?,
            mh_rd_variance: MhRdVariance::from_name(mh_rd_variance)?,
            dl_q_centre: QCentre::from_name(dl_q_centre)?,
            i2: I2Definition::from_name(i2)?,
            smd_bias: SmdBias::from_name(smd_bias)?,
            smd_variance: SmdVariance::from_name(smd_variance)?,
            zero_sd: ZeroSd::from_name(zero_sd)?,
        }))
    }
}

/// What `pool` computes.
#[pyclass(frozen, module = "metapool._core")]
pub(crate) struct Plan(pub(crate) plan::Plan);

#[pymethods]
impl Plan {
    #[new]
    #[pyo3(signature = (*, measure, model, common, random, interval, prediction, level, tau2,
        conventions))]
    #[allow(clippy::too_many_arguments)] // by keyword only
    fn new(
        measure: &str,
        model: &str,
        common: &str,
        random: &str,
        interval: &str,
        prediction: &str,
        level: f64,
        tau2: f64,
        conventions: &Conventions,
    ) -> CoreResult<Self> {
        let plan = plan::Plan::new(
            Measure::from_name(measure)?,
            Model::from_name(model)?,
            Common::from_name(common)?,
            Random::from_name(random)?,
            Interval::from_name(interval)?,
            Prediction::from_name(prediction)?,
            level,
            conventions.0,
        );
        Ok(Self(plan?.with_tau2(tau2)?))
    }
}

/// The names that the core knows, by kind of choice.
#[pyfunction]
pub(crate) fn choices() -> Vec<(&'static str, Vec<&'static str>)> {
    [
        ("measure", Measure::NAMES),
        ("common", Common::NAMES),
        ("random", Random::NAMES),
        ("model", Model::NAMES),
        ("interval", Interval::NAMES),
        ("prediction", Prediction::NAMES),
        ("heterogeneity_interval", HeterogeneityInterval::NAMES),
        ("statistic", Statistic::NAMES),
        ("scheme", Scheme::NAMES),
        ("bootstrap_interval", BootstrapInterval::NAMES),
        ("degenerate", Degenerate::NAMES),
        ("alternative", Alternative::NAMES),
        ("note", Note::NAMES),
        ("score", Score::NAMES),
        ("line_test", LineTest::NAMES),
        ("rank_p", RankP::NAMES),
        ("residual_tau2", ResidualTau2::NAMES),
        ("estimator", Missing::NAMES),
        ("side", Side::NAMES),
        ("part", Part::NAMES),
        ("status", Status::NAMES),
        ("exclusion", Reason::NAMES),
        ("model_reason", model_rule::Reason::NAMES),
        ("study_cc_when", CorrectWhen::NAMES),
        ("study_cc_kind", CorrectKind::NAMES),
        ("rd_cc", RdCorrection::NAMES),
        ("rr_cc", RrCorrection::NAMES),
        ("peto_cc", PetoCorrection::NAMES),
        ("double_zero", DoubleZero::NAMES),
        ("all_events", AllEvents::NAMES),
        ("mh_rd_variance", MhRdVariance::NAMES),
        ("dl_q_centre", QCentre::NAMES),
        ("i2", I2Definition::NAMES),
        ("smd_bias", SmdBias::NAMES),
        ("smd_variance", SmdVariance::NAMES),
        ("zero_sd", ZeroSd::NAMES),
    ]
    .map(|(kind, names)| (kind, names.to_vec()))
    .to_vec()
}
