//! Between-study variance.

use crate::choice::choice;
use crate::pool::critical::Criticals;
use crate::pool::inverse_variance;
use crate::sample::{Multiplicity, Sample};
use crate::simd::Lanes;

use super::likelihood::{Likelihood, maximise};
use super::moments::{dersimonian_laird, hedges, hunter_schmidt, second_step, sidik_jonkman};
use super::q::CochranQ;
use super::q_equation::solve;

choice! {
    /// Method of a random-effects model: its estimator of tau².
    pub enum Random: "method" {
        /// [`dersimonian_laird`].
        DerSimonianLaird = "DL",
        /// DerSimonian and Laird's [`second_step`].
        DerSimonianLaird2 = "DL2",
        /// [`hedges`].
        Hedges = "HE",
        /// Hedges's [`second_step`].
        Hedges2 = "HE2",
        /// [`hunter_schmidt`].
        HunterSchmidt = "HS",
        /// [`hunter_schmidt`], corrected.
        HunterSchmidtCorrected = "HSk",
        /// [`sidik_jonkman`].
        SidikJonkman = "SJ",
        /// [`solve`] for the degrees of freedom.
        PauleMandel = "PM",
        /// [`solve`] for the median of chi-square.
        MedianPauleMandel = "PMM",
        /// [`maximise`], [`Likelihood::Full`].
        MaximumLikelihood = "ML",
        /// [`maximise`], [`Likelihood::Restricted`].
        RestrictedMaximumLikelihood = "REML",
        /// As Paule and Mandel's, which has the same root.
        EmpiricalBayes = "EB",
        /// DerSimonian and Laird's, for [`crate::pool::ivhet`].
        InverseVarianceHeterogeneity = "IVhet",
        /// Given, not estimated.
        Preset = "preset",
    }
}

/// An estimate of tau².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Iterated<V> {
    /// The estimate.
    pub tau2: V,
    /// Steps that it took; 0 for a closed form.
    pub steps: V,
}

impl<V: Lanes> Iterated<V> {
    /// From a closed form.
    #[inline(always)]
    pub(crate) fn closed(tau2: V) -> Self {
        Self { tau2, steps: V::splat(0.0) }
    }
}

impl Random {
    /// tau² by this estimator, from the effects, their Q and the sums of their weights; `preset` is the tau²
    /// that is given.
    #[inline(always)]
    #[must_use]
    pub(crate) fn estimate<V: Lanes>(
        self,
        effects: impl Sample,
        q: CochranQ<V>,
        sums: WeightSums<V>,
        preset: f64,
        criticals: &Criticals,
    ) -> Iterated<V> {
        let k = sums.k;
        // each formula is called in one place: all of them are compiled for every kind of lanes
        let tau2 = match self {
            Self::PauleMandel | Self::EmpiricalBayes | Self::MedianPauleMandel => {
                let median = self == Self::MedianPauleMandel;
                let target = if median { criticals.chi_square_median(q.df) } else { q.df };
                return solve(effects, q.df, target);
            }
            Self::MaximumLikelihood | Self::RestrictedMaximumLikelihood => {
                let full = self.likelihood() == Some(Likelihood::Full);
                let likelihood = if full { Likelihood::Full } else { Likelihood::Restricted };
                return maximise(likelihood, effects, k);
            }
            Self::DerSimonianLaird
            | Self::DerSimonianLaird2
            | Self::InverseVarianceHeterogeneity => dersimonian_laird(q, sums),
            Self::Preset => V::splat(preset),
            Self::Hedges | Self::Hedges2 => hedges(effects, k),
            Self::HunterSchmidt => hunter_schmidt(q, sums, false),
            Self::HunterSchmidtCorrected => hunter_schmidt(q, sums, true),
            Self::SidikJonkman => sidik_jonkman(effects, k),
        };
        if matches!(self, Self::DerSimonianLaird2 | Self::Hedges2) {
            return Iterated::closed(second_step(effects, tau2, k));
        }
        Iterated::closed(tau2)
    }

