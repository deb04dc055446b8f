//! Continuity corrections: which tables they touch and by how much.

use crate::conventions::{Conventions, CorrectKind, CorrectWhen};
use crate::studies::TwoByTwo;

use super::binary::Table;

/// A correction as one meta-analysis applies it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    cc: f64,
    kind: CorrectKind,
    touches: Touches,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Touches {
    ZeroCells,
    All,
    None,
}

impl Correction {
    /// The correction of study effects in the meta-analysis of these studies.
    pub(crate) fn of_studies(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Self {
        let Conventions { study_cc, study_cc_when, study_cc_kind, .. } = *conventions;
        Self::new(study_cc, study_cc_when, study_cc_kind, studies)
    }

    /// The correction of the cells that Mantel and Haenszel's sums of OR and RR are made of.
    pub(crate) fn of_mantel_haenszel(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Self {
        let Conventions { mh_cc, mh_cc_when, .. } = *conventions;
        Self::new(mh_cc, mh_cc_when, CorrectKind::Constant, studies)
    }

    fn new(cc: f64, when: CorrectWhen, kind: CorrectKind, studies: &TwoByTwo<'_>) -> Self {
        let any_zero = || {
            let mut tables = (0..studies.events_e.len()).map(|i| Table::of(studies, i));
            tables.any(|table| table.present().is_ok() && table.has_zero())
        };
        let touches = match when {
            CorrectWhen::Only0 => Touches::ZeroCells,
            CorrectWhen::If0All if any_zero() => Touches::All,
            CorrectWhen::If0All | CorrectWhen::None => Touches::None,
            CorrectWhen::All => Touches::All,
        };
        Self { cc, kind, touches }
    }

    /// The table with its correction.
    ///
    /// # Formula
    /// constant: cells + cc. Treatment arm (Sweeting, Sutton & Lambert 2004): experimental cells
    /// + 2 cc n1/N, control cells + 2 cc n2/N.
    pub(crate) fn apply(self, table: Table) -> Table {
        let touched = match self.touches {
            Touches::ZeroCells => table.has_zero(),
            Touches::All => true,
            Touches::None => false,
        };
        if !touched {
            return table;
        }
        let (e, c) = match self.kind {
            CorrectKind::Constant => (self.cc, self.cc),
            CorrectKind::TreatmentArm => {
                let both = 2.0 * self.cc / table.n();
                (both * table.n1(), both * table.n2())
            }
        };
        Table { a: table.a + e, b: table.b + e, c: table.c + c, d: table.d + c }
    }
}
