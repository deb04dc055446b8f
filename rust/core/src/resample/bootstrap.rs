//! Resamples of the studies of an analysis: drawn with replacement (Efron 1979), all but one, or all.

use crate::analysis::resampled;
use crate::plan::{Model, Plan, Random};
use crate::rng::draw::Draws;
use crate::rng::index::Indices;
use crate::rng::philox::{Bundle, Streams};
use crate::simd::{self, COLUMNS, Kernel, Lanes, MOST_LANES, Pair, Register, Row};
use crate::small_study;
use crate::studies::Studies;

use super::generated::{Generated, must_be_copied};
use super::{Request, wild};

/// Lanes of a tile of resamples.
pub(crate) const LANES: usize = MOST_LANES;

/// How often each study counts in replicates.
pub(crate) trait Resampling: Sized {
    /// Writes it for the replicates in the lanes from `first` on.
    fn count(&self, first: usize, times: &mut [[i32; LANES]]);

    /// The same for tiles of `k` studies, one after the other, as numbers.
    #[inline(always)]
    fn count_tiles<V: Register>(
        &self,
        first: usize,
        k: usize,
        room: &mut Room,
        times: &mut [[f64; LANES]],
    ) {
        count_one_by_one(self, first, k, room, times);
    }

    /// The sum of these counts, of `k` studies.
    #[inline(always)]
    fn size(&self, k: usize) -> usize {
        k
    }
}

/// Room for counting.
#[derive(Debug, Default)]
pub(crate) struct Room {
    counts: Vec<[i32; LANES]>,
    rows: Vec<Row>,
}

/// As many studies as there are, drawn with replacement: replicates from `first` on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bootstrap {
    /// Where they are drawn from.
    pub(crate) streams: Streams,
    /// The number of the study in its streams: 0, but for the second of two subgroups.
    pub(crate) study: u64,
    /// The number of the analysis in its streams.
    pub(crate) analysis: u64,
    /// The first replicate.
    pub(crate) first: u64,
    /// Below the number of studies.
    pub(crate) indices: Indices,
}

impl Bootstrap {
    /// The streams of neighbouring replicates.
    #[inline(always)]
    fn neighbours<const N: usize>(&self, first: usize) -> Bundle<N> {
        let Self { streams, study, analysis, .. } = *self;
        let replicate = self.first + first as u64;
        let replicates = std::array::from_fn(|lane| replicate + lane as u64);
        streams.bundle([study; N], replicates, analysis)
    }
}

/// Up to so many studies all indices are compared with each study, which takes less time than to count them one by one.
const COMPARED: usize = 64;
/// Tiles that are counted together by comparing.
const TILES: usize = COLUMNS / LANES;

impl Resampling for Bootstrap {
    #[inline(always)]
    fn count(&self, first: usize, times: &mut [[i32; LANES]]) {
        times.fill([0; LANES]);
        self.indices.count(&self.neighbours(first), times);
    }

    #[inline(always)]
    fn count_tiles<V: Register>(
        &self,
        first: usize,
        k: usize,
        room: &mut Room,
        times: &mut [[f64; LANES]],
    ) {
        if k > COMPARED {
            return count_one_by_one(self, first, k, room, times);
        }
        room.rows.resize(k, [0; COLUMNS]);
        for (group, times) in times.chunks_exact_mut(TILES * k).enumerate() {
            let streams = self.neighbours(first + group * COLUMNS);
            self.indices.rows::<V>(&streams, &mut room.rows);
            for study in (0..k).step_by(4) {
                let found = V::occurrences(&room.rows, study as u8);
                for (study, counts) in (study..k).zip(&found) {
                    for (tile, times) in times.chunks_exact_mut(k).enumerate() {
                        for lane in (0..LANES).step_by(V::LANES) {
                            let counts = V::load_bytes(counts, tile * LANES + lane);
                            counts.store(&mut times[study], lane);
                        }
                    }
                }
            }
        }
    }
}

/// [`Resampling::count`] of tiles of `k` studies, as numbers.
#[inline(always)]
fn count_one_by_one(
    resampling: &impl Resampling,
    first: usize,
    k: usize,
    room: &mut Room,
    times: &mut [[f64; LANES]],
) {
    let counts = &mut room.counts;
    counts.resize(times.len(), [0; LANES]);
    for (tile, counts) in counts.chunks_exact_mut(k).enumerate() {
        resampling.count(first + tile * LANES, counts);
    }
    // read after all are written, as what was written one by one is not there at once to be read together
    for (time, &count) in times.as_flattened_mut().iter_mut().zip(counts.as_flattened()) {
        *time = f64::from(count);
    }
}