    /// Whether its Q may be taken about another mean than the inverse-variance one.
    #[must_use]
    pub(crate) fn takes_q_about_any_mean(self) -> bool {
        matches!(self, Self::DerSimonianLaird | Self::InverseVarianceHeterogeneity)
    }

    /// The likelihood that it maximises, if it does.
    #[must_use]
    pub fn likelihood(self) -> Option<Likelihood> {
        match self {
            Self::MaximumLikelihood => Some(Likelihood::Full),
            Self::RestrictedMaximumLikelihood => Some(Likelihood::Restricted),
            _ => None,
        }
    }
}

/// Sums of the weights w = 1/v of the included studies, or of their w* = 1/(v + tau²).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeightSums<V> {
    /// Σ w.
    pub w: V,
    /// Σ w y.
    pub wy: V,
    /// Σ of w_i w_j over the pairs i < j.
    pub pairs: V,
    /// Studies.
    pub k: V,
}

impl<V: Lanes> WeightSums<V> {
    /// Sums over the included studies.
    #[inline(always)]
    #[must_use]
    pub fn of(effects: impl Sample) -> Self {
        Self::weighted(effects, None)
    }

    /// Sums of w*.
    #[inline(always)]
    #[must_use]
    pub(crate) fn at(effects: impl Sample, tau2: V) -> Self {
        Self::weighted(effects, Some(tau2))
    }

    #[inline(always)]
    fn weighted(effects: impl Sample, tau2: Option<V>) -> Self {
        let zero = V::splat(0.0);
        let mut sums = Self { w: zero, wy: zero, pairs: zero, k: zero };
        if let Some(k) = effects.size() {
            for (y, w, n) in effects.studies::<V>() {
                sums.add(y, w, n, tau2);
            }
            return Self { k: V::splat(k), ..sums };
        }
        for (y, w, n) in effects.studies::<V>() {
            sums.k = sums.k + n.times(V::splat(1.0).or_zero(zero.lt(w)));
            sums.add(y, w, n, tau2);
        }
        sums
    }

    #[inline(always)]
    fn add(&mut self, y: V, w: V, n: impl Multiplicity<V>, tau2: Option<V>) {
        let w = match tau2 {
            Some(tau2) => inverse_variance::weight(w, tau2),
            None => w,
        };
        self.pairs = self.pairs + n.pairs(w, self.w);
        let w = n.times(w);
        self.w = self.w + w;
        self.wy = self.wy + w * y;
    }

    /// The mean Σwy/Σw.
    #[inline(always)]
    #[must_use]
    pub fn mean(self) -> V {
        self.wy / self.w
    }

    /// C = Σw - Σw²/Σw, the trace of P, as 2 Σ_{i<j} w_i w_j / Σw: sums of positive terms, where
    /// the textbook form loses every digit once one study dominates.
    #[inline(always)]
    #[must_use]
    pub fn trace(self) -> V {
        self.pairs * 2.0 / self.w
    }

    /// The typical within-study variance s² = df/C (Higgins & Thompson 2002, eq. 9).
    #[inline(always)]
    #[must_use]
    pub fn typical_variance(self, df: V) -> V {
        df / self.trace()
    }
}

/// I² from tau²: 100 tau²/(tau² + s²) percent.
#[inline(always)]
#[must_use]
pub fn i2<V: Lanes>(tau2: V, df: V, sums: WeightSums<V>) -> V {
    let share = (tau2 / (tau2 + sums.typical_variance(df))) * 100.0;
    share.or_zero(V::splat(0.0).lt(df))
}

/// H² from tau²: 1 + tau²/s².
#[inline(always)]
#[must_use]
pub fn h2<V: Lanes>(tau2: V, df: V, sums: WeightSums<V>) -> V {
    let one = V::splat(1.0);
    V::select(V::splat(0.0).lt(df), one + tau2 / sums.typical_variance(df), one)
}
