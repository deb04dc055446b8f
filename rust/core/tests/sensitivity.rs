//! Sensitivity analyses and small-study tests: the same bits on both paths; whatever bits the columns hold, nothing
//! panics or hangs.

#![allow(clippy::unwrap_used)] // a helper of a test may panic too

mod common;

use common::{Draws, columns, on_both_paths};
use metapool_core::analysis::Fits;
use metapool_core::conventions::REVMAN5;
use metapool_core::engine::{self, Steps, Workers};
use metapool_core::heterogeneity::line::ResidualTau2;
use metapool_core::measure::Measure;
use metapool_core::plan::{Common, Model, Plan, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::pool::prediction::Prediction;
use metapool_core::sensitivity::influence::Influences;
use metapool_core::sensitivity::parts::Part;
use metapool_core::small_study::fail_safe_n::{FailSafe, FailSafePlan};
use metapool_core::small_study::line_tests::{LinePlan, LineTest};
use metapool_core::small_study::rank_correlation::{RankP, RankPlan};
use metapool_core::small_study::regression::Lines;
use metapool_core::small_study::trim_and_fill::{Missing, TrimPlan, Trims};
use metapool_core::status::Status;
use metapool_core::studies::{Columns, Studies};
use proptest::prelude::*;

const RANDOM: [Random; 4] = [
    Random::DerSimonianLaird,
    Random::RestrictedMaximumLikelihood,
    Random::PauleMandel,
    Random::SidikJonkman,
];

fn plans(measure: Measure) -> Vec<Plan> {
    let plan = |model, common, random, interval| {
        Plan::new(measure, model, common, random, interval, Prediction::None, 0.95, REVMAN5)
    };
    let (iv, dl) = (Common::InverseVariance, Random::DerSimonianLaird);
    let mut plans: Vec<Plan> = Vec::new();
    for &common in Common::ALL {
        plans.extend(plan(Model::Common, common, dl, Interval::Wald));
    }
    plans.extend(plan(Model::Auto, iv, dl, Interval::Wald));
    for random in RANDOM {
        plans.extend(plan(Model::Random, iv, random, Interval::HartungKnapp));
    }
    plans
}

fn bits<'a>(floats: impl IntoIterator<Item = &'a Vec<f64>>) -> Vec<u64> {
    floats.into_iter().flatten().map(|x| x.to_bits()).collect()
}

/// What the tests say; a bias is NaN where its status says so.
fn tests(measure: Measure, studies: &Studies<'_>) -> Vec<u64> {
    let mut found = Vec::new();
    let mut take = |out: Lines| {
        for (bias, &status) in out.bias.iter().zip(&out.status) {
            let defined = [Status::Ok as i64, Status::PerfectLine as i64].contains(&status);
            assert_eq!(bias.is_nan(), !defined);
        }
        let Lines { bias, se, statistic, p_value, slope, slope_se, dispersion, .. } = &out;
        found.extend(bits([bias, se, statistic, p_value, slope, slope_se, dispersion]));
    };
    let n = studies.n_analyses();
    for &test in LineTest::ALL {
        for &tau2 in ResidualTau2::ALL {
            let plan = LinePlan { test, measure, conventions: REVMAN5, tau2, normal: true };
            if tau2 != ResidualTau2::Common && test != LineTest::ThompsonSharp
                || plan.refuses(measure.data())
            {
                continue;
            }
            let mut out = Lines::new(n);
            engine::line_tests(&plan, studies, out.view()).unwrap().finish(&Workers::ALONE);
            take(out);
        }
    }
    for &p in RankP::ALL {
        let mut out = Lines::new(n);
        let plan = RankPlan { measure, conventions: REVMAN5, p };
        engine::rank_tests(&plan, studies, out.view()).unwrap().finish(&Workers::ALONE);
        take(out);
    }
    found
}

/// Fits to parts, influence, trim and fill, fail-safe N.
fn sensitivity(measure: Measure, studies: &Studies<'_>) -> Vec<u64> {
    let (n, rows) = (studies.n_analyses(), studies.columns().len());
    let mut found = Vec::new();
    for plan in plans(measure) {
        for &part in Part::ALL {
            let mut out = Fits::new(rows);
            engine::fit_parts(part, &plan, studies, out.view()).unwrap().finish(&Workers::ALONE);
            found.extend(bits([&out.estimate, &out.se, &out.ci_low, &out.q, &out.tau2, &out.i2]));
        }
        let mut out = Influences::new(rows);
        engine::influence(&plan, studies, out.view()).unwrap().finish(&Workers::ALONE);
        found.extend(bits([&out.rstudent, &out.dffits, &out.cook_d, &out.hat, &out.dfbetas]));
    }
    for &missing in Missing::ALL {
        for plan in plans(Measure::Gen) {
            let (side, conventions) = (None, REVMAN5);
            let plan = TrimPlan { missing, side, measure, conventions, plan };
            let (mut mirrored, mut out) = (vec![0.0; rows], Trims::new(n));
            engine::trim(&plan, studies, &mut mirrored, out.view())
                .unwrap()
                .finish(&Workers::ALONE);
            found.extend(bits([&mirrored, &out.se_k0]));
        }
    }
    let plan = FailSafePlan { measure, conventions: REVMAN5, alpha: 0.05, target: 0.2 };
    let mut out = FailSafe::new(n);
    engine::fail_safe_n(&plan, studies, out.view()).unwrap().finish(&Workers::ALONE);
    found.extend(bits([&out.rosenthal, &out.orwin, &out.rosenberg]));
    found
}

#[test]
fn the_same_bits_on_both_paths() {
    let mut draws = Draws(1);
    let mut offsets = vec![0];
    for i in 0..40 {
        let k = if i == 17 { 60.0 } else { (draws.next() * 14.0).floor() };
        offsets.push(offsets[i] + k as i64);
    }
    for &measure in Measure::ALL {
        let columns = columns(measure, offsets[40] as usize, &mut draws);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let studies = Columns::new(measure.data(), &slices).unwrap();
        let studies = Studies::new(studies, &offsets).unwrap();
        for work in [tests, sensitivity] {
            let Some((fast, twin)) = on_both_paths(|| work(measure, &studies)) else { return };
            assert!(fast == twin, "{measure:?}");
        }
    }
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![
        3 => (0..40_u8).prop_map(f64::from),
        1 => any::<f64>(),
        1 => prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(1e-308), Just(1e9)],
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn nothing_panics(rows in prop::collection::vec(prop::array::uniform6(any_number()), 0..9)) {
        for &measure in Measure::ALL {
            let width = measure.data().columns().len();
            let columns: Vec<Vec<f64>> =
                (0..width).map(|j| rows.iter().map(|row| row[j]).collect()).collect();
            let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
            let k = rows.len() as i64;
            let offsets = [0, k / 3, k / 3, k];
            let studies = Studies::new(Columns::new(measure.data(), &slices).unwrap(), &offsets);
            let studies = studies.unwrap();
            tests(measure, &studies);
            sensitivity(measure, &studies);
        }
    }
}
