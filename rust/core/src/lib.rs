//! metapool's core: study-level meta-analysis, one or ten million at a time.
//!
//! No Python, no I/O. Study columns go in as slices with offsets that cut them into
//! meta-analyses ([`studies`]); results come out as a vector per field ([`engine`]).

mod choice;
mod fours;
mod table;

pub mod analysis;
pub mod conventions;
pub mod effect;
pub mod engine;
pub mod heterogeneity;
pub mod measure;
pub mod model_rule;
pub mod plan;
pub mod pool;
pub mod reported;
pub mod resample;
pub mod rng;
pub mod sample;
pub mod sensitivity;
pub mod simd;
pub mod simulate;
pub mod small_study;
pub mod special;
pub mod status;
pub mod studies;
pub mod tile;
pub mod validate;

pub use choice::UnknownName;
