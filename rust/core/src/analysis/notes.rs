//! Advice on a fitted analysis, for people.

use crate::choice::choice;
use crate::effect::binary::Table;
use crate::measure::Measure;
use crate::plan::{Common, Model, Plan, Random};
use crate::pool::Estimate;
use crate::pool::critical::Criticals;
use crate::pool::interval::Interval;
use crate::pool::prediction::Prediction;
use crate::studies::Columns;

choice! {
    /// What a reader of a result should know; bit i of a set stands for the i-th.
    pub enum Note: "note" {
        /// A normal interval of random effects of fewer than five studies.
        WaldFewStudies = "WALD_FEW_STUDIES",
        /// Hartung and Knapp's interval is narrower than the normal one.
        HkNarrow = "HK_NARROW",
        /// Hartung and Knapp's interval of two studies.
        HkTwoStudies = "HK_TWO_STUDIES",
        /// A prediction interval of fewer than three studies.
        PredictionFewStudies = "PREDICTION_FEW_STUDIES",
        /// The data chose the model.
        AutoModel = "AUTO_MODEL",
        /// Peto's method with an odds ratio far from 1.
        PetoLargeEffect = "PETO_LARGE_EFFECT",
        /// Peto's method with arms of unequal size.
        PetoUnbalanced = "PETO_UNBALANCED",
        /// A third of the studies or more have a zero cell: OR and RR rest on the continuity correction.
        ManyZeroCells = "MANY_ZERO_CELLS",
        /// A prediction interval narrower than the confidence interval.
        PredictionNarrow = "PREDICTION_NARROW",
    }
}

/// A narrower interval is so by more than this share.
const ROUNDING: f64 = 1e-12;

/// A pooled analysis that exists, as its notes see it.
pub(super) struct Noted<'a> {
    pub(super) plan: &'a Plan,
    pub(super) random: bool,
    pub(super) found: Estimate<f64>,
    pub(super) k: f64,
    pub(super) df: f64,
    /// Half the width of the prediction interval; NaN without one.
    pub(super) prediction: f64,
    /// SE of the normal interval.
    pub(super) wald_se: f64,
    /// The studies of the analysis.
    pub(super) columns: Columns<'a>,
}

impl Noted<'_> {
    /// The set of notes.
    pub(super) fn notes(&self, criticals: &Criticals) -> i64 {
        let holds = |&note: &Note| self.holds(note, criticals);
        Note::ALL.iter().filter(|note| holds(note)).map(|&note| 1 << note as i64).sum()
    }

    fn holds(&self, note: Note, criticals: &Criticals) -> bool {
        let Self { plan, random, found, k, df, prediction, wald_se, .. } = *self;
        let half = criticals.t(df) * found.se;
        let several = k > 1.0;
        let by_hk = random
            && several
            && matches!(
                plan.interval,
                Interval::HartungKnapp
                    | Interval::HkAdhoc
                    | Interval::HkZovert
                    | Interval::HkCi
                    | Interval::HkIqwig6
            );
        let by_peto = plan.measure == Measure::Peto && !random && plan.common == Common::Peto;
        match note {
            Note::WaldFewStudies => {
                let has_others = plan.random != Random::InverseVarianceHeterogeneity;
                random && several && k < 5.0 && plan.interval == Interval::Wald && has_others
            }
            Note::HkNarrow => by_hk && half < criticals.normal() * wald_se * (1.0 - ROUNDING),
            Note::HkTwoStudies => by_hk && k == 2.0,
            Note::PredictionFewStudies => random && plan.prediction != Prediction::None && k < 3.0,
            Note::PredictionNarrow => prediction < half * (1.0 - ROUNDING),
            Note::AutoModel => plan.model == Model::Auto && several,
            Note::PetoLargeEffect => by_peto && found.estimate.abs() > 1.0,
            Note::PetoUnbalanced => by_peto && self.is_unbalanced(),
            Note::ManyZeroCells => {
                matches!(plan.measure, Measure::Or | Measure::Rr)
                    && 3 * self.zero_cells() >= self.tables().len()
            }
        }
    }

    /// The tables without missing cells; none of other data.
    fn tables(&self) -> Vec<Table<f64>> {
        let Columns::TwoByTwo(tables) = self.columns else { return Vec::new() };
        let all = (0..tables.events_e.len()).map(|i| Table::of(&tables, i));
        all.filter(|table: &Table<f64>| table.present()).collect()
    }

    fn zero_cells(&self) -> usize {
        self.tables().into_iter().filter(|table| table.has_zero()).count()
    }

    /// Whether the larger arms together have more than twice the people of the smaller arms.
    fn is_unbalanced(&self) -> bool {
        let arms = self.tables().into_iter().map(|t| (t.n1().max(t.n2()), t.n1().min(t.n2())));
        let (larger, smaller) = arms.fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
        larger > 2.0 * smaller
    }
}
