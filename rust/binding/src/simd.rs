//! Which registers the core computes in.

use metapool_core::simd::{self, Path};
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};

/// Takes a SIMD path by its name from now on; an error if this processor lacks it.
#[pyfunction]
pub(crate) fn use_simd(name: &str) -> CoreResult<()> {
    let path = Path::from_name(name)?;
    if simd::use_path(path) {
        return Ok(());
    }
    Err(CoreError::Text(format!("this processor has no '{name}'")))
}

/// The name of the SIMD path that is taken.
#[pyfunction]
pub(crate) fn simd_path() -> &'static str {
    simd::path().name()
}
