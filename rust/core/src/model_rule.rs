//! The rule that picks the common- or the random-effects model.

use crate::choice::choice;
use crate::heterogeneity::q::CochranQ;
use crate::simd::Lanes;

choice! {
    /// The condition that decided.
    pub enum Reason: "reason" {
        /// P of Q < 0.1: random.
        QTest = "q_p",
        /// I² > 50 %: random.
        I2 = "i2",
        /// Both: random.
        Both = "q_p and i2",
        /// Neither: common.
        Neither = "neither",
        /// Q does not exist (one study, none, or beyond floating point): common.
        NoQ = "no Q",
    }
}

impl Reason {
    /// Whether it is for the random-effects model.
    #[must_use]
    pub fn is_random(self) -> bool {
        matches!(self, Self::QTest | Self::I2 | Self::Both)
    }
}

/// P of Q below which the random-effects model is taken.
pub const Q_P: f64 = 0.1;
/// I² in percent above which the random-effects model is taken.
pub const I2: f64 = 50.0;

/// Random effects if P of Q < 0.1 or I² > 50 %, strictly; else the common effect.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::q::CochranQ, model_rule::{Reason, decide}};
/// assert_eq!(decide(CochranQ { q: 3.1, df: 1.0 }), Reason::Both); // P 0.08, I² 68 %
/// assert_eq!(decide(CochranQ { q: 1.5, df: 1.0 }), Reason::Neither); // P 0.22, I² 33 %
/// ```
#[must_use]
pub fn decide(q: CochranQ<f64>) -> Reason {
    if !q.q.is_finite() || q.df.is_nan() || q.df <= 0.0 {
        return Reason::NoQ;
    }
    match (q.p_value() < Q_P, q.i2() > I2) {
        (true, true) => Reason::Both,
        (true, false) => Reason::QTest,
        (false, true) => Reason::I2,
        (false, false) => Reason::Neither,
    }
}

/// Whether [`decide`] takes random effects, in every lane.
#[inline(always)]
pub(crate) fn takes_random<V: Lanes>(q: CochranQ<V>) -> V::Mask {
    let several = q.q.is_finite() & V::splat(0.0).lt(q.df);
    several & (q.p_value().lt(V::splat(Q_P)) | V::splat(I2).lt(q.i2()))
}
