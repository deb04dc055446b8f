//! The distribution functions against statrs, a second opinion, and over ranges they must survive.

use metapool_core::special::{chi_square, normal, student_t};
use proptest::prelude::*;
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal, StudentsT};

/// statrs promises about 1e-11 in its incomplete gamma and beta functions, and loses its tails;
/// those are compared with mpmath in tests/special.
const STATRS: f64 = 1e-9;
const LEAST: f64 = 1e-4;

fn close(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= STATRS * theirs
}

proptest! {
    #[test]
    fn normal_agrees(z in -30.0..3.7_f64) {
        let theirs = Normal::standard().sf(z);
        prop_assume!(theirs > LEAST);
        prop_assert!(close(normal::sf(z), theirs));
    }

    #[test]
    fn chi_square_agrees(df in 1..200_i32, ratio in 0.0..2.5_f64) {
        let df = f64::from(df);
        let theirs = ChiSquared::new(df).unwrap().sf(ratio * df);
        prop_assume!(theirs > LEAST);
        prop_assert!(close(chi_square::sf(ratio * df, df), theirs));
    }

    #[test]
    fn student_t_agrees(df in 1..200_i32, t in 0.0..6.0_f64) {
        let df = f64::from(df);
        let theirs = 2.0 * StudentsT::new(0.0, 1.0, df).unwrap().sf(t);
        prop_assume!(theirs > LEAST);
        prop_assert!(close(student_t::two_sided(t, df), theirs));
    }

    #[test]
    fn tails_are_probabilities_that_fall(
        exponent in -300.0..300.0_f64,
        df_exponent in 0.0..7.0_f64,
    ) {
        let (x, df) = (10.0_f64.powf(exponent), 10.0_f64.powf(df_exponent).floor());
        for sf in [chi_square::sf, student_t::two_sided] {
            let (here, further) = (sf(x, df), sf(1.01 * x, df));
            prop_assert!((0.0..=1.0).contains(&here));
            prop_assert!(further <= here * (1.0 + 1e-12), "{here} {further}");
        }
    }
}

#[test]
fn what_is_undefined_is_nan() {
    assert!(chi_square::sf(f64::NAN, 3.0).is_nan());
    assert!(chi_square::sf(1.0, -1.0).is_nan());
    assert!(student_t::two_sided(1.0, 0.0).is_nan());
    assert!(student_t::two_sided(f64::NAN, 3.0).is_nan());
    assert!(normal::sf(f64::NAN).is_nan());
    assert_eq!(chi_square::sf(f64::INFINITY, 3.0), 0.0);
    assert_eq!(student_t::two_sided(f64::INFINITY, 3.0), 0.0);
    assert_eq!(normal::two_sided(0.0), 1.0);
}
