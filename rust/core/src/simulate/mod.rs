//! Simulated meta-analyses: data of a declared model, fitted and judged by what was declared.

pub mod distribution;
mod generate;
pub mod model;
pub mod performance;
pub mod select;
mod tally;

pub use generate::Generated;
pub(crate) use tally::Tested;

use distribution::Distribution;
use model::{Effects, Model};
use select::Selection;

/// A cell of a simulation study: what its data are drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Its number in the streams.
    pub number: u64,
    /// What a study consists of.
    pub model: Model,
    /// Effects of the studies.
    pub effects: Effects,
    /// Studies of a meta-analysis.
    pub k: Distribution,
    /// Which studies are published, if not all.
    pub selection: Option<Selection>,
}
