//! Hedges' small-sample correction of the standardised mean difference.

use crate::conventions::SmdBias;
use crate::special::{gamma_half_ratio, squared_gamma_half_ratio_excess};

/// Hedges' factor for m degrees of freedom, and what the unbiased variance needs of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HedgesFactor {
    /// J.
    pub j: f64,
    /// 1 - (m - 2)/(m J²), without its cancellation for large m.
    pub unbiased_share: f64,
}

/// J and 1 - (m - 2)/(m J²); NaN where they do not exist (exact: m <= 1).
///
/// # Formula
/// Exact: J = Γ(m/2)/(√(m/2) Γ((m - 1)/2)) (Hedges 1981, eq. 6e), so m J² = 2 ratio² with the
/// ratio Γ(z + ½)/Γ(z) at z = (m - 1)/2. Approximate: J = 1 - 3/(4m - 1), so with d = 4m - 1
/// m J² - (m - 2) = ½ - 3/(2d) + 9m/d².
///
/// # Example
/// ```
/// use metapool_core::{conventions::SmdBias, effect::hedges::hedges_factor};
/// assert!((hedges_factor(SmdBias::Approx, 10.0).j - 12.0 / 13.0).abs() < 1e-15);
/// assert!((hedges_factor(SmdBias::Exact, 10.0).j - 0.922_74).abs() < 1e-5);
/// ```
#[must_use]
pub fn hedges_factor(bias: SmdBias, m: f64) -> HedgesFactor {
    match bias {
        SmdBias::Approx => {
            let d = 4.0 * m - 1.0;
            let j = 1.0 - 3.0 / d;
            let excess = 0.5 - 1.5 / d + 9.0 * m / (d * d);
            HedgesFactor { j, unbiased_share: excess / (m * j * j) }
        }
        SmdBias::Exact if m <= 1.0 => HedgesFactor { j: f64::NAN, unbiased_share: f64::NAN },
        SmdBias::Exact => {
            let z = 0.5 * (m - 1.0);
            let ratio = gamma_half_ratio(z);
            HedgesFactor {
                j: ratio / (0.5 * m).sqrt(),
                unbiased_share: squared_gamma_half_ratio_excess(z) / (ratio * ratio),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn share_is_the_textbook_form_where_that_has_digits() {
        for bias in [SmdBias::Approx, SmdBias::Exact] {
            for m in [3.0, 8.0, 30.0, 33.0, 34.0, 100.0] {
                let HedgesFactor { j, unbiased_share } = hedges_factor(bias, m);
                let textbook = 1.0 - (m - 2.0) / (m * j * j);
                assert!((unbiased_share - textbook).abs() < 1e-14, "{bias:?} {m}");
            }
        }
    }
}
