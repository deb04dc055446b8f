//! Sensitivity analyses: the same plan for parts of the studies of a meta-analysis.

pub mod influence;
pub mod parts;
pub mod subsets;
