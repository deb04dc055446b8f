//! Bootstraps.

use metapool_core::engine::{self, Resamples};
use metapool_core::resample::interval::{BootstrapInterval, Degenerate, SummariesView, Summary};
use metapool_core::resample::{Request, Scheme, Statistic};
use metapool_core::rng::philox::{Purpose, Streams};
use metapool_core::small_study::Test;
use numpy::PyReadwriteArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::Plan;
use crate::small_study::SmallStudyTest;
use crate::threads::finish_watched;

/// What a bootstrap is asked for, but for the data.
#[pyclass(frozen, module = "metapool._core")]
pub(crate) struct BootstrapPlan {
    plan: Py<Plan>,
    statistics: Vec<Statistic>,
    tests: Vec<Test>,
    resamples: Resamples,
}

#[pymethods]
impl BootstrapPlan {
    #[new]
    #[pyo3(signature = (*, plan, statistics, tests, scheme, h, seed, first_replicate, n_resamples, difference, ci, level,
        degenerate))]
    #[allow(clippy::too_many_arguments)] // one per choice, by keyword only
    fn new(
        plan: Py<Plan>,
        statistics: Vec<String>,
        tests: Vec<PyRef<'_, SmallStudyTest>>,
        scheme: &str,
        h: f64,
        seed: u64,
        first_replicate: u64,
        n_resamples: usize,
        difference: bool,
        ci: &str,
        level: f64,
        degenerate: &str,
    ) -> CoreResult<Self> {
        let named = statistics.iter().map(|name| Statistic::from_name(name));
        let summary = Summary {
            ci: BootstrapInterval::from_name(ci)?,
            level,
            degenerate: Degenerate::from_name(degenerate)?,
        };
        let resamples = Resamples {
            streams: Streams::new(seed, Purpose::Bootstrap),
            first: first_replicate,
            n: n_resamples,
            scheme: Scheme::from_name(scheme)?,
            h,
            difference,
            summary,
        };
        Ok(Self {
            plan,
            statistics: named.collect::<Result<_, _>>().map_err(CoreError::from)?,
            tests: tests.iter().map(|test| test.0).collect(),
            resamples,
        })
    }
}

/// Bootstraps every meta-analysis: writes the rows estimate, se, bias, ci_low, ci_high, ci_low_mcse,
/// ci_high_mcse, p_value to `floats`, n_degenerate, status to `ints`, one column per meta-analysis and statistic (those of
/// the first, those of the second, ...), and the distributions, in the same order, to `kept`. `progress` is called
/// with the share that is done. With `drawn`, `kept` has the distributions already.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn bootstrap<'py>(
    py: Python<'py>,
    plan: &BootstrapPlan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
    kept: Option<PyReadwriteArray1<'py, f64>>,
    drawn: bool,
    progress: Option<Py<PyAny>>,
) -> PyResult<()> {
    let BootstrapPlan { plan, statistics, tests, resamples } = plan;
    let columns = input::slices(&columns)?;
    let plan = &plan.get().0;
    let studies = input::studies(plan.data(), &columns, input::offsets(&offsets)?)?;
    let request = Request { plan, statistics, tests };
    let analyses = studies.n_analyses() / if resamples.difference { 2 } else { 1 };
    let n = analyses * request.len();
    let [estimate, se, bias, ci_low, ci_high, ci_low_mcse, ci_high_mcse, p_value] =
        rows(&mut floats, n)?;
    let [n_degenerate, status] = rows(&mut ints, n)?;
    let out = SummariesView {
        estimate,
        se,
        bias,
        ci_low,
        ci_high,
        ci_low_mcse,
        ci_high_mcse,
        p_value,
        n_degenerate,
        status,
    };
    let mut kept = kept;
    let kept = match &mut kept {
        Some(kept) => {
            let kept = kept.as_slice_mut()?;
            if kept.len() != n * resamples.n {
                return Err(PyValueError::new_err("distributions need other room"));
            }
            Some(kept)
        }
        None => None,
    };
    let work = match kept {
        Some(kept) if drawn => {
            engine::summarise_bootstrap(request, *resamples, &studies, out, kept)
        }
        kept => engine::bootstrap(request, *resamples, &studies, out, kept),
    };
    let work = checked(work)?;
    finish_watched(py, work, threads, |work| match &progress {
        Some(progress) => progress.call1(py, (work.share_done(),)).map(drop),
        None => Ok(()),
    })
}
