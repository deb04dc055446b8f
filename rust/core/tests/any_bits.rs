//! Whatever bits the columns hold, nothing panics, nothing hangs, and a NaN has its status.

use metapool_core::analysis::{DetailsView, Fits};
use metapool_core::conventions::REVMAN5;
use metapool_core::effect::{Reason, StudyEffects};
use metapool_core::engine::{self, Workers};
use metapool_core::measure::Measure;
use metapool_core::plan::{Common, Model, Plan, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::small_study::{Test, harbord::Score, regression::Lines};
use metapool_core::status::Status;
use metapool_core::studies::{Columns, Studies};
use proptest::prelude::*;

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => (0..40_u8).prop_map(f64::from),
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(1e-308), Just(1e9)],
    ]
}

fn plans(measure: Measure) -> impl Iterator<Item = Plan> {
    Common::ALL.iter().flat_map(move |&common| {
        Model::ALL.iter().flat_map(move |&model| {
            Random::ALL.iter().filter_map(move |&random| {
                Plan::new(measure, model, common, random, Interval::Wald, 0.95, REVMAN5).ok()
            })
        })
    })
}

proptest! {
    #[test]
    fn nothing_panics(rows in prop::collection::vec(prop::array::uniform6(any_number()), 0..9)) {
        for &measure in Measure::ALL {
            let width = measure.data().columns().len();
            let columns: Vec<Vec<f64>> =
                (0..width).map(|j| rows.iter().map(|row| row[j]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let columns = Columns::new(measure.data(), &slices).unwrap();
            let k = rows.len() as i64;
            let offsets = [0, k / 3, k / 3, k];
            let studies = Studies::new(columns, &offsets).unwrap();
            for plan in plans(measure) {
                let n = studies.n_analyses();
                let (mut fits, mut h2, mut weights) = (Fits::new(n), vec![0.0; n], vec![0.0; rows.len()]);
                let details = DetailsView { weights: &mut weights, h2: &mut h2 };
                engine::pool(&plan, &studies, fits.view(), Some(details)).unwrap().finish(&Workers::ALONE);
                for (i, &status) in fits.status.iter().enumerate() {
                    let (none, no_q) = (Status::NotEstimable as i64, Status::QUndefined as i64);
                    for column in [&fits.estimate, &fits.se, &fits.statistic, &fits.p_value] {
                        prop_assert_eq!(column[i].is_nan(), status == none);
                    }
                    for column in [&fits.q, &fits.q_p, &fits.i2, &fits.tau2, &h2] {
                        prop_assert_eq!(column[i].is_nan(), status == none || status == no_q);
                    }
                }
            }
            let mut effects = StudyEffects::new(rows.len());
            engine::effect_sizes(measure, &REVMAN5, 0.95, &studies, effects.view())
                .unwrap()
                .finish(&Workers::ALONE);
            for (i, &reason) in effects.reason.iter().enumerate() {
                prop_assert_eq!(effects.y[i].is_nan(), reason != Reason::Included as u8);
                prop_assert_eq!(effects.v[i].is_nan(), reason != Reason::Included as u8);
            }
            let scores = Score::ALL.iter().map(|&score| Test::Harbord(score));
            let tests = scores.filter(|_| width == 4).chain([Test::Egger(measure, REVMAN5)]);
            for test in tests {
                let mut lines = Lines::new(studies.n_analyses());
                engine::small_study(&test, &studies, lines.view()).unwrap().finish(&Workers::ALONE);
                for (i, &status) in lines.status.iter().enumerate() {
                    let (ok, perfect) = (Status::Ok as i64, Status::PerfectLine as i64);
                    prop_assert_eq!(lines.bias[i].is_nan(), status != ok && status != perfect);
                    prop_assert_eq!(lines.p_value[i].is_nan(), status != ok);
                }
            }
        }
    }
}

#[test]
fn offsets_that_do_not_fit_are_refused() {
    let column = [1.0, 2.0];
    let columns = Columns::new(Measure::Gen.data(), &[&column, &column]).unwrap();
    for offsets in [&[][..], &[0], &[0, 1], &[1, 2], &[0, 3], &[0, 2, 1, 2], &[0, -1, 2]] {
        assert!(Studies::new(columns, offsets).is_err(), "{offsets:?}");
    }
    assert!(Studies::new(columns, &[0, 0, 2, 2]).is_ok());
}

#[test]
fn columns_that_do_not_fit_are_refused() {
    let (two, three) = ([1.0; 2], [1.0; 3]);
    assert!(Columns::new(Measure::Gen.data(), &[&two, &three]).is_err());
    assert!(Columns::new(Measure::Gen.data(), &[&two]).is_err());
    let means = Columns::new(Measure::Gen.data(), &[&two, &two]).unwrap();
    let studies = Studies::new(means, &[0, 2]).unwrap();
    let mut effects = StudyEffects::new(2);
    let refused = engine::effect_sizes(Measure::Rr, &REVMAN5, 0.95, &studies, effects.view());
    assert!(refused.is_err());
}