/// Every study but one, that of the number of the replicate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Jackknife;

impl Resampling for Jackknife {
    #[inline(always)]
    fn count(&self, first: usize, times: &mut [[i32; LANES]]) {
        times.fill([1; LANES]);
        for (lane, times) in times.iter_mut().skip(first).take(LANES).enumerate() {
            times[lane] = 0;
        }
    }

    #[inline(always)]
    fn size(&self, k: usize) -> usize {
        k - 1
    }
}

/// Every study.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observed;

impl Resampling for Observed {
    #[inline(always)]
    fn count(&self, _: usize, times: &mut [[i32; LANES]]) {
        times.fill([1; LANES]);
    }
}

/// An analysis whose studies can be drawn, all that have no missing value.
#[derive(Debug, Default)]
pub(crate) struct Drawable {
    /// Rows of the analysis that have no missing value, in the columns as given.
    rows: Vec<usize>,
    pooled: resampled::Resampled,
    tests: Vec<small_study::resampled::Resampled>,
    room: Room,
    times: Vec<[f64; LANES]>,
    generated: Generated,
}

impl Drawable {
    /// Takes meta-analysis `i`.
    pub(crate) fn take(&mut self, request: &Request<'_>, studies: &Studies<'_>, i: usize) {
        let columns = studies.columns();
        self.rows.clear();
        self.rows.extend(studies.range(i).filter(|&row| columns.is_present(row)));
        let start = studies.range(i).start;
        let rows: Vec<usize> = self.rows.iter().map(|row| row - start).collect();
        self.pooled.take(request.plan, studies, i, &rows);
        self.tests.resize_with(request.tests.len(), Default::default);
        for (points, test) in self.tests.iter_mut().zip(request.tests) {
            points.take(test, studies, i, &rows);
        }
    }

    /// How many studies can be drawn.
    #[must_use]
    pub(crate) fn n_studies(&self) -> usize {
        self.rows.len()
    }

    /// What is requested of `n` replicates.
    pub(crate) fn compute(
        &mut self,
        request: &Request<'_>,
        studies: &Studies<'_>,
        resampling: &impl Resampling,
        n: usize,
    ) -> Vec<Vec<f64>> {
        let mut found = vec![vec![0.0; n]; request.len()];
        let mut rows: Vec<_> = found.iter_mut().map(Vec::as_mut_slice).collect();
        self.resample(request, studies, resampling, &mut rows);
        found
    }

    /// What is requested of the data.
    pub(crate) fn observed(&mut self, request: &Request<'_>, studies: &Studies<'_>) -> Vec<f64> {
        let found = self.compute(request, studies, &Observed, 1);
        found.into_iter().flatten().collect()
    }

    /// What is requested of each replicate, a row of `out` per number; NaN where it is undefined.
    pub(crate) fn resample(
        &mut self,
        request: &Request<'_>,
        studies: &Studies<'_>,
        resampling: &impl Resampling,
        out: &mut [&mut [f64]],
    ) {
        let k = self.n_studies();
        let n = out.first().map_or(0, |row| row.len());
        if k == 0 {
            out.iter_mut().for_each(|row| row.fill(f64::NAN));
            return;
        }
        if must_be_copied(request.plan) {
            return self.copy(request, studies, resampling, out);
        }
        let Self { pooled, tests, room, times, .. } = self;
        let together = if k > COMPARED { 1 } else { TILES };
        let tiles = (TILED / k).max(1).next_multiple_of(together);
        times.resize(tiles * k, [0.0; LANES]);
        let size = resampling.size(k);
        // drawn and summed by turns, as one kernel would not have enough registers
        for first in (0..n).step_by(tiles * LANES) {
            let now = (n - first).div_ceil(LANES).min(tiles);
            let drawn = &mut times[..now.next_multiple_of(together) * k];
            simd::run(Draw { resampling, k, first, room, times: drawn });
            let times = &times[..now * k];
            let compute = Compute { pooled, tests, request, times, size, first, out };
            match (request.plan.model, request.plan.random) {
                (Model::Random, Random::DerSimonianLaird) => simd::run(OfDerSimonianLaird(compute)),
                _ => simd::run(compute),
            }
        }
    }

