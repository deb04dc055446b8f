//! Fail-safe N: how many studies without an effect would undo a finding. Obsolete, but asked for.

use crate::conventions::Conventions;
use crate::effect::block::BlockEffects;
use crate::measure::Measure;
use crate::special::normal;
use crate::studies::Studies;
use crate::table::struct_of_arrays;

/// What a fail-safe N needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FailSafePlan {
    /// Whose effects.
    pub measure: Measure,
    /// How they are taken.
    pub conventions: Conventions,
    /// One-sided of Rosenthal's, two-sided of Rosenberg's.
    pub alpha: f64,
    /// Orwin's negligible mean; half of the mean if NaN.
    pub target: f64,
}

struct_of_arrays! {
    /// Fail-safe N of meta-analyses; NaN without a study.
    pub struct FailSafe / FailSafeView {
        /// Rosenthal's (1979).
        pub rosenthal: f64,
        /// Orwin's (1983).
        pub orwin: f64,
        /// Rosenberg's (2005).
        pub rosenberg: f64,
    }
}

/// Space for a block of meta-analyses, reused.
#[derive(Debug, Default)]
pub struct Scratch(BlockEffects);

/// Of meta-analyses `first..first + n`, to `out`, the view of these `n` rows.
pub fn fail_safe_block(
    plan: &FailSafePlan,
    studies: &Studies<'_>,
    first: usize,
    Scratch(effects): &mut Scratch,
    out: &mut FailSafeView<'_>,
) {
    let columns = effects.take(studies, first, out.orwin.len());
    effects.fill(plan.measure, &plan.conventions, &columns);
    for i in 0..out.orwin.len() {
        let rows = effects.studies(i);
        let found = fail_safe(plan, &effects.y[rows.clone()], &effects.w[rows]);
        [out.rosenthal[i], out.orwin[i], out.rosenberg[i]] = found;
    }
}

/// # Formula
/// Rosenthal (Σz/z_alpha)² - k; Orwin k (|ȳ| - |target|)/|target|, ȳ unweighted; Rosenberg (k/Σw)((Σwy/z_{alpha/2})² -
/// Σw). Rounded up, 0 at least.
fn fail_safe(plan: &FailSafePlan, y: &[f64], w: &[f64]) -> [f64; 3] {
    let used = || y.iter().zip(w).filter(|(_, w)| **w > 0.0);
    let k = used().count() as f64;
    if k == 0.0 {
        return [f64::NAN; 3];
    }
    let sum_z: f64 = used().map(|(y, w)| y * w.sqrt()).sum();
    let mean = used().map(|(y, _)| y).sum::<f64>() / k;
    let sum_w: f64 = used().map(|(_, w)| w).sum();
    let sum_wy: f64 = used().map(|(y, w)| w * y).sum();
    let one_sided = sum_z / normal::upper_quantile(plan.alpha);
    let two_sided = sum_wy / normal::upper_quantile(0.5 * plan.alpha);
    let target = if plan.target.is_nan() { 0.5 * mean } else { plan.target };
    [
        one_sided * one_sided - k,
        k * (mean.abs() - target.abs()) / target.abs(),
        k * (two_sided * two_sided / sum_w - 1.0),
    ]
    .map(|n| if n.is_nan() { n } else { n.ceil().max(0.0) })
}
