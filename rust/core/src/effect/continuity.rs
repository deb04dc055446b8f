//! Continuity corrections: which tables they touch and by how much.

use crate::conventions::{Conventions, CorrectKind, CorrectWhen};
use crate::simd::Lanes;
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
    /// Nothing is corrected.
    pub(crate) const NONE: Self =
        Self { cc: 0.0, kind: CorrectKind::Constant, touches: Touches::None };

    /// The correction of study effects in the meta-analysis of these studies.
    #[inline(always)]
    pub(crate) fn of_studies(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Self {
        let Conventions { study_cc, study_cc_when, study_cc_kind, .. } = *conventions;
        Self::new(study_cc, study_cc_when, study_cc_kind, studies)
    }

    /// The correction of the cells that Mantel and Haenszel's sums of OR and RR are made of.
    #[inline(always)]
    pub(crate) fn of_mantel_haenszel(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Self {
        let Conventions { mh_cc, mh_cc_when, .. } = *conventions;
        Self::new(mh_cc, mh_cc_when, CorrectKind::Constant, studies)
    }

    /// Whether a study's correction does not depend on the others of its meta-analysis, so that many
    /// analyses can share one.
    pub(crate) fn is_of_the_study_alone(when: CorrectWhen) -> bool {
        when != CorrectWhen::If0All
    }

    fn new(cc: f64, when: CorrectWhen, kind: CorrectKind, studies: &TwoByTwo<'_>) -> Self {
        let any_zero = || {
            let mut tables = (0..studies.events_e.len()).map(|i| Table::<f64>::of(studies, i));
            tables.any(|table| table.present() && table.has_zero())
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
    #[inline(always)]
    pub(crate) fn apply<V: Lanes>(self, table: Table<V>) -> Table<V> {
        let (e, c) = match self.kind {
            CorrectKind::Constant => (V::splat(self.cc), V::splat(self.cc)),
            CorrectKind::TreatmentArm => {
                let both = V::splat(2.0 * self.cc) / table.n();
                (both * table.n1(), both * table.n2())
            }
        };
        let (e, c) = match self.touches {
            Touches::None => return table,
            Touches::All => (e, c),
            Touches::ZeroCells => (e.or_zero(table.has_zero()), c.or_zero(table.has_zero())),
        };
        Table { a: table.a + e, b: table.b + e, c: table.c + c, d: table.d + c }
    }
}
