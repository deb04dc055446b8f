//! The standard error of an estimate of tau².

use crate::sample::Sample;
use crate::tile::Tile;

use super::moments::squares;
use super::tau2::Random;

/// The asymptotic standard error of an estimator of tau² of `k` studies at its estimate; NaN for fewer
/// than two studies, for a preset tau² and for the two-step estimators, which have no published form.
///
/// # Formula
/// Viechtbauer (2005), and metafor for PM and SJ, with P = A - Aaa'A/Σa of the weights a that the estimator uses, V the variances:
/// DL, with a = 1/v, √(2(k-1) + 4 tau² tr P + 2 tau⁴ tr PP)/tr P; HS the same over Σa, HSk times k/(k-1);
/// HE, with a = 1, √(2 tr PVPV + 4 tau² tr PVP + 2 tau⁴ (k-1))/(k-1); SJ, with a = 1/(v + tau0²), tau0²/(k-1)
/// √(2 tr PVPV + 4 tau² tr PVP + 2 tau⁴ tr PP). With a = 1/(v + tau²): ML √(2/Σa²), REML √(2/tr PP), PM,
/// EB and PMM √(2k²/(k-1))/Σa.
///
/// # Example
/// ```
/// use metapool_core::{heterogeneity::{tau2::Random, tau2_error::standard_error}, tile::Tile};
/// let effects = Tile::new(&[0.0, 1.0], &[10.0, 10.0]);
/// let se = standard_error(Random::RestrictedMaximumLikelihood, effects, 0.4, 2.0);
/// assert!((se - 0.5 * 2.0_f64.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn standard_error(estimator: Random, effects: Tile<'_>, tau2: f64, k: f64) -> f64 {
    if k < 2.0 {
        return f64::NAN;
    }
    let (df, tau4) = (k - 1.0, tau2 * tau2);
    let at = |tau2: f64| Traces::of(effects, |v| 1.0 / (v + tau2));
    match estimator {
        Random::DerSimonianLaird
        | Random::InverseVarianceHeterogeneity
        | Random::HunterSchmidt
        | Random::HunterSchmidtCorrected => {
            let t = at(0.0);
            let spread = (2.0 * df + 4.0 * tau2 * t.p + 2.0 * tau4 * t.pp).sqrt();
            match estimator {
                Random::HunterSchmidt => spread / t.a,
                Random::HunterSchmidtCorrected => spread / t.a * (k / df),
                _ => spread / t.p,
            }
        }
        Random::Hedges => {
            let t = Traces::of(effects, |_| 1.0);
            (2.0 * t.pvpv + 4.0 * tau2 * t.pvp + 2.0 * tau4 * df).sqrt() / df
        }
        Random::SidikJonkman => {
            let crude = squares(effects, k) / k;
            let t = at(crude);
            crude / df * (2.0 * t.pvpv + 4.0 * tau2 * t.pvp + 2.0 * tau4 * t.pp).sqrt()
        }
        Random::MaximumLikelihood => (2.0 / at(tau2).aa).sqrt(),
        Random::RestrictedMaximumLikelihood => (2.0 / at(tau2).pp).sqrt(),
        Random::PauleMandel | Random::EmpiricalBayes | Random::MedianPauleMandel => {
            (2.0 * k * k / df).sqrt() / at(tau2).a
        }
        Random::DerSimonianLaird2 | Random::Hedges2 | Random::Preset => f64::NAN,
    }
}

/// Σa, Σa² and traces of products of P and V.
#[derive(Debug, Default)]
struct Traces {
    a: f64,
    aa: f64,
    p: f64,
    pp: f64,
    pvp: f64,
    pvpv: f64,
}

impl Traces {
    /// With P_ij = a_i (δ_ij - a_j/Σa), tr PP = Σ P_ij², tr PVP = Σ P_ij² v_j, tr PVPV = Σ P_ij² v_i v_j: the
    /// diagonal by what the other studies weigh, the rest by products.
    fn of(effects: Tile<'_>, weight: impl Fn(f64) -> f64) -> Self {
        let included =
            || effects.studies::<f64>().filter(|(_, w, _)| *w > 0.0).map(|(_, w, _)| 1.0 / w);
        let sum = |f: &dyn Fn(f64, f64) -> f64| included().map(|v| f(weight(v), v)).sum::<f64>();
        let a = sum(&|a, _| a);
        let (aa, aav) = (sum(&|a, _| a * a), sum(&|a, v| a * a * v));
        let others = |a_i: f64| (a - a_i) / a;
        // Σ over i != j of x_i x_j is x_i times what the sum has besides
        let apart = |f: &dyn Fn(f64, f64) -> f64, total: f64| {
            sum(&|a_i, v| f(a_i, v) * (total - f(a_i, v))) / (a * a)
        };
        let diagonal =
            |f: &dyn Fn(f64, f64) -> f64| sum(&|a_i, v| (a_i * others(a_i)).powi(2) * f(a_i, v));
        Self {
            a,
            aa,
            p: sum(&|a_i, _| a_i * others(a_i)),
            pp: diagonal(&|_, _| 1.0) + apart(&|a_i, _| a_i * a_i, aa),
            pvp: diagonal(&|_, v| v) + sum(&|a_i, v| a_i * a_i * v * (aa - a_i * a_i)) / (a * a),
            pvpv: diagonal(&|_, v| v * v) + apart(&|a_i, v| a_i * a_i * v, aav),
        }
    }
}
