//! Effects of two means: mean difference, standardised mean difference, ratio of means.

use crate::conventions::{Conventions, SmdVariance, ZeroSd};
use crate::measure::Measure;
use crate::simd::Lanes;
use crate::studies::TwoMeans;

use super::hedges::hedges_factor;
use super::{Effect, Fraction, Reason, Verdict, log_ratio};

/// Mean, standard deviation and size of both arms of a study.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Arms<V> {
    mean_e: V,
    sd_e: V,
    n_e: V,
    mean_c: V,
    sd_c: V,
    n_c: V,
}

impl<V: Lanes> Arms<V> {
    /// The arms from row `i` on.
    #[inline(always)]
    pub(crate) fn of(t: &TwoMeans<'_>, i: usize) -> Self {
        Self {
            mean_e: V::load(t.mean_e, i),
            sd_e: V::load(t.sd_e, i),
            n_e: V::load(t.n_e, i),
            mean_c: V::load(t.mean_c, i),
            sd_c: V::load(t.sd_c, i),
            n_c: V::load(t.n_c, i),
        }
    }

    #[inline(always)]
    fn present(self) -> V::Mask {
        let each = [self.mean_e, self.sd_e, self.n_e, self.mean_c, self.sd_c, self.n_c];
        each.into_iter().fold(V::splat(0.0).eq(V::splat(0.0)), |all, x| all & x.eq(x))
    }
}

/// Effect and variance of studies; the verdict says which have none.
#[inline(always)]
pub(super) fn effect<V: Lanes, D: Verdict<V>>(
    measure: Measure,
    conventions: &Conventions,
    arms: Arms<V>,
    verdict: &mut D,
) -> Effect<V> {
    verdict.exclude(!arms.present(), Reason::Missing);
    if conventions.zero_sd == ZeroSd::Drop {
        let zero = V::splat(0.0);
        verdict.exclude(arms.sd_e.eq(zero) | arms.sd_c.eq(zero), Reason::ZeroSd);
    }
    match measure {
        Measure::Smd => standardised_mean_difference(conventions, arms, verdict),
        Measure::Rom => log_ratio_of_means(arms, verdict),
        _ => mean_difference(arms),
    }
}

/// MD = m1 - m2, v = s1²/n1 + s2²/n2.
#[inline(always)]
fn mean_difference<V: Lanes>(t: Arms<V>) -> Effect<V> {
    let v = t.sd_e * t.sd_e / t.n_e + t.sd_c * t.sd_c / t.n_c;
    Effect { y: t.mean_e - t.mean_c, v: Fraction::whole(v) }
}

/// ln ROM = ln(m1/m2), v = s1²/(n1 m1²) + s2²/(n2 m2²) (Hedges, Gurevitch & Curtis 1999).
#[inline(always)]
fn log_ratio_of_means<V: Lanes, D: Verdict<V>>(t: Arms<V>, verdict: &mut D) -> Effect<V> {
    let zero = V::splat(0.0);
    let positive = zero.lt(t.mean_e / t.mean_c) & !t.mean_c.eq(zero); // x/0 is infinite
    verdict.exclude(!positive, Reason::NotPositive);
    let (m1, m2) = (t.mean_e.abs(), t.mean_c.abs());
    let (relative_e, relative_c) = (t.sd_e / m1, t.sd_c / m2);
    let v = relative_e * relative_e / t.n_e + relative_c * relative_c / t.n_c;
    Effect { y: log_ratio(m1, m2, m1 - m2, verdict), v: Fraction::whole(v) }
}

/// Hedges' g = J d, d = (m1 - m2)/s_pooled, with m = N - 2 degrees of freedom.
///
/// # Formula
/// Variances: `revman` 1/n1 + 1/n2 + g²/(2(N - 3.94)); `ls` 1/n1 + 1/n2 + g²/(2N); `ub`
/// 1/n1 + 1/n2 + g²(1 - (m-2)/(m J²)) (Hedges 1983, eq. 12); `ls2` J²(1/n1 + 1/n2 + d²/(2N))
/// (Borenstein 2009, eq. 12.17-12.18).
#[inline(always)]
fn standardised_mean_difference<V: Lanes, D: Verdict<V>>(
    conventions: &Conventions,
    t: Arms<V>,
    verdict: &mut D,
) -> Effect<V> {
    let n = t.n_e + t.n_c;
    let m = n - 2.0;
    verdict.exclude(m.lt(V::splat(1.0)), Reason::TooSmall);
    let squares = (t.n_e - 1.0) * t.sd_e * t.sd_e + (t.n_c - 1.0) * t.sd_c * t.sd_c;
    let pooled = squares / m;
    verdict.exclude(pooled.le(V::splat(0.0)), Reason::ZeroVariance);
    let d = (t.mean_e - t.mean_c) / pooled.sqrt();
    let bias = conventions.smd_bias;
    let j = m.map(|m| hedges_factor(bias, m).j);
    let g = j * d;
    let unit = V::splat(1.0) / t.n_e + V::splat(1.0) / t.n_c;
    let v = match conventions.smd_variance {
        SmdVariance::Revman => unit + g * g / ((n - 3.94) * 2.0),
        SmdVariance::Ls => unit + g * g / (n * 2.0),
        SmdVariance::Ub => unit + g * g * m.map(|m| hedges_factor(bias, m).unbiased_share),
        SmdVariance::Ls2 => j * j * (unit + d * d / (n * 2.0)),
    };
    Effect { y: g, v: Fraction::whole(v) }
}
