//! Effects as papers print them: with a variance, a standard error or an interval.

use crate::pool::critical::normal_critical;
use crate::validate::{BadValue, Rule};

/// What is given beside the effect.
#[derive(Debug, Clone, Copy)]
pub enum Spread<'a> {
    /// Variances.
    Variance(&'a [f64]),
    /// Standard errors.
    StandardError(&'a [f64]),
    /// Wald intervals: lower limits, upper limits, level.
    Interval(&'a [f64], &'a [f64], f64),
}

impl Spread<'_> {
    /// The value that says the spread of a row, and its column.
    fn at(&self, row: usize) -> (&'static str, f64) {
        match self {
            Self::Variance(v) => ("v", v[row]),
            Self::StandardError(se) => ("se", se[row]),
            Self::Interval(_, high, _) => ("ci_high", high[row]),
        }
    }
}

/// Effects and variances on the analysis scale, one element per study; NaN where anything is
/// missing.
///
/// With `log`, effects and limits are ratios and are taken to the log scale; variances and
/// standard errors are the log ratio's own.
///
/// # Formula
/// v = se², se = (upper - lower)/(2 z).
///
/// # Errors
/// The first [`BadValue`]: missing (unless allowed), infinite, a spread that is not positive, an
/// effect outside its interval, a ratio that is not positive.
///
/// # Example
/// ```
/// use metapool_core::effect::given::{Spread, effects};
/// let (y, v) = effects(&[2.0], Spread::Interval(&[1.0], &[4.0], 0.95), true, false)?;
/// assert!((y[0] - 2.0_f64.ln()).abs() < 1e-15 && (v[0].sqrt() - 0.353_65).abs() < 1e-5);
/// # Ok::<(), metapool_core::validate::BadValue>(())
/// ```
pub fn effects(
    y: &[f64],
    spread: Spread<'_>,
    log: bool,
    allow_missing: bool,
) -> Result<(Vec<f64>, Vec<f64>), BadValue> {
    let critical = match spread {
        Spread::Interval(_, _, level) => normal_critical(level),
        _ => f64::NAN,
    };
    let scale = |value: f64| if log { libm::log(value) } else { value };
    let mut out = (Vec::with_capacity(y.len()), Vec::with_capacity(y.len()));
    for (row, &value) in y.iter().enumerate() {
        let check = |column: &'static str, value: f64, positive: bool| {
            let rule = if value.is_nan() && !allow_missing {
                Rule::Missing
            } else if value.is_infinite() {
                Rule::Infinite
            } else if positive && value <= 0.0 {
                Rule::NotPositive
            } else {
                return Ok(value);
            };
            Err(BadValue { column, row, value, rule })
        };
        let effect = check("y", value, log)?;
        let variance = match spread {
            Spread::Variance(v) => check("v", v[row], true)?,
            Spread::StandardError(se) => check("se", se[row], true)? * se[row],
            Spread::Interval(low, high, _) => {
                let low = check("ci_low", low[row], log)?;
                let high = check("ci_high", high[row], log)?;
                if high <= low {
                    let rule = Rule::NotAboveLow;
                    return Err(BadValue { column: "ci_high", row, value: high, rule });
                }
                if effect < low || effect > high {
                    return Err(BadValue { column: "y", row, value, rule: Rule::OutsideInterval });
                }
                let se = (scale(high) - scale(low)) / (2.0 * critical);
                se * se
            }
        };
        if variance == 0.0 || variance.is_infinite() {
            let (column, value) = spread.at(row);
            return Err(BadValue { column, row, value, rule: Rule::NotFinite });
        }
        let missing = effect.is_nan() || variance.is_nan();
        out.0.push(if missing { f64::NAN } else { scale(effect) });
        out.1.push(if missing { f64::NAN } else { variance });
    }
    Ok(out)
}
