//! Continuity corrections: which tables they touch and by how much.

use crate::conventions::{Conventions, CorrectKind, CorrectWhen};
use crate::pool::mantel_haenszel::odds_ratio;
use crate::simd::Lanes;
use crate::studies::TwoByTwo;

use super::binary::Table;

/// A correction as one meta-analysis applies it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correction {
    cc: f64,
    kind: CorrectKind,
    touches: Touches,
    /// Of the tables without a zero cell, for [`CorrectKind::Empirical`].
    odds_ratio: f64,
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
        Self { cc: 0.0, kind: CorrectKind::Constant, touches: Touches::None, odds_ratio: 1.0 };

    /// The correction of study effects in the meta-analysis of these studies.
    #[inline(always)]
    pub(crate) fn of_studies(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Self {
        let Conventions { study_cc, study_cc_when, study_cc_kind, .. } = *conventions;
        Self::new(study_cc, study_cc_when, study_cc_kind, studies)
    }

    /// The correction of the cells that Mantel and Haenszel's sums of OR and RR are made of.
    #[inline(always)]
    pub(crate) fn of_mantel_haenszel(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Self {
        let Conventions { mh_cc, mh_cc_when, mh_cc_kind, .. } = *conventions;
        Self::new(mh_cc, mh_cc_when, mh_cc_kind, studies)
    }

    /// Whether the correction of a study's effect does not depend on the others of its meta-analysis, so
    /// that many analyses can share one.
    pub(crate) fn of_the_study_alone(conventions: &Conventions) -> bool {
        of_one_study(conventions.study_cc_when, conventions.study_cc_kind)
    }

    /// The same of the cells of Mantel and Haenszel's sums.
    pub(crate) fn of_mantel_haenszel_alone(conventions: &Conventions) -> bool {
        of_one_study(conventions.mh_cc_when, conventions.mh_cc_kind)
    }

    fn new(cc: f64, when: CorrectWhen, kind: CorrectKind, studies: &TwoByTwo<'_>) -> Self {
        let tables = || {
            let tables = (0..studies.events_e.len()).map(|i| Table::<f64>::of(studies, i));
            tables.filter(|table| table.present())
        };
        let any_zero = || tables().any(Table::has_zero);
        let odds_ratio = match kind {
            CorrectKind::Empirical => {
                odds_ratio(&tables().filter(|table| !table.has_zero()).collect::<Vec<_>>())
            }
            _ => 1.0,
        };
        let touches = match when {
            _ if odds_ratio.is_nan() => Touches::None,
            CorrectWhen::Only0 => Touches::ZeroCells,
            CorrectWhen::If0All if any_zero() => Touches::All,
            CorrectWhen::If0All | CorrectWhen::None => Touches::None,
            CorrectWhen::All => Touches::All,
        };
        Self { cc, kind, touches, odds_ratio }
    }

    /// The table with its correction.
    ///
    /// # Formula
    /// What is added to experimental and to control cells (Sweeting, Sutton & Lambert 2004). Constant: cc
    /// and cc. Treatment arm: 2 cc n1/N and 2 cc n2/N. Empirical: 2 cc ω n1/(ω n1 + n2) and 2 cc n2/(ω n1 + n2),
    /// ω the Mantel-Haenszel odds ratio of the tables without a zero cell; nothing if there are none.
    #[inline(always)]
    pub(crate) fn apply<V: Lanes>(self, table: Table<V>) -> Table<V> {
        let (e, c) = match self.kind {
            CorrectKind::Constant => (V::splat(self.cc), V::splat(self.cc)),
            CorrectKind::TreatmentArm => {
                let both = V::splat(2.0 * self.cc) / table.n();
                (both * table.n1(), both * table.n2())
            }
            CorrectKind::Empirical => {
                let e = table.n1() * self.odds_ratio;
                let both = V::splat(2.0 * self.cc) / (e + table.n2());
                (both * e, both * table.n2())
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

/// Whether such a correction looks at its own study only.
fn of_one_study(when: CorrectWhen, kind: CorrectKind) -> bool {
    when != CorrectWhen::If0All && kind != CorrectKind::Empirical
}
