//! Effects of a block of neighbouring meta-analyses.

use std::ops::Range;

use crate::conventions::Conventions;
use crate::measure::Measure;
use crate::simd::{self, Kernel, Register};
use crate::studies::{Columns, Studies};
use crate::tile::{Numbers, Tile};

use super::continuity::Correction;
use super::{Precisions, take};

/// Effects y and precisions w = 1/v of the studies of a block, both 0 for a study that is out.
#[derive(Debug, Default)]
pub(crate) struct BlockEffects {
    /// The studies of analysis i are `starts[i]..starts[i + 1]`.
    pub(crate) starts: Vec<usize>,
    pub(crate) y: Vec<f64>,
    pub(crate) w: Vec<f64>,
    /// Whether rows are laid out by tiles, see [`Studies::laid_out_in_tiles`].
    in_tiles: bool,
    /// What they are effects of, as long as they are all there.
    of: Option<(Measure, Conventions)>,
}

impl BlockEffects {
    /// Elements beyond the last study, of no meaning, so that it can be read in a group of four.
    const MARGIN: usize = 3;

    /// Makes room for `n` analyses from `first` on and returns their columns.
    pub(crate) fn take<'a>(
        &mut self,
        studies: &Studies<'a>,
        first: usize,
        n: usize,
    ) -> Columns<'a> {
        let rows = studies.rows(first, n);
        self.of = None;
        self.in_tiles = studies.are_in_tiles();
        self.starts.clear();
        self.starts.extend((first..=first + n).map(|i| studies.start(i) - rows.start));
        self.y.resize(rows.len() + Self::MARGIN, 0.0);
        self.w.resize(rows.len() + Self::MARGIN, 0.0);
        studies.columns().slice(rows)
    }

    /// Takes the effects of all studies, unless they are there.
    pub(crate) fn fill(
        &mut self,
        measure: Measure,
        conventions: &Conventions,
        columns: &Columns<'_>,
    ) {
        if !self.are_of(measure, conventions) {
            simd::run(Fill { effects: self, measure, conventions, columns });
            self.of = Some((measure, *conventions));
        }
    }

    /// Whether these effects are there, of all studies.
    pub(crate) fn are_of(&self, measure: Measure, conventions: &Conventions) -> bool {
        self.of == Some((measure, *conventions))
    }

    /// Precisions, of which some will be taken out, beside the starts.
    pub(crate) fn precisions(&mut self) -> (&[usize], &mut [f64]) {
        self.of = None;
        (&self.starts, &mut self.w)
    }

    /// Effects and precisions, to be cut into tiles.
    pub(crate) fn pairs(&self) -> Numbers<'_, 2> {
        let Self { starts, y, w, in_tiles, .. } = self;
        Numbers { starts, columns: [y, w], in_tiles: *in_tiles }
    }

    pub(crate) fn n_analyses(&self) -> usize {
        self.starts.len() - 1
    }

    pub(crate) fn n_studies(&self) -> usize {
        self.starts[self.n_analyses()]
    }

    /// Effects and precisions of the studies of analysis `i`.
    pub(crate) fn tile(&self, i: usize) -> Tile<'_> {
        let rows = self.studies(i);
        Tile::new(&self.y[rows.clone()], &self.w[rows])
    }

    /// The studies of analysis `i`.
    pub(crate) fn studies(&self, i: usize) -> Range<usize> {
        self.starts[i]..self.starts[i + 1]
    }
}

/// The rows that share a continuity correction: all of a block where a study's depends on it alone, else
/// those of each analysis.
#[inline(always)]
pub(crate) fn parts(starts: &[usize], alone: bool) -> impl Iterator<Item = Range<usize>> {
    let n = starts.len() - 1;
    let step = if alone { n.max(1) } else { 1 };
    (0..n).step_by(step).map(move |i| starts[i]..starts[i + step])
}

struct Fill<'a> {
    effects: &'a mut BlockEffects,
    measure: Measure,
    conventions: &'a Conventions,
    columns: &'a Columns<'a>,
}

impl Kernel for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Register>(self) {
        let Self { effects: BlockEffects { starts, y, w, .. }, measure, conventions, columns } =
            self;
        for rows in parts(starts, Correction::of_the_study_alone(conventions)) {
            let sink = Precisions { y: &mut y[rows.clone()], w: &mut w[rows.clone()] };
            take::<V, _>(measure, conventions, &columns.slice(rows), sink);
        }
    }
}
