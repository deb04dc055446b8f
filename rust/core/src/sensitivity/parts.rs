//! Fits to parts of the studies of meta-analyses: without each of them, or up to each of them.

use std::ops::Range;

use crate::analysis::without::{self, fit_without_each, has_closed_form};
use crate::analysis::{self, Fits, FitsView, fit_block};
use crate::choice::choice;
use crate::plan::Plan;
use crate::studies::{Columns, Studies};

choice! {
    /// Which parts.
    pub enum Part: "part" {
        /// All studies but one.
        LeaveOneOut = "leave-one-out",
        /// All studies up to one, in their order.
        Cumulative = "cumulative",
    }
}

/// Space for a block of meta-analyses, reused.
#[derive(Debug, Default)]
pub struct Scratch {
    without: without::Scratch,
    refits: Refits,
}

/// Fits the parts of meta-analyses `first..first + n`, a row of `out` for each study.
pub fn fit_parts(
    part: Part,
    plan: &Plan,
    studies: &Studies<'_>,
    first: usize,
    n: usize,
    scratch: &mut Scratch,
    mut out: FitsView<'_>,
) {
    let Scratch { without, refits } = scratch;
    if part == Part::LeaveOneOut && has_closed_form(plan) {
        fit_without_each(plan, studies, first, n, without, &mut out);
        return;
    }
    let analyses = (first..first + n).map(|i| studies.range(i));
    let parts = analyses.flat_map(|rows| {
        let Range { start, end } = rows;
        (start..end).map(move |row| match part {
            Part::LeaveOneOut => (start..row).chain(row + 1..end),
            Part::Cumulative => (start..row + 1).chain(end..end),
        })
    });
    refits.fit(plan, studies.columns(), parts, out);
}

/// Meta-analyses made of studies of others, as many at a time as stay in the cache.
#[derive(Debug, Default)]
pub(super) struct Refits {
    columns: Vec<Vec<f64>>,
    offsets: Vec<i64>,
    scratch: analysis::Scratch,
}

/// Studies and analyses at a time.
const STUDIES: usize = 2560;
const ANALYSES: usize = 256;

impl Refits {
    /// Fits a meta-analysis of each of the sets of rows.
    pub(super) fn fit<R: Iterator<Item = usize>>(
        &mut self,
        plan: &Plan,
        columns: &Columns<'_>,
        parts: impl Iterator<Item = R>,
        mut out: FitsView<'_>,
    ) {
        let slices = columns.slices();
        self.columns.resize_with(slices.len(), Vec::new);
        self.clear();
        for rows in parts {
            for row in rows {
                for (copy, column) in self.columns.iter_mut().zip(&slices) {
                    copy.push(column[row]);
                }
            }
            self.offsets.push(self.columns[0].len() as i64);
            if self.offsets.len() > ANALYSES || self.columns[0].len() >= STUDIES {
                out = self.flush(plan, columns, out);
            }
        }
        self.flush(plan, columns, out);
    }

    fn clear(&mut self) {
        self.columns.iter_mut().for_each(Vec::clear);
        self.offsets.clear();
        self.offsets.push(0);
    }

    /// Fits what is there, and returns the room that is left.
    fn flush<'o>(&mut self, plan: &Plan, kind: &Columns<'_>, out: FitsView<'o>) -> FitsView<'o> {
        let (mut now, rest) = out.split_at(self.offsets.len() - 1);
        let slices: Vec<&[f64]> = self.columns.iter().map(Vec::as_slice).collect();
        let columns = Columns::new(kind.data(), &slices);
        if let Ok(studies) = columns.and_then(|columns| Studies::new(columns, &self.offsets)) {
            if now.means_alone() {
                let mut fits = Fits::new(studies.n_analyses());
                fit_block(plan, &studies, 0, &mut self.scratch, &mut fits.view().without_p(), None);
                now.estimate.copy_from_slice(&fits.estimate);
                now.se.copy_from_slice(&fits.se);
                now.tau2.copy_from_slice(&fits.tau2);
            } else {
                fit_block(plan, &studies, 0, &mut self.scratch, &mut now, None);
            }
        }
        self.clear();
        rest
    }
}
