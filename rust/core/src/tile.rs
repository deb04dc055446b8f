//! Meta-analyses side by side, one in each lane, so that sums over studies run in all lanes at once.
//!
//! Every lane adds its studies in their order, and what fills up the shorter analyses adds 0; so an
//! analysis has the same bits alone and in any tile.

use std::marker::PhantomData;
use std::ops::Range;
use std::slice::ChunksExact;

use crate::sample::{Once, Sample};
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
}

impl<'a> Sample for Tile<'a> {
    type Multiplicity<V: Lanes> = Once;
    type Studies<V: Lanes> = Rows<'a, V>;

    #[inline(always)]
    fn studies<V: Lanes>(self) -> Rows<'a, V> {
        Rows {
            first: self.first.chunks_exact(V::LANES),
            second: self.second.chunks_exact(V::LANES),
            lanes: PhantomData,
        }
    }
}

/// Iterates over the studies of a [`Tile`].
#[derive(Debug, Clone)]
pub struct Rows<'a, V> {
    first: ChunksExact<'a, f64>,
    second: ChunksExact<'a, f64>,
    lanes: PhantomData<V>,
}

impl<V: Lanes> Iterator for Rows<'_, V> {
    type Item = (V, V, Once);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        match (self.first.next(), self.second.next()) {
            (Some(first), Some(second)) => Some((V::load(first, 0), V::load(second, 0), Once)),
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
    /// Of these numbers.
    #[inline(always)]
    pub(crate) fn of(analyses: &'a [usize]) -> Self {
        Self { analyses }
    }

    /// Their numbers in the block.
    #[inline(always)]
    pub(crate) fn analyses(self) -> &'a [usize] {
        self.analyses
    }

    /// A number of each analysis, in its lane; 0 in empty lanes.
    #[inline(always)]
    pub(crate) fn gather<V: Lanes>(self, column: &[f64]) -> V {
        let mut lanes = [0.0; MOST_LANES];
        for (lane, &i) in lanes.iter_mut().zip(self.analyses) {
            *lane = column[i];
        }
        V::load(&lanes, 0)
    }
}

/// What is done with each tile.
pub(crate) trait TileKernel<const N: usize> {
    /// Does one tile: element `j * LANES + l` of a column is of study j of lane l.
    fn tile<V: Lanes>(&mut self, members: Members<'_>, columns: [&[f64]; N]);
}

/// Numbers of the studies of a block, `N` of each: those of analysis i are `starts[i]..starts[i + 1]`, unless they lie
/// in tiles already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Numbers<'a, const N: usize> {
    pub(crate) starts: &'a [usize],
    pub(crate) columns: [&'a [f64]; N],
    pub(crate) in_tiles: bool,
}

/// Cuts blocks of meta-analyses into tiles; keeps its buffers.
#[derive(Debug)]
pub(crate) struct Tiler<const N: usize> {
    order: BySize,
    tiles: [Vec<f64>; N],
}

impl<const N: usize> Default for Tiler<N> {
    fn default() -> Self {
        Self { order: BySize::default(), tiles: [const { Vec::new() }; N] }
    }
}

impl<const N: usize> Tiler<N> {
    /// Runs a kernel over analyses.
    ///
    /// Neighbours in size share a tile; those that would leave it half empty go alone.
    #[inline(always)]
    pub(crate) fn run<V: Register, K: TileKernel<N>>(
        &mut self,
        Numbers { starts, columns, in_tiles }: Numbers<'_, N>,
        kernel: &mut K,
    ) {
        let lanes = Pair::<V>::LANES;
        let Self { order, tiles } = self;
        for analyses in order.sort(starts).chunks(lanes) {
            let sizes = analyses.iter().map(|&i| starts[i + 1] - starts[i]);
            let (most, studies) = sizes.fold((0, 0), |(most, sum), k| (k.max(most), sum + k));
            if 2 * studies < most * lanes {
                for i in analyses {
                    let alone = within(columns, starts[*i]..starts[*i + 1]);
                    kernel.tile::<f64>(Members { analyses: std::slice::from_ref(i) }, alone);
                }
                continue;
            }
            let tile = if in_tiles {
                within(columns, starts[analyses[0]]..starts[analyses[0] + lanes])
            } else {
                let room = most.next_multiple_of(4) * lanes;
                let mut packed: [&[f64]; N] = [&[]; N];
                for ((tile, column), packed) in tiles.iter_mut().zip(columns).zip(&mut packed) {
                    if tile.len() < room {
                        tile.resize(room, 0.0);
                    }
                    pack::<V>(&mut tile[..room], most, column, analyses, starts);
                    *packed = &tile[..most * lanes];
                }
                packed
            };
            kernel.tile::<Pair<V>>(Members { analyses }, tile);
        }
    }
}

#[inline(always)]
fn within<const N: usize>(columns: [&[f64]; N], rows: Range<usize>) -> [&[f64]; N] {
    let mut part = columns;
    for column in &mut part {
        *column = &column[rows.clone()];
    }
    part
}

/// Puts analyses in the order of their number of studies; keeps its buffers.
#[derive(Debug, Default)]
struct BySize {
    order: Vec<usize>,
    places: Vec<usize>,
}

impl BySize {
    /// Sizes from here on count as one: a block has few such analyses.
    const LARGE: usize = 512;

