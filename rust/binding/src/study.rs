//! Study columns and study effects.

use metapool_core::effect::EffectsView;
use metapool_core::effect::given::{self, Spread};
use metapool_core::engine;
use metapool_core::measure::Measure;
use metapool_core::studies::ShapeError;
use metapool_core::validate as rules;
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::Conventions;
use crate::threads::finish;

type Floats<'py> = Bound<'py, PyArray1<f64>>;

/// Checks columns and offsets and returns copies of the columns, or nothing with `copy=False`.
#[pyfunction]
pub(crate) fn validate<'py>(
    py: Python<'py>,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    allow_missing: bool,
    copy: bool,
) -> PyResult<Option<Vec<Floats<'py>>>> {
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let offsets = input::offsets(&offsets)?;
    let copies = py.detach(|| -> CoreResult<_> {
        input::studies(data, &columns, offsets)?;
        if copy {
            Ok(Some(rules::copy(data, &columns, allow_missing)?))
        } else {
            rules::check(data, &columns, allow_missing)?;
            Ok(None)
        }
    })?;
    Ok(copies.map(|columns| columns.into_iter().map(|c| c.into_pyarray(py)).collect()))
}

/// Effects and variances from what papers print; `kind` is "v", "se" or "ci".
#[pyfunction]
pub(crate) fn effects<'py>(
    py: Python<'py>,
    y: Column<'py>,
    kind: &str,
    spread: Vec<Column<'py>>,
    level: f64,
    log: bool,
    allow_missing: bool,
) -> PyResult<(Floats<'py>, Floats<'py>)> {
    let y = [y];
    let y = input::slices(&y)?[0];
    let spread = input::slices(&spread)?;
    if let Some(column) = spread.iter().find(|column| column.len() != y.len()) {
        let (found, expected) = (column.len(), y.len());
        let error = ShapeError::Length { column: "spread of y", first: "y", found, expected };
        return Err(CoreError::from(error).into());
    }
    let spread = match (kind, spread.as_slice()) {
        ("v", &[v]) => Spread::Variance(v),
        ("se", &[se]) => Spread::StandardError(se),
        ("ci", &[low, high]) => Spread::Interval(low, high, level),
        _ => return Err(PyValueError::new_err("spread must be v, se or two limits")),
    };
    let (y, v) =
        py.detach(|| given::effects(y, spread, log, allow_missing)).map_err(CoreError::from)?;
    Ok((y.into_pyarray(py), v.into_pyarray(py)))
}

/// Writes the rows y, v, se, ci_low, ci_high to `floats`; returns codes of exclusion, one per study.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // what `_bridge` passes on
pub(crate) fn effect_sizes<'py>(
    py: Python<'py>,
    measure: &str,
    conventions: &Conventions,
    level: f64,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<u8>>> {
    let measure = Measure::from_name(measure).map_err(CoreError::from)?;
    let columns = input::slices(&columns)?;
    let offsets = input::offsets(&offsets)?;
    let studies = input::studies(measure.data(), &columns, offsets)?;
    let n = studies.columns().len();
    let mut codes = vec![0; n];
    let [y, v, se, ci_low, ci_high] = rows(&mut floats, n)?;
    let out = EffectsView { y, v, se, ci_low, ci_high, reason: &mut codes };
    let batch = engine::effect_sizes(measure, &conventions.0, level, &studies, out);
    finish(py, checked(batch)?, threads)?;
    Ok(codes.into_pyarray(py))
}
