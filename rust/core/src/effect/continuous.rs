//! Effects of two means: mean difference, standardised mean difference, ratio of means.

use crate::conventions::{Conventions, SmdVariance, ZeroSd};
use crate::measure::Measure;
use crate::studies::TwoMeans;

use super::hedges::{HedgesFactor, hedges_factor};
use super::{Effect, Reason, present};

/// Mean, standard deviation and size of both arms of a study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arms {
    mean_e: f64,
    sd_e: f64,
    n_e: f64,
    mean_c: f64,
    sd_c: f64,
    n_c: f64,
}

impl Arms {
    pub(crate) fn of(t: &TwoMeans<'_>, i: usize) -> Self {
        Self {
            mean_e: t.mean_e[i],
            sd_e: t.sd_e[i],
            n_e: t.n_e[i],
            mean_c: t.mean_c[i],
            sd_c: t.sd_c[i],
            n_c: t.n_c[i],
        }
    }
}

/// Effect and variance of one study.
///
/// # Errors
/// The [`Reason`] for which the study has no effect.
pub(crate) fn effect(
    measure: Measure,
    conventions: &Conventions,
    arms: Arms,
) -> Result<Effect, Reason> {
    let Arms { mean_e, sd_e, n_e, mean_c, sd_c, n_c } = arms;
    present(&[mean_e, sd_e, n_e, mean_c, sd_c, n_c])?;
    if conventions.zero_sd == ZeroSd::Drop && (sd_e == 0.0 || sd_c == 0.0) {
        return Err(Reason::ZeroSd);
    }
    match measure {
        Measure::Smd => standardised_mean_difference(conventions, arms),
        Measure::Rom => log_ratio_of_means(arms),
        _ => Ok(mean_difference(arms)),
    }
}

/// MD = m1 - m2, v = s1²/n1 + s2²/n2.
fn mean_difference(t: Arms) -> Effect {
    Effect { y: t.mean_e - t.mean_c, v: t.sd_e * t.sd_e / t.n_e + t.sd_c * t.sd_c / t.n_c }
}

/// ln ROM = ln(m1/m2), v = s1²/(n1 m1²) + s2²/(n2 m2²) (Hedges, Gurevitch & Curtis 1999).
fn log_ratio_of_means(t: Arms) -> Result<Effect, Reason> {
    let ratio = t.mean_e / t.mean_c;
    if ratio.is_nan() || ratio <= 0.0 {
        return Err(Reason::NotPositive);
    }
    let relative = |sd: f64, mean: f64| (sd / mean) * (sd / mean);
    Ok(Effect {
        y: libm::log(ratio),
        v: relative(t.sd_e, t.mean_e) / t.n_e + relative(t.sd_c, t.mean_c) / t.n_c,
    })
}

/// Hedges' g = J d, d = (m1 - m2)/s_pooled, with m = N - 2 degrees of freedom.
///
/// # Formula
/// Variances: `revman` 1/n1 + 1/n2 + g²/(2(N - 3.94)); `ls` 1/n1 + 1/n2 + g²/(2N); `ub`
/// 1/n1 + 1/n2 + g²(1 - (m-2)/(m J²)) (Hedges 1983, eq. 12); `ls2` J²(1/n1 + 1/n2 + d²/(2N))
/// (Borenstein 2009, eq. 12.17-12.18).
fn standardised_mean_difference(conventions: &Conventions, t: Arms) -> Result<Effect, Reason> {
    let n = t.n_e + t.n_c;
    let m = n - 2.0;
    if m < 1.0 {
        return Err(Reason::TooSmall);
    }
    let pooled = ((t.n_e - 1.0) * t.sd_e * t.sd_e + (t.n_c - 1.0) * t.sd_c * t.sd_c) / m;
    if pooled <= 0.0 {
        return Err(Reason::ZeroVariance);
    }
    let d = (t.mean_e - t.mean_c) / pooled.sqrt();
    let HedgesFactor { j, unbiased_share } = hedges_factor(conventions.smd_bias, m);
    let g = j * d;
    let unit = 1.0 / t.n_e + 1.0 / t.n_c;
    let v = match conventions.smd_variance {
        SmdVariance::Revman => unit + g * g / (2.0 * (n - 3.94)),
        SmdVariance::Ls => unit + g * g / (2.0 * n),
        SmdVariance::Ub => unit + g * g * unbiased_share,
        SmdVariance::Ls2 => j * j * (unit + d * d / (2.0 * n)),
    };
    Ok(Effect { y: g, v })
}
