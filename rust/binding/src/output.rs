//! NumPy arrays that the core writes to, a row per result. Python makes them, without filling them, and
//! NumPy asks for huge pages where they are large.

use metapool_core::studies::ShapeError;
use numpy::{Element, PyReadwriteArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::CoreError;

/// Room for results: one row per name, one column per meta-analysis or study.
pub(crate) type Rows<'py, T> = PyReadwriteArray2<'py, T>;

/// The `N` rows of `n` elements.
pub(crate) fn rows<'a, T: Element, const N: usize>(
    array: &'a mut Rows<'_, T>,
    n: usize,
) -> PyResult<[&'a mut [T]; N]> {
    let fits = array.shape() == [N, n];
    let mut rest = match array.as_slice_mut() {
        Ok(slice) if fits => slice,
        _ => {
            return Err(PyValueError::new_err(format!(
                "results need room of {N} rows, {n} columns"
            )));
        }
    };
    Ok(std::array::from_fn(|_| {
        let (row, rows) = std::mem::take(&mut rest).split_at_mut(n);
        rest = rows;
        row
    }))
}

/// What the engine says of data that are not the measure's.
pub(crate) fn checked<T>(result: Result<T, ShapeError>) -> PyResult<T> {
    result.map_err(|error| CoreError::from(error).into())
}
