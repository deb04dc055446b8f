//! Trim and fill, fail-safe N.

use metapool_core::engine;
use metapool_core::measure::Measure;
use metapool_core::small_study::fail_safe_n::{FailSafePlan, FailSafeView};
use metapool_core::small_study::trim_and_fill::{Missing, Side, TrimPlan, TrimsView};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::{Conventions, Plan};
use crate::threads::finish;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Flags<'py> = Bound<'py, PyArray1<bool>>;

/// Trims and fills every meta-analysis, about the means of a plan for given effects: writes the rows se_k0, p_value to
/// `floats`, k0, iterations, status to `ints`; returns the effects that fill in, NaN for most studies, and whether they
/// are on the right.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn trim_and_fill<'py>(
    py: Python<'py>,
    estimator: &str,
    side: Option<&str>,
    plan: &Plan,
    measure: &str,
    conventions: &Conventions,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<(Floats<'py>, Flags<'py>)> {
    let plan = TrimPlan {
        missing: Missing::from_name(estimator).map_err(CoreError::from)?,
        side: side.map(Side::from_name).transpose().map_err(CoreError::from)?,
        measure: Measure::from_name(measure).map_err(CoreError::from)?,
        conventions: conventions.0,
        plan: plan.0,
    };
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    let n = studies.n_analyses();
    let (mut mirrored, mut right) = (vec![0.0; studies.columns().len()], vec![false; n]);
    let [se_k0, p_value] = rows(&mut floats, n)?;
    let [k0, iterations, status] = rows(&mut ints, n)?;
    let out = TrimsView { k0, se_k0, p_value, right: &mut right, iterations, status };
    finish(py, checked(engine::trim(&plan, &studies, &mut mirrored, out))?, threads)?;
    Ok((mirrored.into_pyarray(py), right.into_pyarray(py)))
}

/// Fail-safe N of every meta-analysis: writes the rows rosenthal, orwin, rosenberg to `floats`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn fail_safe_n<'py>(
    py: Python<'py>,
    alpha: f64,
    target: f64,
    measure: &str,
    conventions: &Conventions,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
) -> PyResult<()> {
    let measure = Measure::from_name(measure).map_err(CoreError::from)?;
    let plan = FailSafePlan { measure, conventions: conventions.0, alpha, target };
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    let [rosenthal, orwin, rosenberg] = rows(&mut floats, studies.n_analyses())?;
    let out = FailSafeView { rosenthal, orwin, rosenberg };
    finish(py, checked(engine::fail_safe_n(&plan, &studies, out))?, threads)
}
