//! Tests of two-by-two tables: no effect in any, the same odds ratio in all.

use crate::conventions::Conventions;
use crate::effect::binary::{Table, exclude_from_ratio};
use crate::effect::continuity::Correction;
use crate::effect::{Included, Verdict};
use crate::heterogeneity::breslow_day;
use crate::measure::Measure;
use crate::pool::cochran_mantel_haenszel;
use crate::pool::mantel_haenszel::odds_ratio;
use crate::special::chi_square;
use crate::status::Status;
use crate::studies::TwoByTwo;
use crate::table::struct_of_arrays;

struct_of_arrays! {
    /// Tests of the tables of each meta-analysis; NaN where undefined, `status` says why.
    pub struct TableTests / TableTestsView {
        /// Cochran, Mantel and Haenszel's statistic.
        pub cmh: f64,
        /// Its P.
        pub cmh_p: f64,
        /// Breslow and Day's statistic.
        pub breslow_day: f64,
        /// Its P.
        pub breslow_day_p: f64,
        /// Tarone's statistic.
        pub tarone: f64,
        /// Its P.
        pub tarone_p: f64,
        /// Degrees of freedom of the last two.
        pub df: i64,
        /// Tables that contribute.
        pub k: i64,
        /// Code of [`Status`].
        pub status: i64,
    }
}

/// Tests the tables of one meta-analysis and writes row `i`.
pub(crate) fn test_tables(
    conventions: &Conventions,
    correct: bool,
    studies: &TwoByTwo<'_>,
    i: usize,
    out: &mut TableTestsView<'_>,
) {
    let tables = contributing(conventions, studies);
    let k = tables.len();
    let df = k.saturating_sub(1) as f64;
    let cmh = cochran_mantel_haenszel::statistic(&tables, correct);
    let (breslow_day, tarone) = breslow_day::statistics(&tables, odds_ratio(&tables));
    (out.cmh[i], out.breslow_day[i], out.tarone[i]) = (cmh, breslow_day, tarone);
    out.cmh_p[i] = chi_square::sf(cmh, 1.0);
    out.breslow_day_p[i] = chi_square::sf(breslow_day, df);
    out.tarone_p[i] = chi_square::sf(tarone, df);
    (out.df[i], out.k[i]) = (df as i64, k as i64);
    out.status[i] = match k {
        0 => Status::NotEstimable,
        _ if breslow_day.is_nan() => Status::QUndefined,
        1 => Status::OneStudy,
        _ => Status::Ok,
    } as i64;
}

/// The tables that enter Mantel and Haenszel's odds ratio by the conventions and say something of it.
fn contributing(conventions: &Conventions, studies: &TwoByTwo<'_>) -> Vec<Table<f64>> {
    let correction = Correction::of_mantel_haenszel(conventions, studies);
    let tables = (0..studies.events_e.len()).filter_map(|i| {
        let raw = Table::<f64>::of(studies, i);
        let mut verdict = Included::<f64>::new();
        exclude_from_ratio(Measure::Or, conventions, raw, &mut verdict);
        (verdict.0 && raw.present()).then(|| correction.apply(raw))
    });
    let informative = |table: &Table<f64>| {
        let variance = table.hypergeometric_variance();
        variance > 0.0 && variance.is_finite()
    };
    tables.filter(informative).collect()
}
