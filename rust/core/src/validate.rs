//! One pass over a column of study data: every value is checked, none is changed.

use crate::measure::Data;

/// What a value breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// NaN where missing values are not allowed.
    #[error("is missing")]
    Missing,
    /// Infinite.
    #[error("is infinite")]
    Infinite,
    /// Negative.
    #[error("is negative")]
    Negative,
    /// Zero or negative.
    #[error("is not positive")]
    NotPositive,
    /// More events than people.
    #[error("is more than the arm's total")]
    MoreThanTotal,
    /// An interval's upper limit that is not above its lower one.
    #[error("is not above ci_low")]
    NotAboveLow,
    /// A spread whose variance is 0 or infinite in floating point.
    #[error("gives a variance beyond floating point")]
    NotFinite,
    /// An effect outside its own interval.
    #[error("is outside its interval")]
    OutsideInterval,
}

/// A value at fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BadValue {
    /// Name of its column.
    pub column: &'static str,
    /// Index of its study.
    pub row: usize,
    /// The value.
    pub value: f64,
    /// What it breaks.
    pub rule: Rule,
}

/// Checks columns in the order of [`Data::columns`]; of several faults the first study's comes
/// first.
///
/// # Errors
/// The [`BadValue`] of the first study at fault.
///
/// # Example
/// ```
/// use metapool_core::{measure::Data, validate::{Rule, check}};
/// let fault = check(Data::TwoByTwo, &[&[21.0], &[20.0], &[3.0], &[20.0]], false);
/// assert_eq!(fault.map_err(|fault| (fault.column, fault.rule)), Err(("events_e", Rule::MoreThanTotal)));
/// ```
pub fn check(data: Data, columns: &[&[f64]], allow_missing: bool) -> Result<(), BadValue> {
    check_rows(data, columns, allow_missing, 0..columns.first().map_or(0, |c| c.len()))
}

/// Copies columns, checking each block of the copy while it is in cache.
///
/// # Errors
/// As [`check`].
pub fn copy(
    data: Data,
    columns: &[&[f64]],
    allow_missing: bool,
) -> Result<Vec<Vec<f64>>, BadValue> {
    const ROWS: usize = 1024;
    let rows = columns.first().map_or(0, |c| c.len());
    let mut copies: Vec<Vec<f64>> = columns.iter().map(|_| Vec::with_capacity(rows)).collect();
    for start in (0..rows).step_by(ROWS) {
        let block = start..rows.min(start + ROWS);
        for (copy, column) in copies.iter_mut().zip(columns) {
            copy.extend_from_slice(&column[block.clone()]);
        }
        let copied: Vec<&[f64]> = copies.iter().map(Vec::as_slice).collect();
        check_rows(data, &copied, allow_missing, block)?;
    }
    Ok(copies)
}

fn check_rows(
    data: Data,
    columns: &[&[f64]],
    allow_missing: bool,
    rows: std::ops::Range<usize>,
) -> Result<(), BadValue> {
    let names = data.columns();
    for row in rows {
        let value = |j: usize| columns[j][row];
        for (j, column) in names.iter().enumerate() {
            let value = value(j);
            if let Some(rule) = fault(data, j, value, allow_missing) {
                return Err(BadValue { column, row, value, rule });
            }
        }
        if data == Data::TwoByTwo {
            for (events, total) in [(0, 1), (2, 3)] {
                if value(events) > value(total) {
                    let (column, value) = (names[events], value(events));
                    return Err(BadValue { column, row, value, rule: Rule::MoreThanTotal });
                }
            }
        }
    }
    Ok(())
}

/// The rule that a value breaks by itself.
fn fault(data: Data, column: usize, value: f64, allow_missing: bool) -> Option<Rule> {
    if value.is_nan() {
        return (!allow_missing).then_some(Rule::Missing);
    }
    if value.is_infinite() {
        return Some(Rule::Infinite);
    }
    match (data, column) {
        (Data::TwoByTwo, 0 | 2) | (Data::TwoMeans, 1 | 4) if value < 0.0 => Some(Rule::Negative),
        (Data::TwoByTwo, 1 | 3) | (Data::TwoMeans, 2 | 5) | (Data::Effects, 1) if value <= 0.0 => {
            Some(Rule::NotPositive)
        }
        _ => None,
    }
}
