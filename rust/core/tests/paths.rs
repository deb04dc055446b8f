//! The same bits from AVX2 and from its array twin, alone and in blocks, whatever the data.

#![allow(clippy::unwrap_used)] // a helper of a test may panic too

mod common;

use common::{Draws, columns, on_both_paths};
use metapool_core::analysis::Fits;
use metapool_core::analysis::heterogeneity::HeterogeneityLimits;
use metapool_core::conventions::{
    AllEvents, Conventions, CorrectKind, CorrectWhen, REVMAN5, RdCorrection, RrCorrection,
};
use metapool_core::effect::StudyEffects;
use metapool_core::engine::{self, Steps, Workers};
use metapool_core::heterogeneity::tau2_interval::HeterogeneityInterval;
use metapool_core::measure::Measure;
use metapool_core::plan::{Common, Model, Plan, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::pool::prediction::Prediction;
use metapool_core::simd::{self, Elementwise, Lanes};
use metapool_core::small_study::{Test, harbord::Score, regression::Lines};
use metapool_core::special::{
    chi_square, erfcx, exp, have_ln_ratio, ln, ln_ratio, normal, student_t,
};
use metapool_core::studies::{Columns, Studies};

/// Analyses of the batch: some blocks would show no more.
const N: usize = 160;

fn offsets(analyses: usize, draws: &mut Draws) -> Vec<i64> {
    let mut offsets = vec![0];
    for i in 0..analyses {
        let k = if i % 50 == 49 { 700.0 } else { (draws.next() * 14.0).floor() };
        offsets.push(offsets[i] + k as i64);
    }
    offsets
}

fn plans(measure: Measure) -> Vec<Plan> {
    let (iv, random) = (Common::InverseVariance, Random::RestrictedMaximumLikelihood);
    let of_reml = |&interval| {
        Plan::new(measure, Model::Random, iv, random, interval, Prediction::None, 0.95, REVMAN5)
    };
    let mut plans: Vec<Plan> = Interval::ALL.iter().flat_map(of_reml).collect();
    let other = Conventions {
        study_cc_when: CorrectWhen::If0All,
        mh_cc_when: CorrectWhen::If0All,
        study_cc_kind: CorrectKind::Empirical,
        mh_cc_kind: CorrectKind::TreatmentArm,
        rd_cc: RdCorrection::Weights,
        rr_cc: RrCorrection::Events,
        all_events: AllEvents::KeepRr,
        ..REVMAN5
    };
    for rules in [REVMAN5, other] {
        for &common in Common::ALL {
            for &model in Model::ALL {
                for &random in Random::ALL {
                    let plan = Plan::new(
                        measure,
                        model,
                        common,
                        random,
                        Interval::Wald,
                        Prediction::None,
                        0.95,
                        rules,
                    );
                    plans.extend(plan.and_then(|plan| plan.with_tau2(0.1)));
                }
            }
        }
    }
    plans
}

fn fit(plan: &Plan, studies: &Studies<'_>) -> Vec<u64> {
    let mut fits = Fits::new(studies.n_analyses());
    engine::pool(plan, studies, fits.view(), None).unwrap().finish(&Workers::ALONE);
    let floats = [
        fits.estimate,
        fits.se,
        fits.ci_low,
        fits.ci_high,
        fits.statistic,
        fits.p_value,
        fits.q,
        fits.q_p,
        fits.i2,
        fits.tau2,
    ];
    let bits = floats.into_iter().flatten().map(f64::to_bits);
    let whole = [fits.q_df, fits.k, fits.status].into_iter().flatten();
    bits.chain(whole.map(i64::cast_unsigned)).collect()
}

fn heterogeneity(plan: &Plan, studies: &Studies<'_>) -> Vec<u64> {
    let mut bits = Vec::new();
    for &interval in HeterogeneityInterval::ALL {
        let mut out = HeterogeneityLimits::new(studies.n_analyses());
        engine::heterogeneity(plan, interval, 0.95, studies, out.view())
            .unwrap()
            .finish(&Workers::ALONE);
        let floats = [out.tau2_low, out.tau2_high, out.i2_low, out.i2_high, out.h2_high];
        bits.extend(floats.into_iter().flatten().map(f64::to_bits));
    }
    bits
}

#[test]
fn fits_have_the_same_bits_on_both_paths_and_alone() {
    let mut draws = Draws(1);
    let offsets = offsets(N, &mut draws);
    for &measure in Measure::ALL {
        let columns = columns(measure, offsets[N] as usize, &mut draws);
        let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let all = Columns::new(measure.data(), &slices).unwrap();
        let studies = Studies::new(all, &offsets).unwrap();
        let plans = plans(measure);
        let limits = || heterogeneity(&plans[0], &studies);
        let Some((fast, twin)) = on_both_paths(limits) else { return };
        assert!(fast == twin, "{measure:?}");
        for plan in plans {
            let Some((fast, twin)) = on_both_paths(|| fit(&plan, &studies)) else { return };
            assert!(fast == twin, "{plan:?}");
            for i in [0, 7, 49, 80, N - 1] {
                let rows = offsets[i] as usize..offsets[i + 1] as usize;
                let part: Vec<&[f64]> = slices.iter().map(|column| &column[rows.clone()]).collect();
                let part = Columns::new(measure.data(), &part).unwrap();
                let ends = [0, rows.len() as i64];
                let alone = fit(&plan, &Studies::new(part, &ends).unwrap());
                let here: Vec<u64> = (0..alone.len()).map(|column| fast[column * N + i]).collect();
                assert!(alone == here, "{plan:?}, analysis {i}");
            }
        }
        let effects = || {
            let mut out = StudyEffects::new(slices[0].len());
            engine::effect_sizes(measure, &REVMAN5, 0.95, &studies, out.view())
                .unwrap()
                .finish(&Workers::ALONE);
            let floats = [out.y, out.v, out.se, out.ci_low, out.ci_high];
            floats.into_iter().flatten().map(f64::to_bits).collect::<Vec<_>>()
        };
        let tests = || {
            let scores = Score::ALL.iter().map(|&score| Test::Harbord(score));
            let tests = scores.filter(|_| slices.len() == 4).chain([Test::Egger(measure, REVMAN5)]);
            let mut bits = Vec::new();
            for test in tests {
                let mut out = Lines::new(N);
                engine::small_study(&test, &studies, out.view()).unwrap().finish(&Workers::ALONE);
                let floats = [out.bias, out.se, out.statistic, out.p_value, out.slope];
                bits.extend(floats.into_iter().flatten().map(f64::to_bits));
                let whole = [out.df, out.k, out.status];
                bits.extend(whole.into_iter().flatten().map(i64::cast_unsigned));
            }
            bits
        };
        for work in [&effects as &dyn Fn() -> Vec<u64>, &tests] {
            let Some((fast, twin)) = on_both_paths(work) else { return };
            assert!(fast == twin, "{measure:?}");
        }
    }
}

/// Every function in lanes, of many numbers.
struct Functions<'a>(&'a [f64], &'a [f64], [&'a mut [f64]; 7]);

