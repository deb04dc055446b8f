//! The risk that an effect makes of another.

use crate::measure::{Measure, natural};

/// The risk of the experimental arm, of the control arm's and an effect on the analysis scale: the curve of a L'Abbé
/// plot. NaN where the effect leads beyond 0 or 1, or is none of a two-by-two table.
///
/// # Formula
/// OR and Peto's: odds times exp(effect); RR: risk times exp(effect); RD: risk + effect; AS: sin²(asin √risk + effect).
///
/// # Example
/// ```
/// use metapool_core::{effect::risk::experimental_risk, measure::Measure};
/// assert!((experimental_risk(Measure::Rr, 0.2, 2.0_f64.ln()) - 0.4).abs() < 1e-15);
/// assert!(experimental_risk(Measure::Rd, 0.9, 0.2).is_nan());
/// ```
#[must_use]
pub fn experimental_risk(measure: Measure, control: f64, effect: f64) -> f64 {
    let risk = match measure {
        Measure::Or | Measure::Peto => {
            let events = control * natural(effect);
            events / (events + (1.0 - control))
        }
        Measure::Rr => control * natural(effect),
        Measure::Rd => control + effect,
        Measure::As => {
            let angle = control.sqrt().asin() + effect;
            let quarter = std::f64::consts::FRAC_PI_2;
            if (0.0..=quarter).contains(&angle) { angle.sin() * angle.sin() } else { f64::NAN }
        }
        _ => f64::NAN,
    };
    if (0.0..=1.0).contains(&risk) { risk } else { f64::NAN }
}
