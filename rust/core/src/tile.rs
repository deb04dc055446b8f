//! Meta-analyses side by side, one in each lane, so that sums over studies run in all lanes at once.
//!
//! Every lane adds its studies in their order, and what fills up the shorter analyses adds 0; so an
//! analysis has the same bits alone and in any tile.

use std::marker::PhantomData;
use std::ops::Range;
use std::slice::ChunksExact;

use crate::simd::{Lanes, MOST_LANES, Pair, Register};

/// Two numbers per study of the analyses in the lanes: effect and precision, or the coordinates of a
/// point. A study that is out, or that an analysis has not got, is (0, 0).
#[derive(Debug, Clone, Copy)]
pub struct Tile<'a> {
    first: &'a [f64],
    second: &'a [f64],
}

impl<'a> Tile<'a> {
    /// Element `j * LANES + l` is study j of lane l.
    #[must_use]
    pub fn new(first: &'a [f64], second: &'a [f64]) -> Self {
        Self { first, second }
    }

    /// The studies, one of each lane at a time.
    #[inline(always)]
    pub(crate) fn studies<V: Lanes>(self) -> Rows<'a, V> {
        Rows {
            first: self.first.chunks_exact(V::LANES),
            second: self.second.chunks_exact(V::LANES),
            lanes: PhantomData,
        }
    }
}

/// Iterates over the studies of a [`Tile`].
#[derive(Debug, Clone)]
pub(crate) struct Rows<'a, V> {
    first: ChunksExact<'a, f64>,
    second: ChunksExact<'a, f64>,
    lanes: PhantomData<V>,
}

impl<V: Lanes> Iterator for Rows<'_, V> {
    type Item = (V, V);

    #[inline(always)]
    fn next(&mut self) -> Option<(V, V)> {
        match (self.first.next(), self.second.next()) {
            (Some(first), Some(second)) => Some((V::load(first, 0), V::load(second, 0))),
            _ => None,
        }
    }
}

/// The analyses in the lanes of a tile; the last lanes may be empty.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Members<'a> {
    analyses: &'a [usize],
}

impl<'a> Members<'a> {
    /// Whether they are neighbours in this order and fill all lanes, so that they load and store as
    /// one.
    #[inline(always)]
    fn are_neighbours<V: Lanes>(self) -> bool {
        self.analyses.len() == V::LANES
            && self.analyses.windows(2).all(|pair| pair[1] == pair[0] + 1)
    }

    /// One number of each analysis, in its lane; 0 in empty lanes.
    #[inline(always)]
    pub(crate) fn gather<V: Lanes, const N: usize>(self, columns: [&[f64]; N]) -> [V; N] {
        if self.are_neighbours::<V>() {
            return columns.map(|column| V::load(column, self.analyses[0]));
        }
        columns.map(|column| {
            let mut lanes = [0.0; MOST_LANES];
            for (lane, &i) in lanes.iter_mut().zip(self.analyses) {
                *lane = column[i];
            }
            V::load(&lanes, 0)
        })
    }

    /// Writes each lane's numbers to its analysis.
    #[inline(always)]
    pub(crate) fn scatter<V: Lanes, const N: usize>(
        self,
        values: [V; N],
        columns: [&mut [f64]; N],
    ) {
        let together = self.are_neighbours::<V>();
        for (values, column) in values.into_iter().zip(columns) {
            if together {
                values.store(column, self.analyses[0]);
            } else {
                let mut lanes = [0.0; MOST_LANES];
                values.store(&mut lanes, 0);
                for (lane, &i) in lanes.iter().zip(self.analyses) {
                    column[i] = *lane;
                }
            }
        }
    }
}

/// What is done with each tile.
pub(crate) trait TileKernel {
    /// Does one tile.
    fn tile<V: Lanes>(&mut self, members: Members<'_>, tile: Tile<'_>);
}

