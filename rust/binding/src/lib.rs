//! The binding: extracts arrays, releases the GIL, calls the engine, returns arrays.

mod check;
mod error;
mod input;
mod output;
mod plan;
mod pool;
mod small_study;
mod study;
mod threads;

use pyo3::prelude::*;

/// The core of metapool. Private: `metapool._bridge` is its only importer.
#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use crate::check::{check_reported, chi_square_sf, natural, normal_sf, t_fits, t_p_value};
    #[pymodule_export]
    use crate::error::InvalidValue;
    #[pymodule_export]
    use crate::plan::{Conventions, Plan, choices};
    #[pymodule_export]
    use crate::pool::{details, model_rule, pool, subgroup_difference};
    #[pymodule_export]
    use crate::small_study::{SmallStudyTest, radial_points, small_study, small_study_points};
    #[pymodule_export]
    use crate::study::{effect_sizes, effects, validate};
}
