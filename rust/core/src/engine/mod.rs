//! Batch entry points: all analyses of a batch, block by block.

mod batch;
mod bootstrap;
mod effects;
mod permutation;
mod pooling;
mod resampling;
mod simulation;
mod small_study;
mod tables;
mod workers;

use crate::measure::Data;
use crate::studies::{ShapeError, Studies};

pub use batch::{Batch, Out, Steps, Task};
pub use bootstrap::{Bootstraps, bootstrap, summarise_bootstrap};
pub use effects::{TakeEffects, effect_sizes};
pub use permutation::{
    Alternative, Arrangements, PermutationRuns, PermutationTests, PermutationTestsView, permutation,
};
pub use pooling::{Heterogeneity, Pool, PoolOut, heterogeneity, pool};
pub use resampling::Resamples;
pub use simulation::{Analyses, simulate};
pub use small_study::{SmallStudy, small_study, small_study_points};
pub use tables::{TestTables, table_tests};
pub use workers::Workers;

fn needs(data: Data, measure: &'static str, studies: &Studies<'_>) -> Result<(), ShapeError> {
    let found = studies.columns().data();
    if found == data { Ok(()) } else { Err(ShapeError::Kind { measure, data: found }) }
}
