//! The error of Stirling's formula.

/// δ(a) = ln Γ(a+1) - (a+½) ln a + a - ½ ln 2π: Stirling's series, by recurrence below 16.
pub(crate) fn stirling_error(a: f64) -> f64 {
    let (mut shift, mut a) = (0.0, a);
    while a < 16.0 {
        shift += (a + 0.5) * libm::log1p(1.0 / a) - 1.0;
        a += 1.0;
    }
    let r = 1.0 / a;
    let r2 = r * r;
    shift
        + r * (1.0 / 12.0
            - r2 * (1.0 / 360.0
                - r2 * (1.0 / 1260.0
                    - r2 * (1.0 / 1680.0 - r2 * (1.0 / 1188.0 - r2 * (691.0 / 360_360.0))))))
}
