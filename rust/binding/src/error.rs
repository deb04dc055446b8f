//! Core errors as Python exceptions.

use metapool_core::UnknownName;
use metapool_core::plan::PlanError;
use metapool_core::studies::ShapeError;
use metapool_core::validate::BadValue;
use pyo3::exceptions::{PyMemoryError, PyValueError};
use pyo3::{PyErr, create_exception};

create_exception!(
    _core,
    InvalidValue,
    PyValueError,
    "A value at fault: args are (column, row, value, what is wrong with it)."
);

/// Any error of the core.
pub(crate) enum CoreError {
    Value(BadValue),
    Text(String),
    Memory(String),
}

pub(crate) type CoreResult<T> = Result<T, CoreError>;

impl From<BadValue> for CoreError {
    fn from(error: BadValue) -> Self {
        Self::Value(error)
    }
}

macro_rules! from_text {
    ($($error:ty),+) => {
        $(impl From<$error> for CoreError {
            fn from(error: $error) -> Self {
                Self::Text(error.to_string())
            }
        })+
    };
}
from_text!(UnknownName, PlanError);

impl From<ShapeError> for CoreError {
    fn from(error: ShapeError) -> Self {
        match error {
            ShapeError::Memory { .. } => Self::Memory(error.to_string()),
            _ => Self::Text(error.to_string()),
        }
    }
}

impl From<CoreError> for PyErr {
    fn from(error: CoreError) -> Self {
        match error {
            CoreError::Value(BadValue { column, row, value, rule }) => {
                InvalidValue::new_err((column, row, value, rule.to_string()))
            }
            CoreError::Text(text) => PyValueError::new_err(text),
            CoreError::Memory(text) => PyMemoryError::new_err(text),
        }
    }
}
