//! Borrowed views of study columns and the offsets that cut them into meta-analyses.

use std::ops::Range;

use crate::measure::Data;

/// Events and totals of the experimental and the control arm, one element per study.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct TwoByTwo<'a> {
    pub events_e: &'a [f64],
    pub n_e: &'a [f64],
    pub events_c: &'a [f64],
    pub n_c: &'a [f64],
}

/// Means, standard deviations and sizes of both arms, one element per study.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct TwoMeans<'a> {
    pub mean_e: &'a [f64],
    pub sd_e: &'a [f64],
    pub n_e: &'a [f64],
    pub mean_c: &'a [f64],
    pub sd_c: &'a [f64],
    pub n_c: &'a [f64],
}

/// Given effects and their variances, one element per study.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs)]
pub struct Effects<'a> {
    pub y: &'a [f64],
    pub v: &'a [f64],
}

/// Study columns of any kind.
#[derive(Debug, Clone, Copy)]
pub enum Columns<'a> {
    /// Counts.
    TwoByTwo(TwoByTwo<'a>),
    /// Means.
    TwoMeans(TwoMeans<'a>),
    /// Effects.
    Effects(Effects<'a>),
}

impl TwoByTwo<'_> {
    /// The studies of a range.
    pub(crate) fn slice(&self, r: Range<usize>) -> Self {
        Self {
            events_e: &self.events_e[r.clone()],
            n_e: &self.n_e[r.clone()],
            events_c: &self.events_c[r.clone()],
            n_c: &self.n_c[r],
        }
    }
}

/// Columns or offsets whose shapes do not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Two columns of different length.
    #[error("column '{column}' has {found} studies, '{first}' has {expected}")]
    Length {
        /// The column at fault.
        column: &'static str,
        /// The first column.
        first: &'static str,
        /// Studies in `column`.
        found: usize,
        /// Studies in `first`.
        expected: usize,
    },
    /// Not the number of columns that this kind of data has.
    #[error("{expected} columns are needed, {found} were given")]
    Columns {
        /// Columns of this kind of data.
        expected: usize,
        /// Columns given.
        found: usize,
    },
    /// Offsets that do not rise from 0 to the number of studies.
    #[error(
        "offsets must rise from 0 to the number of studies ({studies}): offsets[{position}] is {value}"
    )]
    Offsets {
        /// Index of the offset at fault.
        position: usize,
        /// Its value.
        value: i64,
        /// Number of studies.
        studies: usize,
    },
    /// More results at a time than there is memory for.
    #[error(
        "there is no memory for {numbers} numbers at a time; take fewer resamples, and join runs"
    )]
    Memory {
        /// How many numbers of 8 bytes.
        numbers: usize,
    },
    /// Data of another kind than the measure needs.
    #[error("measure {measure} is not taken from {data:?} data")]
    Kind {
        /// Name of the measure.
        measure: &'static str,
        /// The data given.
        data: Data,
    },
}

impl<'a> Columns<'a> {
    /// Views columns passed in the order of [`Data::columns`].
    ///
    /// # Errors
    /// [`ShapeError`] for a wrong number of columns or unequal lengths.
    pub fn new(data: Data, columns: &[&'a [f64]]) -> Result<Self, ShapeError> {
        let names = data.columns();
        if columns.len() != names.len() {
            return Err(ShapeError::Columns { expected: names.len(), found: columns.len() });
        }
        for (column, name) in columns.iter().zip(names) {
            if column.len() != columns[0].len() {
                return Err(ShapeError::Length {
                    column: name,
                    first: names[0],
                    found: column.len(),
                    expected: columns[0].len(),
                });
            }
        }
        Ok(match (data, columns) {
            (Data::TwoByTwo, &[events_e, n_e, events_c, n_c, ..]) => {
                Self::TwoByTwo(TwoByTwo { events_e, n_e, events_c, n_c })
            }
            (Data::TwoMeans, &[mean_e, sd_e, n_e, mean_c, sd_c, n_c, ..]) => {
                Self::TwoMeans(TwoMeans { mean_e, sd_e, n_e, mean_c, sd_c, n_c })
            }
            (_, columns) => Self::Effects(Effects { y: columns[0], v: columns[1] }),
        })
    }

    /// The kind of data.
    #[must_use]
    pub fn data(&self) -> Data {
        match self {
            Self::TwoByTwo(_) => Data::TwoByTwo,
            Self::TwoMeans(_) => Data::TwoMeans,
            Self::Effects(_) => Data::Effects,
        }
    }

    /// The columns, in the order of [`Data::columns`].
    #[must_use]
    pub(crate) fn slices(&self) -> Vec<&'a [f64]> {
        match *self {
            Self::TwoByTwo(t) => vec![t.events_e, t.n_e, t.events_c, t.n_c],
            Self::TwoMeans(t) => vec![t.mean_e, t.sd_e, t.n_e, t.mean_c, t.sd_c, t.n_c],
            Self::Effects(t) => vec![t.y, t.v],
        }
    }

