//! The binding: extracts arrays, releases the GIL, calls the engine, returns arrays.

mod bootstrap;
mod check;
mod error;
mod input;
mod output;
mod permutation;
mod plan;
mod pool;
mod publication_bias;
mod sensitivity;
mod simd;
mod simulation;
mod small_study;
mod special;
mod study;
mod threads;

use pyo3::prelude::*;

/// The core of metapool. Private: `metapool._bridge` is its only importer.
#[pymodule(gil_used = false)]
mod _core {
    /// The version of the package.
    #[pymodule_export]
    #[allow(non_upper_case_globals)] // Python's name
    const __version__: &str = env!("CARGO_PKG_VERSION");
    /// Changes whenever the numbers of a random stream do.
    #[pymodule_export]
    const STREAM_VERSION: u64 = metapool_core::rng::philox::VERSION;
    #[pymodule_export]
    use crate::bootstrap::{BootstrapPlan, bootstrap};
    #[pymodule_export]
    use crate::check::{check_reported, natural, normal_critical, pooled_risks, t_fits};
    #[pymodule_export]
    use crate::error::InvalidValue;
    #[pymodule_export]
    use crate::permutation::{PermutationPlan, permutation};
    #[pymodule_export]
    use crate::plan::{Conventions, Plan, choices};
    #[pymodule_export]
    use crate::pool::{details, heterogeneity, model_rule, pool, subgroup_difference, table_tests};
    #[pymodule_export]
    use crate::publication_bias::{fail_safe_n, trim_and_fill};
    #[pymodule_export]
    use crate::sensitivity::{fit_parts, fit_subsets, influence};
    #[pymodule_export]
    use crate::simd::{simd_path, use_simd};
    #[pymodule_export]
    use crate::simulation::{
        Scenario, generate_block, mean_estimate, merge_tallies, performance_measures,
        simulate_block,
    };
    #[pymodule_export]
    use crate::small_study::{
        SmallStudyTest, line_tests, radial_points, rank_tests, small_study, small_study_points,
        t_tests,
    };
    #[pymodule_export]
    use crate::special::{chi_square_sf, exp, ln, ln_ratio, normal_sf, t_p_value};
    #[pymodule_export]
    use crate::study::{effect_sizes, effects, validate};
}
