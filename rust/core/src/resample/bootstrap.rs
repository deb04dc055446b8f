//! Resamples of the studies of an analysis: drawn with replacement (Efron 1979), all but one, or all.

use crate::analysis::resampled;
use crate::rng::index::Indices;
use crate::rng::philox::Streams;
use crate::simd::{self, Kernel, Lanes, MOST_LANES, Pair, Register};
use crate::small_study;
use crate::studies::Studies;

use super::Request;

/// Lanes of a tile of resamples.
pub const LANES: usize = MOST_LANES;

/// How often each study counts in replicates.
pub trait Resampling {
    /// Writes it for the replicates in the lanes from `first` on.
    fn count(&self, first: usize, times: &mut [[i32; LANES]]);
}

/// As many studies as there are, drawn with replacement: replicates from `first` on.
#[derive(Debug, Clone, Copy)]
pub struct Bootstrap {
    /// Where they are drawn from.
    pub streams: Streams,
    /// The number of the study in its streams: 0, but for the second of two subgroups.
    pub study: u64,
    /// The number of the analysis in its streams.
    pub analysis: u64,
    /// The first replicate.
    pub first: u64,
}

impl Resampling for Bootstrap {
    #[inline(always)]
    fn count(&self, first: usize, times: &mut [[i32; LANES]]) {
        times.fill([0; LANES]);
        let Self { streams, study, analysis, .. } = *self;
        let replicate = self.first + first as u64;
        let stream = |lane| streams.stream(study, replicate + lane as u64, analysis);
        Indices::below(times.len()).count(std::array::from_fn(stream), times);
    }
}

/// Every study but one, that of the number of the replicate.
#[derive(Debug, Clone, Copy)]
pub struct Jackknife;

impl Resampling for Jackknife {
    #[inline(always)]
    fn count(&self, first: usize, times: &mut [[i32; LANES]]) {
        times.fill([1; LANES]);
        for (lane, times) in times.iter_mut().skip(first).take(LANES).enumerate() {
            times[lane] = 0;
        }
    }
}

/// Every study.
#[derive(Debug, Clone, Copy)]
pub struct Observed;

impl Resampling for Observed {
    #[inline(always)]
    fn count(&self, _: usize, times: &mut [[i32; LANES]]) {
        times.fill([1; LANES]);
    }
}

/// An analysis whose studies can be drawn, all that have no missing value.
#[derive(Debug, Default)]
pub struct Drawable {
    pooled: resampled::Resampled,
    tests: Vec<small_study::resampled::Resampled>,
    counts: Vec<[i32; LANES]>,
    times: Vec<[f64; LANES]>,
}

impl Drawable {
    /// Takes meta-analysis `i`.
    pub fn take(&mut self, request: &Request<'_>, studies: &Studies<'_>, i: usize) {
        self.pooled.take(request.plan, studies, i);
        self.tests.resize_with(request.tests.len(), Default::default);
        for (points, test) in self.tests.iter_mut().zip(request.tests) {
            points.take(test, studies, i);
        }
    }

    /// How many studies can be drawn.
    #[must_use]
    pub fn n_studies(&self) -> usize {
        self.pooled.n_studies()
    }

    /// What is requested of `n` replicates.
    pub(crate) fn compute(
        &mut self,
        request: &Request<'_>,
        resampling: &impl Resampling,
        n: usize,
    ) -> Vec<Vec<f64>> {
        let mut found = vec![vec![0.0; n]; request.len()];
        let mut rows: Vec<_> = found.iter_mut().map(Vec::as_mut_slice).collect();
        self.resample(request, resampling, &mut rows);
        found
    }

    /// What is requested of each replicate, a row of `out` per number; NaN where it is undefined.
    pub fn resample(
        &mut self,
        request: &Request<'_>,
        resampling: &impl Resampling,
        out: &mut [&mut [f64]],
    ) {
        if self.n_studies() == 0 {
            out.iter_mut().for_each(|row| row.fill(f64::NAN));
        } else {
            simd::run(Run { drawable: self, request, resampling, out });
        }
    }
}

struct Run<'a, 'o, R> {
    drawable: &'a mut Drawable,
    request: &'a Request<'a>,
    resampling: &'a R,
    out: &'a mut [&'o mut [f64]],
}

impl<R: Resampling> Kernel for Run<'_, '_, R> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { drawable: Drawable { pooled, tests, counts, times }, request, resampling, out } =
            self;
        let n = out.first().map_or(0, |row| row.len());
        counts.resize(pooled.n_studies(), [0; LANES]);
        times.resize(pooled.n_studies(), [0.0; LANES]);
        for first in (0..n).step_by(LANES) {
            resampling.count(first, counts);
            for (time, &count) in times.as_flattened_mut().iter_mut().zip(counts.as_flattened()) {
                *time = f64::from(count);
            }
            let times = times.as_flattened();
            let put = |row: usize, values: Pair<V>| store(out, row, first, values);
            pooled.statistics::<Pair<V>>(request.plan, times, request.statistics, put);
            for (i, test) in tests.iter().enumerate() {
                store(out, request.statistics.len() + i, first, test.bias::<Pair<V>>(times));
            }
        }
    }
}

#[inline(always)]
fn store<V: Lanes>(out: &mut [&mut [f64]], row: usize, first: usize, values: V) {
    let mut lanes = [0.0; LANES];
    values.store(&mut lanes, 0);
    for (out, value) in out[row][first..].iter_mut().zip(lanes) {
        *out = value;
    }
}
