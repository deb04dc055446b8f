//! Weights of studies in percent, on demand.

use crate::plan::{Common, Plan, Random};
use crate::pool::inverse_variance;

use super::block::Block;
use super::pooled::Pooled;

/// Of the common effect: Mantel and Haenszel's as RevMan prints them, or 1/v. RevMan prints weights
/// where a Mantel-Haenszel mean exists and its variance does not.
pub(super) fn of_common_effect(plan: &Plan, block: &Block, pooled: &Pooled, weights: &mut [f64]) {
    let by_mh = plan.common == Common::MantelHaenszel;
    let weight = |row: usize| if by_mh { block.denominator(row) } else { block.effects.w[row] };
    for i in 0..pooled.n_analyses() {
        let found = pooled.mean::<f64>(i).found;
        let exists = if by_mh { found.estimate.is_finite() } else { found.exists() };
        let rows = block.effects.studies(i);
        for row in rows.clone() {
            weights[row] = if exists { weight(row) } else { 0.0 };
        }
        to_percent(&mut weights[rows]);
    }
}

/// Of random effects, 1/(v + tau²), for the analyses that took them; those of IVhet are 1/v.
pub(super) fn of_random_effects(
    plan: &Plan,
    block: &Block,
    pooled: &Pooled,
    random: &[bool],
    weights: &mut [f64],
) {
    for i in (0..pooled.n_analyses()).filter(|&i| random[i]) {
        let rows = block.effects.studies(i);
        let tau2 = match plan.random {
            Random::InverseVarianceHeterogeneity => 0.0,
            _ => pooled.spread::<f64>(i).tau2.tau2,
        };
        let exists = pooled.mean::<f64>(i).found.estimate.is_finite();
        for (out, w) in weights[rows.clone()].iter_mut().zip(&block.effects.w[rows.clone()]) {
            *out = if exists { inverse_variance::weight(*w, tau2) } else { 0.0 };
        }
        to_percent(&mut weights[rows]);
    }
}

fn to_percent(weights: &mut [f64]) {
    let total: f64 = weights.iter().sum();
    if total > 0.0 {
        weights.iter_mut().for_each(|w| *w = 100.0 * (*w / total));
    }
}
