//! Pooling.

use metapool_core::analysis::Fits;
use metapool_core::engine::{BLOCK, Pooling, Workers};
use metapool_core::heterogeneity::q::CochranQ;
use metapool_core::model_rule as rule;
use metapool_core::pool::subgroup;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::input::{self, Column, Offsets};
use crate::plan::Plan;
use crate::threads::workers;

/// Studies between two looks for Ctrl-C: about a tenth of a second.
const PART: usize = 1 << 21;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Ints<'py> = Bound<'py, PyArray1<i64>>;
type Codes<'py> = Bound<'py, PyArray1<u8>>;
type Flags<'py> = Bound<'py, PyArray1<bool>>;

/// Pools every meta-analysis: ((estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2,
/// tau2), (q_df, k), status, random).
#[pyfunction]
#[allow(clippy::type_complexity)]
pub(crate) fn pool<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
) -> PyResult<(Vec<Floats<'py>>, (Ints<'py>, Ints<'py>), Codes<'py>, Flags<'py>)> {
    let fits = fit(py, plan, &columns, &offsets, threads, None)?;
    let floats = [
        fits.estimate,
        fits.se,
        fits.ci_low,
        fits.ci_high,
        fits.statistic,
        fits.p_value,
        fits.q,
        fits.q_p,
        fits.i2,
        fits.tau2,
    ];
    Ok((
        floats.into_iter().map(|column| column.into_pyarray(py)).collect(),
        (fits.q_df.into_pyarray(py), fits.k.into_pyarray(py)),
        fits.status.into_pyarray(py),
        fits.random.into_pyarray(py),
    ))
}

/// (weights in percent, one per study; H², one per meta-analysis).
#[pyfunction]
pub(crate) fn details<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
) -> PyResult<(Floats<'py>, Floats<'py>)> {
    let studies = columns.first().map_or(Ok(0), |c| c.as_slice().map(<[f64]>::len))?;
    let mut weights = vec![0.0; studies];
    let h2 = fit(py, plan, &columns, &offsets, threads, Some(&mut weights))?.h2;
    Ok((weights.into_pyarray(py), h2.into_pyarray(py)))
}

/// Fits all meta-analyses without the GIL, looking for Ctrl-C between parts of the batch.
fn fit(
    py: Python<'_>,
    plan: &Plan,
    columns: &[Column<'_>],
    offsets: &Offsets<'_>,
    threads: usize,
    weights: Option<&mut [f64]>,
) -> PyResult<Fits> {
    let columns = input::slices(columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(offsets)?)?;
    let mut fits = py.detach(|| Fits::new(studies.n_analyses()));
    let mut pooling =
        Pooling::new(&plan.0, &studies, &mut fits, weights).map_err(CoreError::from)?;
    let one_block = studies.n_analyses() <= BLOCK;
    let workers = if one_block { &Workers::ALONE } else { workers(threads) };
    while py.detach(|| pooling.step(PART, workers)) {
        py.check_signals()?;
    }
    Ok(fits)
}

/// The condition that decides between the models, and whether it is for random effects.
#[pyfunction]
pub(crate) fn model_rule(q: f64, df: f64) -> (&'static str, bool) {
    let reason = rule::decide(CochranQ { q, df });
    (reason.name(), reason.is_random())
}

/// Test between subgroups: (q, df, p, i2).
#[pyfunction]
pub(crate) fn subgroup_difference(
    estimates: Column<'_>,
    standard_errors: Column<'_>,
) -> PyResult<(f64, i64, f64, f64)> {
    let columns = [estimates, standard_errors];
    let slices = input::slices(&columns)?;
    if slices[0].len() != slices[1].len() {
        return Err(CoreError::Text("estimates and standard errors differ in number".into()).into());
    }
    let q = subgroup::difference(slices[0], slices[1]);
    Ok((q.q, q.df as i64, q.p_value(), q.i2()))
}
