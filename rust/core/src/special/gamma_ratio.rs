//! Γ(z + ½) / Γ(z), the ratio behind Hedges' factor and Student's density.

/// Γ(z + ½) / Γ(z) for z > 0, without the cancellation of two log-gammas.
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
    let mut shift = 1.0;
    let mut z = z;
    while z < 16.0 {
        shift *= z / (z + 0.5);
        z += 1.0;
    }
    let r = 1.0 / z;
    let r2 = r * r;
    let series = r
        * (-1.0 / 8.0
            + r2 * (1.0 / 192.0
                + r2 * (-1.0 / 640.0
                    + r2 * (17.0 / 14336.0 + r2 * (-31.0 / 18432.0 + r2 * (691.0 / 180_224.0))))));
    shift * z.sqrt() * libm::exp(series)
}

#[cfg(test)]
mod tests {
    use super::*;

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