    /// As [`Drawable::resample`], by copies of studies.
    fn copy(
        &mut self,
        request: &Request<'_>,
        studies: &Studies<'_>,
        resampling: &impl Resampling,
        out: &mut [&mut [f64]],
    ) {
        let Self { rows, room, generated, .. } = self;
        let counts = &mut room.counts;
        let from = studies.columns().slices();
        counts.resize(rows.len(), [0; LANES]);
        generated.fit(request, rows.len(), out, |replicate, columns, originals| {
            let lane = replicate % LANES;
            if lane == 0 {
                resampling.count(replicate, counts);
            }
            for (row, times) in rows.iter().zip(counts.iter()) {
                originals.extend(std::iter::repeat_n(*row, times[lane] as usize));
                for (column, from) in columns.iter_mut().zip(&from) {
                    column.extend(std::iter::repeat_n(from[*row], times[lane] as usize));
                }
            }
        });
    }

    /// The biases of replicates whose residuals have other signs, a row for each test.
    pub(crate) fn regenerate_residuals(
        &mut self,
        request: &Request<'_>,
        streams: Streams,
        place: (u64, u64),
        out: &mut [&mut [f64]],
    ) {
        let Self { tests, generated, .. } = self;
        for (test, out) in tests.iter().zip(out) {
            wild::biases(request.plan, &test.points(), streams, place, generated, out);
        }
    }

    /// What is requested of replicates whose studies are `draw`n anew, one number per column, each from its own
    /// stream: that of the first study has this number.
    pub(crate) fn regenerate(
        &mut self,
        request: &Request<'_>,
        streams: Streams,
        number: u64,
        (analysis, first): (u64, u64),
        out: &mut [&mut [f64]],
        draw: &dyn Fn(usize, &mut Draws, &mut [f64]),
    ) {
        let Self { rows, generated, .. } = self;
        let mut study = vec![0.0; request.plan.data().columns().len()];
        generated.fit(request, rows.len(), out, |replicate, columns, _| {
            for (number, row) in (number..).zip(rows.iter()) {
                let stream = streams.stream(number, first + replicate as u64, analysis);
                draw(*row, &mut Draws::new(stream), &mut study);
                for (column, value) in columns.iter_mut().zip(&study) {
                    column.push(*value);
                }
            }
        });
    }
}

/// Studies of tiles that are drawn before they are summed: few enough for the nearest cache.
const TILED: usize = 128;

struct Draw<'a, R> {
    resampling: &'a R,
    k: usize,
    first: usize,
    room: &'a mut Room,
    times: &'a mut [[f64; LANES]],
}

impl<R: Resampling> Kernel for Draw<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { resampling, k, first, room, times } = self;
        resampling.count_tiles::<V>(first, k, room, times);
    }
}

struct Compute<'a, 'o> {
    pooled: &'a resampled::Resampled,
    tests: &'a [small_study::resampled::Resampled],
    request: &'a Request<'a>,
    times: &'a [[f64; LANES]],
    size: usize,
    first: usize,
    out: &'a mut [&'o mut [f64]],
}

impl Kernel for Compute<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let plan = self.request.plan;
        self.tiles::<V>(plan);
    }
}

/// The same of the method that is asked for most: a kernel without the others has registers for its sums.
struct OfDerSimonianLaird<'a, 'o>(Compute<'a, 'o>);

impl Kernel for OfDerSimonianLaird<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let (model, random) = (Model::Random, Random::DerSimonianLaird);
        let plan = Plan { model, random, ..*self.0.request.plan };
        self.0.tiles::<V>(&plan);
    }
}

impl Compute<'_, '_> {
    #[inline(always)]
    fn tiles<V: Register>(self, plan: &Plan) {
        let Self { pooled, tests, request, times, size, mut first, out } = self;
        let (pooled_rows, test_rows) = out.split_at_mut(request.statistics.len());
        for times in times.chunks_exact(pooled.n_studies()) {
            let times = times.as_flattened();
            let drawn = resampled::Drawn { times, size };
            if !pooled_rows.is_empty() {
                let statistics = request.statistics;
                pooled.statistics::<Pair<V>>(plan, drawn, statistics, first, pooled_rows);
            }
            for (test, row) in tests.iter().zip(test_rows.iter_mut()) {
                test.bias::<Pair<V>>(times).store_within(row, first);
            }
            first += LANES;
        }
    }
}
