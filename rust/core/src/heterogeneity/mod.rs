//! Heterogeneity between studies.

pub mod breslow_day;
pub mod likelihood;
pub mod line;
pub mod moments;
pub mod q;
pub mod q_equation;
pub mod tau2;
pub mod tau2_error;
pub mod tau2_interval;
