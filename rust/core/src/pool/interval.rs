//! Confidence interval and test of a pooled effect.

use crate::choice::choice;
use crate::heterogeneity::moments::dersimonian_laird;
use crate::heterogeneity::q::CochranQ;
use crate::heterogeneity::tau2::WeightSums;
use crate::sample::{Multiplicity, Sample};
use crate::simd::Lanes;

use super::critical::Criticals;
use super::{Estimate, inverse_variance};

choice! {
    /// How the interval of the mean is formed: estimate ± critical value × SE.
    pub enum Interval: "interval" {
        /// 1/√Σw*, normal distribution.
        Wald = "wald",
        /// 1/√Σw*, t with k - 1 degrees of freedom.
        T = "t",
        /// [`hartung_knapp`].
        HartungKnapp = "hk",
        /// [`hartung_knapp`] with q no less than 1.
        HkAdhoc = "hk-adhoc",
        /// [`hartung_knapp`], no narrower than "wald".
        HkZovert = "hk-zovert",
        /// [`hartung_knapp`], or "wald" where that is wider.
        HkCi = "hk-ci",
        /// [`hartung_knapp`], or "t" where DerSimonian and Laird's "wald" is wider.
        HkIqwig6 = "hk-iqwig6",
        /// [`kenward_roger`].
        KenwardRoger = "kr",
        /// [`sidik_jonkman`].
        SidikJonkman = "sj",
        /// [`super::profile_likelihood`], of ML and REML; its SE is 1/√Σw*.
        ProfileLikelihood = "pl",
    }
}

impl Interval {
    /// Whether its SE is 0 where all effects are equal.
    pub(crate) fn may_vanish(self) -> bool {
        matches!(self, Self::HartungKnapp | Self::SidikJonkman)
    }
}

/// A standard error and the degrees of freedom of its t; infinite for the normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basis<V> {
    /// Standard error.
    pub se: V,
    /// Degrees of freedom.
    pub df: V,
}

/// What an interval of an inverse-variance mean stands on. One study has 1/√w* and the normal
/// distribution, whatever the interval.
#[inline(always)]
pub(crate) fn basis<V: Lanes>(
    interval: Interval,
    effects: impl Sample,
    tau2: V,
    found: Estimate<V>,
    k: V,
    criticals: &Criticals,
) -> Basis<V> {
    let (df, infinite) = (k - 1.0, V::splat(f64::INFINITY));
    let classic = found.se;
    let wald = Basis { se: classic, df: infinite };
    let z = V::splat(criticals.normal());
    let several = match interval {
        Interval::Wald | Interval::ProfileLikelihood => return wald,
        Interval::T => Basis { se: classic, df },
        Interval::KenwardRoger => kenward_roger(effects, tau2),
        Interval::SidikJonkman => sidik_jonkman(effects, tau2, found, k),
        _ => {
            let hk = hartung_knapp(effects, tau2, found, k);
            match interval {
                Interval::HkAdhoc => Basis { se: hk.se.max(classic), df },
                Interval::HkZovert => Basis { se: hk.se.max(classic * z / criticals.t(df)), df },
                Interval::HkCi => {
                    let narrow = (hk.se * criticals.t(df)).lt(classic * z);
                    let se = V::select(narrow, classic, hk.se);
                    Basis { se, df: V::select(narrow, infinite, df) }
                }
                Interval::HkIqwig6 => {
                    let sums = WeightSums::of(effects);
                    let q = CochranQ::about(sums.mean(), k, effects);
                    let dl = inverse_variance::pool(effects, dersimonian_laird(q, sums));
                    let narrow = (hk.se * criticals.t(df)).lt(dl.se * z);
                    Basis { se: V::select(narrow, classic, hk.se), df }
                }
                _ => hk,
            }
        }
    };
    let one_study = k.eq(V::splat(1.0));
    Basis {
        se: V::select(one_study, classic, several.se),
        df: V::select(one_study, infinite, several.df),
    }
}

/// Hartung & Knapp (2001), Sidik & Jonkman (2002): SE² = q/Σw*, q = Σ w*(y - mu)²/(k - 1), with t of k -
/// 1 degrees of freedom.
///
/// # Example
/// ```
/// use metapool_core::{pool::{interval::hartung_knapp, inverse_variance}, tile::Tile};
/// let effects = Tile::new(&[0.0, 1.0], &[10.0, 10.0]);
/// let found = hartung_knapp(effects, 0.4, inverse_variance::pool(effects, 0.4), 2.0);
/// assert!((found.se - 0.5).abs() < 1e-15 && found.df == 1.0); // half the distance of two effects
/// ```
#[inline(always)]
#[must_use]
pub fn hartung_knapp<V: Lanes>(
    effects: impl Sample,
    tau2: V,
    found: Estimate<V>,
    k: V,
) -> Basis<V> {
    let mut q = V::splat(0.0);
    for (y, w, n) in effects.studies::<V>() {
        let distance = y - found.estimate;
        q = q + n.times(inverse_variance::weight(w, tau2) * distance * distance);
    }
    Basis { se: (q / (k - 1.0)).sqrt() * found.se, df: k - 1.0 }
}

/// Kenward & Roger (1997) for REML, as Partlett & Riley (2017) write it: with s_j = Σw*^j, I =
/// s2/2 - s3/s1 + (s2/s1)²/2, SE² = (1 + 2 (s3/s1 - (s2/s1)²)/I)/s1, and 2 I/(SE² s2)² degrees of freedom.
#[inline(always)]
#[must_use]
pub fn kenward_roger<V: Lanes>(effects: impl Sample, tau2: V) -> Basis<V> {
    let [mut s1, mut s2, mut s3] = [V::splat(0.0); 3];
    for (_, w, n) in effects.studies::<V>() {
        let a = inverse_variance::weight(w, tau2);
        s1 = s1 + n.times(a);
        s2 = s2 + n.times(a * a);
        s3 = s3 + n.times(a * a * a);
    }
    let (second, third) = (s2 / s1, s3 / s1);
    let information = s2 * 0.5 - third + second * second * 0.5;
    let variance = ((third - second * second) * 2.0 / information + 1.0) / s1;
    let denominator = variance * s2;
    Basis { se: variance.sqrt(), df: information * 2.0 / (denominator * denominator) }
}

/// Sidik & Jonkman's (2006) robust estimator: SE² = Σ w*²(y - mu)²/(1 - w*/Σw*) / (Σw*)², with t of k - 1
/// degrees of freedom.
#[inline(always)]
#[must_use]
pub fn sidik_jonkman<V: Lanes>(
    effects: impl Sample,
    tau2: V,
    found: Estimate<V>,
    k: V,
) -> Basis<V> {
    let mut sum = V::splat(0.0);
    for (_, w, n) in effects.studies::<V>() {
        sum = sum + n.times(inverse_variance::weight(w, tau2));
    }
    let mut squares = V::splat(0.0);
    for (y, w, n) in effects.studies::<V>() {
        let a = inverse_variance::weight(w, tau2);
        let distance = a * (y - found.estimate);
        squares = squares + n.times(distance * distance * (sum / (sum - a)));
    }
    Basis { se: squares.sqrt() / sum, df: k - 1.0 }
}

/// estimate ± `critical` SE.
#[inline(always)]
#[must_use]
pub fn wald_limits<V: Lanes>(pooled: Estimate<V>, critical: V) -> (V, V) {
    let half = pooled.se * critical;
    (pooled.estimate - half, pooled.estimate + half)
}
