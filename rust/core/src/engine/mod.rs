//! Batch entry points: all analyses of a batch, block by block.

mod batch;
mod bootstrap;
mod effects;
mod fail_safe_n;
mod permutation;
mod pooling;
mod resampling;
mod sensitivity;
mod simulation;
mod small_study;
mod subsets;
mod tables;
mod trim_and_fill;
mod workers;

use crate::measure::Data;
use crate::studies::{ShapeError, Studies};

pub use batch::{Batch, Out, Steps, Task};
pub use bootstrap::{Bootstraps, bootstrap, summarise_bootstrap};
pub use effects::{TakeEffects, effect_sizes};
pub use fail_safe_n::{FailSafeNs, fail_safe_n};
pub use permutation::{
    Alternative, Arrangements, PermutationRuns, PermutationTests, PermutationTestsView, permutation,
};
pub use pooling::{Heterogeneity, Pool, PoolOut, heterogeneity, pool};
pub use resampling::Resamples;
pub use sensitivity::{FitParts, MeasureInfluence, PartsOut, fit_parts, influence};
pub use simulation::{Analyses, simulate};
pub use small_study::{
    LineTests, RankTests, SmallStudy, line_tests, rank_tests, small_study, small_study_points,
};
pub use subsets::{FitSubsets, SubsetFits, SubsetFitsView, fit_subsets};
pub use tables::{TestTables, table_tests};
pub use trim_and_fill::{TrimOut, Trimming, trim};
pub use workers::Workers;

fn needs(data: Data, measure: &'static str, studies: &Studies<'_>) -> Result<(), ShapeError> {
    let found = studies.columns().data();
    if found == data { Ok(()) } else { Err(ShapeError::Kind { measure, data: found }) }
}
