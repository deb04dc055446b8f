//! NumPy arrays as the core's views.

use metapool_core::measure::Data;
use metapool_core::studies::{Columns, Studies};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::CoreResult;

/// A column of study data.
pub(crate) type Column<'py> = PyReadonlyArray1<'py, f64>;
/// Offsets that cut columns into meta-analyses.
pub(crate) type Offsets<'py> = PyReadonlyArray1<'py, i64>;

/// The columns as slices.
pub(crate) fn slices<'a>(columns: &'a [Column<'_>]) -> PyResult<Vec<&'a [f64]>> {
    columns
        .iter()
        .map(|c| c.as_slice().map_err(|_| PyValueError::new_err("columns must be contiguous")))
        .collect()
}

/// The offsets as a slice.
pub(crate) fn offsets<'a>(offsets: &'a Offsets<'_>) -> PyResult<&'a [i64]> {
    offsets.as_slice().map_err(|_| PyValueError::new_err("offsets must be contiguous"))
}

/// Columns and offsets as the core's studies.
pub(crate) fn studies<'a>(
    data: Data,
    columns: &[&'a [f64]],
    offsets: &'a [i64],
) -> CoreResult<Studies<'a>> {
    Ok(Studies::new(Columns::new(data, columns)?, offsets)?)
}

/// The kind of data of this number of columns.
pub(crate) fn data(columns: usize) -> Data {
    match columns {
        4 => Data::TwoByTwo,
        6 => Data::TwoMeans,
        _ => Data::Effects,
    }
}
