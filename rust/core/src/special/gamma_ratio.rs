//! Γ(z + ½) / Γ(z), the ratio behind Hedges' factor and Student's density.

/// Γ(z + ½) / Γ(z) for z > 0 (NaN elsewhere), without the cancellation of two log-gammas.
///
/// # Formula
/// For z >= 16, √z exp(-1/(8z) + 1/(192z³) - 1/(640z⁵) + 17/(14336z⁷) - 31/(18432z⁹)
/// + 691/(180224z¹¹)) (Tricomi & Erdélyi 1951); below, the recurrence
///   Γ(z+½)/Γ(z) = z/(z+½) · Γ(z+3/2)/Γ(z+1).
///
/// # Example
/// ```
/// let pi = std::f64::consts::PI;
/// let ratio = metapool_core::special::gamma_half_ratio(0.5); // Γ(1)/Γ(1/2)
/// assert!((ratio - 1.0 / pi.sqrt()).abs() < 1e-15);
/// ```
#[must_use]
pub fn gamma_half_ratio(z: f64) -> f64 {
    if z.is_nan() || z <= 0.0 {
        return f64::NAN;
    }
    let mut shift = 1.0;
    let mut z = z;
    while z < LARGE {
        shift *= z / (z + 0.5);
        z += 1.0;
    }
    shift * z.sqrt() * libm::exp(log_series(z))
}

/// (Γ(z + ½)/Γ(z))² - z + ½, which tends to ¼, without the cancellation of large z.
///
/// # Example
/// ```
/// let excess = metapool_core::special::squared_gamma_half_ratio_excess(1e15);
/// assert!((excess - 0.25).abs() < 1e-15);
/// ```
#[must_use]
pub fn squared_gamma_half_ratio_excess(z: f64) -> f64 {
    if z < LARGE {
        let ratio = gamma_half_ratio(z);
        ratio * ratio - z + 0.5
    } else {
        z * libm::expm1(2.0 * log_series(z)) + 0.5
    }
}

/// From here on the series is exact to rounding.
const LARGE: f64 = 16.0;

/// ln of Γ(z + ½)/(Γ(z)√z) for z >= 16.
fn log_series(z: f64) -> f64 {
    let r = 1.0 / z;
    let r2 = r * r;
    r * (-1.0 / 8.0
        + r2 * (1.0 / 192.0
            + r2 * (-1.0 / 640.0
                + r2 * (17.0 / 14336.0 + r2 * (-31.0 / 18432.0 + r2 * (691.0 / 180_224.0))))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excess_tends_to_a_quarter() {
        // 1/4 + 1/(32 z) + O(1/z²)
        for z in [16.0, 1e3, 1e6, 1e9] {
            let expected = 0.25 + 1.0 / (32.0 * z);
            assert!((squared_gamma_half_ratio_excess(z) - expected).abs() < 0.1 / (z * z) + 1e-15);
        }
        let ratio = gamma_half_ratio(3.0);
        assert_eq!(squared_gamma_half_ratio_excess(3.0), ratio * ratio - 2.5);
    }

    #[test]
    fn agrees_with_factorials() {
        // Γ(n+½)/Γ(n) = (2n)! √π / (4^n n! (n-1)!)
        let mut ratio = std::f64::consts::PI.sqrt() / 2.0;
        for n in 1..2000_i32 {
            let z = f64::from(n);
            assert!((gamma_half_ratio(z) / ratio - 1.0).abs() < 2e-13, "z = {z}");
            ratio *= (z + 0.5) / z;
        }
    }
}