    /// The analyses, those of equal size in their own order.
    fn sort(&mut self, starts: &[usize]) -> &[usize] {
        let Self { order, places } = self;
        let size = |i: usize| (starts[i + 1] - starts[i]).min(Self::LARGE);
        let n = starts.len() - 1;
        order.clear();
        order.extend(0..n);
        if starts.windows(3).any(|w| w[1] - w[0] != w[2] - w[1]) {
            let most = order.iter().map(|&i| size(i)).max().unwrap_or(0);
            places.clear();
            places.resize(most + 2, 0);
            (0..n).for_each(|i| places[size(i) + 1] += 1);
            (1..places.len()).for_each(|size| places[size] += places[size - 1]);
            for i in 0..n {
                let place = &mut places[size(i)];
                order[*place] = i;
                *place += 1;
            }
        }
        order
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
    if let Some(lanes) = fours(most, column, analyses, starts) {
        pack_fours::<V>(tile, lanes);
        // what follows an analysis in the column is not its own
        for (lane, &i) in analyses.iter().enumerate() {
            let end = starts[i + 1] - starts[i];
            (end..most).for_each(|row| tile[row * MOST_LANES + lane] = 0.0);
        }
        return;
    }
    tile[..most * MOST_LANES].fill(0.0);
    for (lane, &i) in analyses.iter().enumerate() {
        for (row, study) in column[starts[i]..starts[i + 1]].iter().enumerate() {
            tile[row * MOST_LANES + lane] = *study;
        }
    }
}

/// The columns of the analyses of a full tile from their first study on, all of the same whole number of
/// fours; none near the end of the block.
#[inline(always)]
fn fours<'a>(
    most: usize,
    column: &'a [f64],
    analyses: &[usize],
    starts: &[usize],
) -> Option<[&'a [f64]; MOST_LANES]> {
    let rows = most.next_multiple_of(4);
    let from = |i: usize| column.get(starts[i]..)?.get(..rows);
    let &[a, b, c, d, e, f, g, h] = analyses else { return None };
    Some([from(a)?, from(b)?, from(c)?, from(d)?, from(e)?, from(f)?, from(g)?, from(h)?])
}

#[inline(always)]
fn pack_fours<V: Register>(tile: &mut [f64], [a, b, c, d, e, f, g, h]: [&[f64]; MOST_LANES]) {
    let (mut left, mut right) = (Fours::of([a, b, c, d]), Fours::of([e, f, g, h]));
    for rows in tile.chunks_exact_mut(4 * MOST_LANES) {
        let (Some([a, b, c, d]), Some([e, f, g, h])) = (left.next::<V>(), right.next::<V>()) else {
            return;
        };
        for (row, (left, right)) in [(a, e), (b, f), (c, g), (d, h)].into_iter().enumerate() {
            left.store(rows, row * MOST_LANES);
            right.store(rows, row * MOST_LANES + V::LANES);
        }
    }
}

/// Four analyses, four studies at a time.
struct Fours<'a>([ChunksExact<'a, f64>; 4]);

impl<'a> Fours<'a> {
    #[inline(always)]
    fn of([a, b, c, d]: [&'a [f64]; 4]) -> Self {
        Self([a.chunks_exact(4), b.chunks_exact(4), c.chunks_exact(4), d.chunks_exact(4)])
    }

    /// The next four studies, by study.
    #[inline(always)]
    fn next<V: Register>(&mut self) -> Option<[V; 4]> {
        let Self([a, b, c, d]) = self;
        let [a, b, c, d] = [a.next()?, b.next()?, c.next()?, d.next()?];
        Some(V::transpose([V::load(a, 0), V::load(b, 0), V::load(c, 0), V::load(d, 0)]))
    }
}
