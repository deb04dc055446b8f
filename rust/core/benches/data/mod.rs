//! The tasks of the benchmarks and their data; same names as in benches/compare.py.

use metapool_core::analysis::Fits;
use metapool_core::conventions::{AllEvents, Conventions, QCentre, REVMAN5};
use metapool_core::engine::{self, Steps, Workers};
use metapool_core::measure::{Data, Measure};
use metapool_core::plan::{Common, Model, Plan, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::pool::prediction::Prediction;
use metapool_core::small_study::{Test, harbord::Score, regression::Lines};
use metapool_core::studies::{Columns, Studies};

/// Every task.
#[allow(dead_code)] // one benchmark takes them all, the other by name
pub(crate) const TASKS: &[&str] = &["c", "c_revman5", "m_rr", "m_or", "g", "p", "e"];

/// Studies of an analysis.
#[derive(Clone, Copy)]
#[allow(dead_code)] // as above
pub(crate) enum Sizes {
    /// Ten.
    Ten,
    /// From 2 to 40.
    Ragged,
}

/// A task on data of its own.
pub(crate) struct Case {
    columns: Vec<Vec<f64>>,
    offsets: Vec<i64>,
    work: Work,
}

enum Work {
    Pool(Plan),
    Test(Test),
}

impl Case {
    /// A task by its name; `None` if there is none.
    pub(crate) fn new(task: &str, analyses: usize, sizes: Sizes) -> Option<Self> {
        let rival =
            Conventions { dl_q_centre: QCentre::Iv, all_events: AllEvents::Drop, ..REVMAN5 };
        let pool = |measure, model, random, conventions| {
            let common = match measure {
                Measure::Gen => Common::InverseVariance,
                _ => Common::MantelHaenszel,
            };
            Plan::new(
                measure,
                model,
                common,
                random,
                Interval::Wald,
                Prediction::None,
                0.95,
                conventions,
            )
            .ok()
        };
        let (dl, pm) = (Random::DerSimonianLaird, Random::PauleMandel);
        let work = match task {
            "c" => Work::Pool(pool(Measure::Rr, Model::Random, dl, rival)?),
            "c_revman5" => Work::Pool(pool(Measure::Rr, Model::Random, dl, REVMAN5)?),
            "m_rr" => Work::Pool(pool(Measure::Rr, Model::Common, dl, REVMAN5)?),
            "m_or" => Work::Pool(pool(Measure::Or, Model::Common, dl, REVMAN5)?),
            "g" => Work::Pool(pool(Measure::Gen, Model::Random, dl, REVMAN5)?),
            "p" => Work::Pool(pool(Measure::Gen, Model::Random, pm, REVMAN5)?),
            "e" => Work::Test(Test::Harbord(Score::OddsRatio)),
            _ => return None,
        };
        let mut offsets = vec![0];
        for i in 0..analyses as i64 {
            let k = match sizes {
                Sizes::Ten => 10,
                Sizes::Ragged => 2 + i * 17 % 39,
            };
            offsets.push(offsets[i as usize] + k);
        }
        let n = offsets[analyses] as usize;
        let columns = if matches!(task, "g" | "p") { effects(n) } else { tables(n) };
        Some(Self { columns, offsets, work })
    }

    /// Does it on this thread.
    pub(crate) fn run(&self) -> f64 {
        let columns: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let data = if columns.len() == 2 { Data::Effects } else { Data::TwoByTwo };
        let columns = Columns::new(data, &columns).expect("equal lengths");
        let studies = Studies::new(columns, &self.offsets).expect("rising offsets");
        match &self.work {
            Work::Pool(plan) => {
                let mut fits = Fits::new(studies.n_analyses());
                let batch = engine::pool(plan, &studies, fits.view(), None).expect("its data");
                batch.finish(&Workers::ALONE);
                fits.estimate[0]
            }
            Work::Test(test) => {
                let mut lines = Lines::new(studies.n_analyses());
                let batch = engine::small_study(test, &studies, lines.view()).expect("its data");
                batch.finish(&Workers::ALONE);
                lines.bias[0]
            }
        }
    }
}

/// Two-by-two tables, one in fourteen with a zero cell.
fn tables(n: usize) -> Vec<Vec<f64>> {
    let spread = |i: usize, step: usize, modulus: usize| (i * step % modulus) as f64;
    let events =
        |i: usize, step: usize| if i % 29 == step { 0.0 } else { 1.0 + spread(i, 7, 19 + step) };
    vec![
        (0..n).map(|i| events(i, 3)).collect(),
        (0..n).map(|i| 30.0 + spread(i, 13, 171)).collect(),
        (0..n).map(|i| events(i, 5)).collect(),
        (0..n).map(|i| 30.0 + spread(i, 17, 173)).collect(),
    ]
}

/// Effects whose spread is twice what their variances explain.
fn effects(n: usize) -> Vec<Vec<f64>> {
    vec![
        (0..n).map(|i| ((i * 7919) % 1009) as f64 / 500.0 - 1.0).collect(),
        (0..n).map(|i| 0.02 + ((i * 104_729) % 1013) as f64 / 4000.0).collect(),
    ]
}