/// Cuts blocks of meta-analyses into tiles; keeps its buffers.
#[derive(Debug, Default)]
pub(crate) struct Tiler {
    order: Vec<usize>,
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Tiler {
    /// Runs a kernel over analyses whose studies are `starts[i]..starts[i + 1]` of two columns.
    ///
    /// Neighbours in size share a tile; those that would leave it half empty go alone.
    #[inline(always)]
    pub(crate) fn run<V: Register, K: TileKernel>(
        &mut self,
        starts: &[usize],
        first: &[f64],
        second: &[f64],
        kernel: &mut K,
    ) {
        let size = |i: usize| starts[i + 1] - starts[i];
        let lanes = Pair::<V>::LANES;
        let Self { order, first: tile_first, second: tile_second } = self;
        order.clear();
        order.extend(0..starts.len() - 1);
        if (1..order.len()).any(|i| size(i) != size(0)) {
            order.sort_by_key(|&i| size(i));
        }
        for analyses in order.chunks(lanes) {
            let most = analyses.last().map_or(0, |&i| size(i));
            let studies: usize = analyses.iter().map(|&i| size(i)).sum();
            if 2 * studies < most * lanes {
                for i in analyses {
                    let rows = starts[*i]..starts[*i + 1];
                    let alone = Tile::new(&first[rows.clone()], &second[rows]);
                    kernel.tile::<f64>(Members { analyses: std::slice::from_ref(i) }, alone);
                }
                continue;
            }
            for (tile, column) in [(&mut *tile_first, first), (&mut *tile_second, second)] {
                if tile.len() < most * lanes {
                    tile.resize(most * lanes, 0.0);
                }
                pack::<V>(tile, most, column, analyses, starts);
            }
            let tile = Tile::new(&tile_first[..most * lanes], &tile_second[..most * lanes]);
            kernel.tile::<Pair<V>>(Members { analyses }, tile);
        }
    }
}

/// Lays a column out by lanes, 0 where an analysis has no more studies.
#[inline(always)]
fn pack<V: Register>(
    tile: &mut [f64],
    most: usize,
    column: &[f64],
    analyses: &[usize],
    starts: &[usize],
) {
    let lanes = Pair::<V>::LANES;
    let studies = |i: usize| &column[starts[i]..starts[i + 1]];
    let mut done = 0;
    if let &[a, b, c, d, e, f, g, h] = analyses {
        let first = [studies(a), studies(b), studies(c), studies(d)];
        let second = [studies(e), studies(f), studies(g), studies(h)];
        let least = first[0].len();
        let (left, right) = (fours(first), fours(second));
        for ((rows, left), right) in tile.chunks_exact_mut(4 * MOST_LANES).zip(left).zip(right) {
            pack_fours::<V>(rows, left, right);
        }
        done = least / 4 * 4;
        if least > 4 && done < least {
            // the last four that all have, of which some are packed already
            let last = least - 4;
            let rows = &mut tile[last * MOST_LANES..least * MOST_LANES];
            pack_fours::<V>(rows, part(first, last..least), part(second, last..least));
            done = least;
        }
    }
    if done == most {
        return;
    }
    for lane in 0..lanes {
        let studies = analyses.get(lane).map_or(&[][..], |&i| studies(i));
        for row in done..most {
            tile[row * lanes + lane] = studies.get(row).copied().unwrap_or(0.0);
        }
    }
}

/// The same rows of four analyses.
#[inline(always)]
fn part([a, b, c, d]: [&[f64]; 4], rows: Range<usize>) -> [&[f64]; 4] {
    [&a[rows.clone()], &b[rows.clone()], &c[rows.clone()], &d[rows]]
}

#[inline(always)]
fn pack_fours<V: Register>(rows: &mut [f64], left: [&[f64]; 4], right: [&[f64]; 4]) {
    let [a, b, c, d] = transposed::<V>(left);
    let [e, f, g, h] = transposed::<V>(right);
    for (row, (left, right)) in [(a, e), (b, f), (c, g), (d, h)].into_iter().enumerate() {
        left.store(rows, row * MOST_LANES);
        right.store(rows, row * MOST_LANES + V::LANES);
    }
}

/// Four studies at a time of four analyses.
#[inline(always)]
fn fours([a, b, c, d]: [&[f64]; 4]) -> Fours<'_> {
    Fours([a.chunks_exact(4), b.chunks_exact(4), c.chunks_exact(4), d.chunks_exact(4)])
}

struct Fours<'a>([ChunksExact<'a, f64>; 4]);

impl<'a> Iterator for Fours<'a> {
    type Item = [&'a [f64]; 4];

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let Self([a, b, c, d]) = self;
        Some([a.next()?, b.next()?, c.next()?, d.next()?])
    }
}

/// Four numbers of each of four analyses, by number.
#[inline(always)]
fn transposed<V: Register>([a, b, c, d]: [&[f64]; 4]) -> [V; 4] {
    V::transpose([V::load(a, 0), V::load(b, 0), V::load(c, 0), V::load(d, 0)])
}

/// Sums of a column over each analysis, in the order of its studies, four analyses at a time.
#[inline(always)]
pub(crate) fn sum_analyses<V: Register>(column: &[f64], starts: &[usize], sums: &mut [f64]) {
    for (starts, sums) in starts.windows(V::LANES + 1).step_by(V::LANES).zip(sums.chunks_mut(4)) {
        sum_four::<V>(column, starts, sums);
    }
    let done = sums.len() / V::LANES * V::LANES;
    for (bounds, sum) in starts[done..].windows(2).zip(&mut sums[done..]) {
        *sum = column[bounds[0]..bounds[1]].iter().fold(0.0, |sum, x| sum + x);
    }
}

#[inline(always)]
fn sum_four<V: Register>(column: &[f64], starts: &[usize], sums: &mut [f64]) {
    let studies = |lane: usize| &column[starts[lane]..starts[lane + 1]];
    let four = [studies(0), studies(1), studies(2), studies(3)];
    let [a, b, c, d] = four;
    let least = a.len().min(b.len()).min(c.len().min(d.len()));
    let mut sum = V::splat(0.0);
    for four in fours(four) {
        let [a, b, c, d] = transposed::<V>(four);
        sum = sum + a + b + c + d;
    }
    let mut done = least / 4 * 4;
    if least > 4 && done < least {
        // the last four that all have, of which some are summed already
        let [_, b, c, d] = transposed::<V>(part(four, least - 4..least));
        sum = if least - done > 2 { sum + b } else { sum };
        sum = if least - done > 1 { sum + c } else { sum };
        sum = sum + d;
        done = least;
    }
    sum.store(sums, 0);
    for (studies, sum) in four.into_iter().zip(sums) {
        *sum = studies[done..].iter().fold(*sum, |sum, x| sum + x);
    }
}
