//! Micro-benchmarks of the engine: 1,000 analyses of ten studies on one thread.

#![allow(clippy::expect_used)] // a benchmark that cannot be set up may stop

mod data;

use data::{Case, Sizes, TASKS};

const ANALYSES: usize = 1_000;

fn main() {
    divan::main();
}

#[divan::bench(args = TASKS)]
fn ten_studies(bencher: divan::Bencher<'_, '_>, task: &str) {
    let case = Case::new(task, ANALYSES, Sizes::Ten).expect("a task");
    bencher.counter(divan::counter::ItemsCount::new(ANALYSES)).bench_local(|| case.run());
}

#[divan::bench(args = TASKS)]
fn two_to_forty_studies(bencher: divan::Bencher<'_, '_>, task: &str) {
    let case = Case::new(task, ANALYSES, Sizes::Ragged).expect("a task");
    bencher.counter(divan::counter::ItemsCount::new(ANALYSES)).bench_local(|| case.run());
}
