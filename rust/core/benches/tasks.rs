//! Micro-benchmarks of the engine; same case names as benches/ on the Python side.

#![allow(clippy::expect_used)] // a benchmark that cannot be set up may stop

use metapool_core::conventions::REVMAN5;
use metapool_core::engine;
use metapool_core::measure::{Data, Measure};
use metapool_core::plan::{Common, Model, Plan, Random};
use metapool_core::pool::interval::Interval;
use metapool_core::small_study::{Test, harbord::Score};
use metapool_core::studies::{Columns, Studies};

const ANALYSES: usize = 1_000;
const K: usize = 10;

fn main() {
    divan::main();
}

/// Two-by-two tables with a zero cell in about one of ten.
fn tables() -> [Vec<f64>; 4] {
    let n = ANALYSES * K;
    let spread = |i: usize, step: usize, modulus: usize| ((i * step) % modulus) as f64;
    [
        (0..n).map(|i| spread(i, 7, 11)).collect(),
        (0..n).map(|i| 20.0 + spread(i, 13, 181)).collect(),
        (0..n).map(|i| 1.0 + spread(i, 5, 13)).collect(),
        (0..n).map(|i| 20.0 + spread(i, 17, 181)).collect(),
    ]
}

fn offsets() -> Vec<i64> {
    (0..=ANALYSES).map(|i| (i * K) as i64).collect()
}

fn with_studies<R>(bench: impl Fn(&Studies<'_>) -> R) -> impl Fn() -> R {
    let (tables, offsets) = (tables(), offsets());
    move || {
        let slices: Vec<&[f64]> = tables.iter().map(Vec::as_slice).collect();
        let columns = Columns::new(Data::TwoByTwo, &slices).expect("equal lengths");
        bench(&Studies::new(columns, &offsets).expect("rising offsets"))
    }
}

fn pool(bencher: divan::Bencher<'_, '_>, model: Model) {
    let (common, random) = (Common::MantelHaenszel, Random::DerSimonianLaird);
    let plan = Plan::new(Measure::Rr, model, common, random, Interval::Wald, 0.95, REVMAN5)
        .expect("a possible plan");
    let run =
        with_studies(move |studies| engine::pool(&plan, studies, None, &engine::Workers::ALONE));
    bencher.counter(divan::counter::ItemsCount::new(ANALYSES)).bench_local(run);
}

#[divan::bench]
fn c_rr_dl(bencher: divan::Bencher<'_, '_>) {
    pool(bencher, Model::Random);
}

#[divan::bench]
fn m_rr_mh(bencher: divan::Bencher<'_, '_>) {
    pool(bencher, Model::Common);
}

#[divan::bench]
fn e_harbord(bencher: divan::Bencher<'_, '_>) {
    let test = Test::Harbord(Score::OddsRatio);
    let run = with_studies(move |studies| engine::small_study(&test, studies));
    bencher.counter(divan::counter::ItemsCount::new(ANALYSES)).bench_local(run);
}
