//! Pooling.

use metapool_core::engine;
use metapool_core::heterogeneity::q::CochranQ;
use metapool_core::model_rule as rule;
use metapool_core::pool::subgroup;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};
use crate::input::{self, Column, Offsets};
use crate::plan::Plan;

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
) -> PyResult<(Vec<Floats<'py>>, (Ints<'py>, Ints<'py>), Codes<'py>, Flags<'py>)> {
    let columns = input::slices(&columns)?;
    let offsets = input::offsets(&offsets)?;
    let fits = py.detach(|| -> CoreResult<_> {
        let studies = input::studies(plan.0.data(), &columns, offsets)?;
        Ok(engine::pool(&plan.0, &studies, None)?)
    })?;
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
) -> PyResult<(Floats<'py>, Floats<'py>)> {
    let columns = input::slices(&columns)?;
    let offsets = input::offsets(&offsets)?;
    let (weights, h2) = py.detach(|| -> CoreResult<_> {
        let studies = input::studies(plan.0.data(), &columns, offsets)?;
        let mut weights = vec![0.0; studies.columns().len()];
        let fits = engine::pool(&plan.0, &studies, Some(&mut weights))?;
        Ok((weights, fits.h2))
    })?;
    Ok((weights.into_pyarray(py), h2.into_pyarray(py)))
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
