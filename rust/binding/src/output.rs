//! NumPy arrays that the core writes to: a row per result, allocated by NumPy, which asks for huge
//! pages where they are large.

use metapool_core::studies::ShapeError;
use numpy::{Element, PyArray2, PyArrayMethods, PyReadwriteArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::CoreError;

/// `N` rows of `n` zeros.
pub(crate) struct Rows<'py, T: Element, const N: usize> {
    array: Bound<'py, PyArray2<T>>,
    lent: PyReadwriteArray2<'py, T>,
}

impl<'py, T: Element, const N: usize> Rows<'py, T, N> {
    pub(crate) fn zeros(py: Python<'py>, n: usize) -> Self {
        let array = PyArray2::zeros(py, [N, n], false);
        let lent = array.readwrite();
        Self { array, lent }
    }

    /// The rows, to write to.
    pub(crate) fn rows(&mut self) -> PyResult<[&mut [T]; N]> {
        let n = self.lent.as_array().ncols();
        let mut rest =
            self.lent.as_slice_mut().map_err(|_| PyValueError::new_err("not contiguous"))?;
        Ok(std::array::from_fn(|_| {
            let (row, rows) = std::mem::take(&mut rest).split_at_mut(n);
            rest = rows;
            row
        }))
    }

    /// The array, one row per result.
    pub(crate) fn into_array(self) -> Bound<'py, PyArray2<T>> {
        self.array
    }
}

/// What the engine says of data that are not the measure's.
pub(crate) fn checked<T>(result: Result<T, ShapeError>) -> PyResult<T> {
    result.map_err(|error| CoreError::from(error).into())
}