impl Elementwise for Functions<'_> {
    #[inline(always)]
    fn at<V: Lanes>(&mut self, i: usize) {
        let (x, df) = (V::load(self.0, i), V::load(self.1, i));
        let positive = x.abs() + 1e-9;
        let ratio = ln_ratio(positive, df, positive - df).or_nan(have_ln_ratio(positive, df));
        let found = [
            exp(x),
            ln(x),
            ratio,
            erfcx(x.abs()),
            normal::two_sided(x),
            chi_square::sf(x.abs(), df),
            student_t::two_sided(x, df),
        ];
        for (out, found) in self.2.iter_mut().zip(found) {
            found.or_nan(found.eq(found)).store(out, i);
        }
    }
}

#[test]
fn special_functions_have_the_same_bits_at_every_width() {
    let mut draws = Draws(2);
    let n = 20_003;
    let x: Vec<f64> = (0..n)
        .map(|i| match i % 5 {
            0 => (draws.next() - 0.5) * 6.0,
            1 => (draws.next() - 0.5) * 1500.0,
            2 => f64::from_bits((draws.next() * 1.8e19) as u64),
            3 => draws.next() * 400.0,
            _ => 1.0 + draws.next() * 1e-6,
        })
        .collect();
    let df: Vec<f64> =
        (0..n).map(|i| if i % 11 == 0 { 1e3 } else { (i % 240) as f64 + 1.0 }).collect();
    let all = || {
        let mut out = vec![vec![0.0; n]; 7];
        let mut columns = out.iter_mut().map(Vec::as_mut_slice);
        let columns = std::array::from_fn(|_| columns.next().unwrap());
        simd::each(n, Functions(&x, &df, columns));
        out
    };
    let Some((fast, twin)) = on_both_paths(all) else { return };
    let mut one = vec![vec![0.0; n]; 7];
    let mut columns = one.iter_mut().map(Vec::as_mut_slice);
    let mut pass = Functions(&x, &df, std::array::from_fn(|_| columns.next().unwrap()));
    (0..n).for_each(|i| pass.at::<f64>(i));
    let bits = |all: &[Vec<f64>]| all.iter().flatten().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert!(bits(&fast) == bits(&twin));
    assert!(bits(&fast) == bits(&one));
}
