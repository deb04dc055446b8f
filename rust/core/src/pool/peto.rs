//! Peto's method (Yusuf et al. 1985).

use crate::conventions::{Conventions, PetoCorrection};

/// The conventions under which inverse-variance pooling of Peto study effects is Peto's method.
///
/// # Formula
/// With y = (O - E)/V and v = 1/V, Σ wy / Σ w = Σ(O - E)/ΣV, SE = 1/√ΣV and
/// Σ w (y - mu)² = Σ(O - E)²/V - (Σ(O - E))²/ΣV: the method is inverse variance on raw counts.
#[must_use]
pub(crate) fn raw_counts(conventions: Conventions) -> Conventions {
    Conventions { peto_cc: PetoCorrection::None, ..conventions }
}
