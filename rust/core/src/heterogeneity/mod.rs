//! Heterogeneity between studies.

pub mod q;
pub mod tau2;
