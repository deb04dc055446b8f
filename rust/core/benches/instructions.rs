//! One task for valgrind to count its instructions: `instructions TASK ANALYSES REPEATS`.
//! benches/instructions.sh runs it.

#![allow(clippy::expect_used)] // a benchmark that cannot be set up may stop

mod data;

use data::{Case, Sizes};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // cargo's own test mode runs it without a task
    let Some(task) = arguments.get(1).filter(|name| !name.starts_with('-')) else { return };
    let number = |i: usize| arguments.get(i).and_then(|n| n.parse().ok()).expect("a number");
    let sizes = if task.ends_with("ragged") { Sizes::Ragged } else { Sizes::Ten };
    let case = Case::new(task.trim_end_matches("_ragged"), number(2), sizes).expect("a task");
    for _ in 0..number(3) {
        std::hint::black_box(case.run());
    }
}
