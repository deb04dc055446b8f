//! Random numbers that depend on a counter only, so that any one of them can be drawn again by itself.

pub mod index;
pub mod philox;