    /// Number of studies.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::TwoByTwo(t) => t.events_e.len(),
            Self::TwoMeans(t) => t.mean_e.len(),
            Self::Effects(t) => t.y.len(),
        }
    }

    /// Whether there is no study.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether study `i` has all its values.
    pub(crate) fn is_present(&self, i: usize) -> bool {
        self.slices().iter().all(|column| !column[i].is_nan())
    }

    /// The studies of a range.
    pub(crate) fn slice(&self, r: Range<usize>) -> Self {
        match self {
            Self::TwoByTwo(t) => Self::TwoByTwo(t.slice(r)),
            Self::TwoMeans(t) => Self::TwoMeans(TwoMeans {
                mean_e: &t.mean_e[r.clone()],
                sd_e: &t.sd_e[r.clone()],
                n_e: &t.n_e[r.clone()],
                mean_c: &t.mean_c[r.clone()],
                sd_c: &t.sd_c[r.clone()],
                n_c: &t.n_c[r],
            }),
            Self::Effects(t) => Self::Effects(Effects { y: &t.y[r.clone()], v: &t.v[r] }),
        }
    }
}

/// Study columns cut into meta-analyses: analysis i has the studies `offsets[i]..offsets[i + 1]`.
#[derive(Debug, Clone, Copy)]
pub struct Studies<'a> {
    columns: Columns<'a>,
    offsets: &'a [i64],
    in_tiles: bool,
}

impl<'a> Studies<'a> {
    /// Joins columns and offsets.
    ///
    /// # Errors
    /// [`ShapeError::Offsets`] if the offsets do not rise from 0 to the number of studies.
    pub fn new(columns: Columns<'a>, offsets: &'a [i64]) -> Result<Self, ShapeError> {
        check_offsets(offsets, columns.len())?;
        Ok(Self { columns, offsets, in_tiles: false })
    }

    /// The same of which the rows are laid out by tiles: of each [`crate::simd::MOST_LANES`] analyses, all of as many
    /// studies, the first study of each, then the second of each. For what takes each study by itself, then tiles.
    pub(crate) fn laid_out_in_tiles(self) -> Self {
        Self { in_tiles: true, ..self }
    }

    /// Whether they are.
    pub(crate) fn are_in_tiles(&self) -> bool {
        self.in_tiles
    }

    /// Number of meta-analyses.
    #[must_use]
    pub fn n_analyses(&self) -> usize {
        self.offsets.len() - 1
    }

    /// All columns.
    #[must_use]
    pub fn columns(&self) -> &Columns<'a> {
        &self.columns
    }

    /// The rows of `n` meta-analyses from `first` on.
    #[must_use]
    pub fn rows(&self, first: usize, n: usize) -> Range<usize> {
        self.start(first)..self.start(first + n)
    }

    /// How many meta-analyses from `first` on, up to `most`, until they have `studies` studies.
    pub(crate) fn analyses_within(&self, first: usize, most: usize, studies: usize) -> usize {
        let enough = self.offsets[first].saturating_add(studies as i64);
        let ends = &self.offsets[first + 1..=first + most];
        (ends.partition_point(|&end| end < enough) + 1).min(most)
    }

    /// The first row of meta-analysis `i`; the end of all for their number.
    #[must_use]
    pub(crate) fn start(&self, i: usize) -> usize {
        self.offsets[i] as usize
    }

    /// The rows of meta-analysis `i`.
    #[must_use]
    pub fn range(&self, i: usize) -> Range<usize> {
        self.start(i)..self.start(i + 1)
    }
}

fn check_offsets(offsets: &[i64], studies: usize) -> Result<(), ShapeError> {
    let fault = |position: usize| {
        Err(ShapeError::Offsets {
            position,
            value: offsets.get(position).copied().unwrap_or(-1),
            studies,
        })
    };
    if offsets.first() != Some(&0) {
        return fault(0);
    }
    if let Some(i) = offsets.windows(2).position(|w| w[1] < w[0]) {
        return fault(i + 1);
    }
    if offsets.last().copied() != i64::try_from(studies).ok() {
        return fault(offsets.len() - 1);
    }
    Ok(())
}
