//! Random numbers that depend on a counter only, so that any one of them can be drawn again by itself.

pub mod binomial;
mod binomial_squeeze;
mod btpe;
pub mod draw;
pub mod gamma;
pub mod index;
pub mod normal;
pub mod philox;
pub mod source;
