//! The scaled complementary error function, in lanes.

use crate::simd::Lanes;

/// erfcx x = e^(x²) erfc x for x >= 0: the tail of the normal distribution without its decay.
///
/// # Formula
/// (1 + 2x) erfcx x is a smooth function of t = (x - 3)/(x + 3) in [-1, 1] (Shepherd & Laframboise
/// 1981), here a polynomial of degree 24 from its Chebyshev series, computed to 60 digits; what the
/// series leaves out is below 1e-17.
///
/// # Example
/// ```
/// let erfcx = metapool_core::special::erfcx;
/// assert_eq!(erfcx(0.0), 1.0);
/// assert!((erfcx(1e8) * 1e8 - 1.0 / std::f64::consts::PI.sqrt()).abs() < 1e-15);
/// ```
#[inline(always)]
#[must_use]
pub fn erfcx<V: Lanes>(x: V) -> V {
    let t = (x - 3.0) / (x + 3.0);
    let z = t * t;
    // even and odd powers apart: two chains that do not wait for each other
    let (mut even, mut odd) = (V::splat(C[24]), V::splat(C[23]));
    for i in (0..11).rev() {
        even = even * z + C[2 * i + 2];
        odd = odd * z + C[2 * i + 1];
    }
    even = even * z + C[0];
    (even + t * odd) / (x * 2.0 + 1.0)
}

/// Powers of t; the last digits of three are such that erfcx 0 is 1.
const C: [f64; 25] = [
    1.253_008_058_269_729_6,
    -1.356_211_061_245_811_7e-1,
    -4.756_229_435_344_919e-2,
    1.296_451_587_027_593_6e-1,
    -1.192_736_634_153_864e-1,
    6.830_802_734_400_99e-2,
    -2.377_051_491_717_134e-2,
    2.529_391_815_693_969_6e-3,
    1.888_690_344_999_171_8e-3,
    -7.798_322_696_543_306e-4,
    -1.051_597_195_844_806_5e-4,
    1.250_993_424_583_729e-4,
    4.949_196_649_968_345e-6,
    -2.010_054_226_852_561_2e-5,
    -7.308_281_468_783_614e-7,
    3.472_370_944_977_168e-6,
    3.557_608_668_408_059_5e-7,
    -6.166_011_460_398_726e-7,
    -1.404_765_431_542_846_2e-7,
    1.018_362_060_384_273_6e-7,
    4.106_401_366_794_035_5e-8,
    -1.331_291_966_103_868_7e-8,
    -8.217_595_058_711_455e-9,
    9.862_533_510_345_587e-10,
    8.393_734_858_690_877e-10,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_erfc_without_its_decay() {
        for i in 0..=500 {
            let x = f64::from(i) / 100.0;
            let expected = libm::erfc(x) * libm::exp(x * x); // loses x² units in the last place
            assert!((erfcx(x) / expected - 1.0).abs() < 1e-15 * (2.0 + x * x), "x = {x}");
        }
    }
}
