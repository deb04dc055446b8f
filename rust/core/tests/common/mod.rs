//! Data for tests, and runs on both paths.

use metapool_core::measure::Measure;
use metapool_core::simd::{self, Path};
use std::sync::Mutex;

/// The path is one setting of the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What `work` gives on each path; empty where the processor has one path only.
pub(crate) fn on_both_paths<T>(work: impl Fn() -> T) -> Option<(T, T)> {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    if !simd::use_path(Path::Avx2) {
        return None;
    }
    assert_eq!(simd::path(), Path::Avx2);
    let fast = work();
    assert!(simd::use_path(Path::Baseline));
    assert_eq!(simd::path(), Path::Baseline);
    let twin = work();
    simd::use_path(Path::Avx2);
    Some((fast, twin))
}

/// Deterministic numbers in [0, 1).
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Counts, moments or effects with zeros, missing values and wild numbers among them.
pub(crate) fn columns(measure: Measure, n: usize, draws: &mut Draws) -> Vec<Vec<f64>> {
    let width = measure.data().columns().len();
    let number = |j: usize, draws: &mut Draws| match (draws.next() * 60.0) as u64 {
        0 => f64::NAN,
        1 => 0.0,
        2 => 1e9,
        3 => 1e-300,
        4 => 1e300,
        _ if width == 4 && j.is_multiple_of(2) => (draws.next() * 12.0).floor(),
        _ if width == 4 => 12.0 + (draws.next() * 90.0).floor(),
        _ => 1.0 + draws.next() * 9.0,
    };
    (0..width).map(|j| (0..n).map(|_| number(j, draws)).collect()).collect()
}
