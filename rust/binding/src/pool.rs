//! Pooling.

use metapool_core::analysis::{DetailsView, FitsView};
use metapool_core::engine;
use metapool_core::heterogeneity::q::CochranQ;
use metapool_core::model_rule as rule;
use metapool_core::pool::subgroup;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked};
use crate::plan::Plan;
use crate::threads::finish;

type Floats<'py> = Bound<'py, PyArray2<f64>>;
type Ints<'py> = Bound<'py, PyArray2<i64>>;
type Codes<'py> = Bound<'py, PyArray1<u8>>;
type Flags<'py> = Bound<'py, PyArray1<bool>>;

/// Pools every meta-analysis: (estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2, tau2), (q_df,
/// k), status, random; the first two are a row per name.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub(crate) fn pool<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
) -> PyResult<(Floats<'py>, Ints<'py>, Codes<'py>, Flags<'py>)> {
    fit(py, plan, &columns, &offsets, threads, None)
}

/// (weights in percent, one per study; H², one per meta-analysis).
#[pyfunction]
pub(crate) fn details<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
) -> PyResult<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>)> {
    let studies = columns.first().map_or(Ok(0), |c| c.as_slice().map(<[f64]>::len))?;
    let analyses = input::offsets(&offsets)?.len().saturating_sub(1);
    let (mut weights, mut h2) = (vec![0.0; studies], vec![0.0; analyses]);
    let details = DetailsView { weights: &mut weights, h2: &mut h2 };
    fit(py, plan, &columns, &offsets, threads, Some(details))?;
    Ok((weights.into_pyarray(py), h2.into_pyarray(py)))
}

/// Fits all meta-analyses.
#[allow(clippy::type_complexity)]
fn fit<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: &[Column<'py>],
    offsets: &Offsets<'py>,
    threads: usize,
    details: Option<DetailsView<'_>>,
) -> PyResult<(Floats<'py>, Ints<'py>, Codes<'py>, Flags<'py>)> {
    let columns = input::slices(columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(offsets)?)?;
    let n = studies.n_analyses();
    let mut floats = Rows::<f64, 10>::zeros(py, n);
    let mut ints = Rows::<i64, 2>::zeros(py, n);
    let (mut status, mut random) = (vec![0; n], vec![false; n]);
    let [estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2, tau2] = floats.rows()?;
    let [q_df, k] = ints.rows()?;
    let (status_view, random_view) = (&mut status[..], &mut random[..]);
    let out = FitsView {
        estimate,
        se,
        ci_low,
        ci_high,
        statistic,
        p_value,
        q,
        q_p,
        i2,
        tau2,
        q_df,
        k,
        status: status_view,
        random: random_view,
    };
    finish(py, checked(engine::pool(&plan.0, &studies, out, details))?, threads)?;
    let (status, random) = (status.into_pyarray(py), random.into_pyarray(py));
    Ok((floats.into_array(), ints.into_array(), status, random))
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
