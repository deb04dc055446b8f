//! Whatever bits the columns hold, nothing panics, nothing hangs, and a NaN has its status.

use metapool_core::analysis::heterogeneity::HeterogeneityLimits;
use metapool_core::analysis::tables::TableTests;
use metapool_core::analysis::{Details, DetailsView, Fits};
use metapool_core::conventions::REVMAN5;
use metapool_core::effect::{Reason, StudyEffects};
use metapool_core::engine::{self, Steps, Workers};
use metapool_core::heterogeneity::tau2_interval::HeterogeneityInterval;
use metapool_core::measure::Measure;
use metapool_core::plan::{Common, Model, Plan, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::pool::prediction::Prediction;
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

/// Every method; every interval with a third of the estimators of tau².
fn plans(measure: Measure) -> Vec<Plan> {
    let mut plans = Vec::new();
    for (i, &random) in Random::ALL.iter().enumerate() {
        let mut add = |common, model, interval, prediction| {
            let plan =
                Plan::new(measure, model, common, random, interval, prediction, 0.95, REVMAN5);
            plans.extend(plan);
        };
        for &common in Common::ALL {
            for &model in Model::ALL {
                add(common, model, Interval::Wald, Prediction::None);
            }
        }
        for (j, &interval) in Interval::ALL.iter().enumerate() {
            let prediction = Prediction::ALL[(i + j) % Prediction::ALL.len()];
            if (i + j) % 3 == 0 {
                add(Common::InverseVariance, Model::Random, interval, prediction);
            }
            if i == 0 {
                add(Common::InverseVariance, Model::Common, interval, Prediction::None);
            }
        }
    }
    plans
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
                let (mut fits, mut details) = (Fits::new(n), Details::new(n));
                let mut weights = vec![0.0; rows.len()];
                let view = DetailsView { weights: &mut weights, analyses: details.view() };
                engine::pool(&plan, &studies, fits.view(), Some(view)).unwrap().finish(&Workers::ALONE);
                for (i, &status) in fits.status.iter().enumerate() {
                    let is = |other: Status| status == other as i64;
                    let (none, no_q) = (is(Status::NotEstimable), is(Status::QUndefined));
                    for column in [&fits.estimate, &fits.se, &details.df] {
                        prop_assert_eq!(column[i].is_nan(), none);
                    }
                    for column in [&fits.statistic, &fits.p_value] {
                        prop_assert_eq!(column[i].is_nan(), none || is(Status::ZeroSpread));
                    }
                    for column in [&fits.q, &fits.q_p, &fits.i2, &fits.tau2, &details.h2] {
                        prop_assert_eq!(column[i].is_nan(), none || no_q);
                    }
                }
                for &interval in HeterogeneityInterval::ALL {
                    let mut out = HeterogeneityLimits::new(n);
                    engine::heterogeneity(&plan, interval, 0.95, &studies, out.view())
                        .unwrap()
                        .finish(&Workers::ALONE);
                    for (i, &status) in out.status.iter().enumerate() {
                        let defined = [Status::Ok as i64, Status::NullSet as i64].contains(&status);
                        prop_assert_eq!(out.tau2_low[i].is_nan(), !defined);
                        prop_assert_eq!(out.tau2_high[i].is_nan(), !defined);
                    }
                }
            }
            if width == 4 {
                let mut out = TableTests::new(studies.n_analyses());
                engine::table_tests(&REVMAN5, true, &studies, out.view())
                    .unwrap()
                    .finish(&Workers::ALONE);
                for (i, &status) in out.status.iter().enumerate() {
                    prop_assert_eq!(out.cmh[i].is_nan(), status == Status::NotEstimable as i64);
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
fn limits_beyond_floating_point_end() {
    for size in [1e150, 4e153, 1e154] {
        let (y, v) = ([-size, size, 0.0], [1.0, 1e300, 1.0]);
        let effects = [y, v];
        let columns: Vec<&[f64]> = effects.iter().map(|column| column.as_slice()).collect();
        let studies = Columns::new(Measure::Gen.data(), &columns).unwrap();
        let studies = Studies::new(studies, &[0, 3]).unwrap();
        for &random in Random::ALL {
            let plan = Plan::new(
                Measure::Gen,
                Model::Random,
                Common::InverseVariance,
                random,
                Interval::Wald,
                Prediction::None,
                0.95,
                REVMAN5,
            )
            .unwrap();
            for &interval in HeterogeneityInterval::ALL {
                let mut out = HeterogeneityLimits::new(1);
                let batch =
                    engine::heterogeneity(&plan, interval, 0.95, &studies, out.view()).unwrap();
                batch.finish(&Workers::ALONE);
                let defined = [Status::Ok, Status::NullSet].map(|s| s as i64);
                assert_eq!(out.tau2_high[0].is_nan(), !defined.contains(&out.status[0]));
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
