//! Printed results, and the natural scale.

use metapool_core::effect::risk::experimental_risk;
use metapool_core::measure::{self, Measure};
use metapool_core::pool::critical;
use metapool_core::reported::{self, Printed, check};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::input::{self, Column};

/// (value, half of its last printed digit).
type Rounded = (f64, f64);

/// (se, z, P, least P, greatest P, estimate consistent, P consistent).
#[pyfunction]
pub(crate) fn check_reported(
    estimate: Rounded,
    low: Rounded,
    high: Rounded,
    p: (f64, f64),
    level: f64,
    log: bool,
) -> (f64, f64, f64, f64, f64, bool, bool) {
    let printed = |(value, half): Rounded| {
        let printed = Printed::new(value, half);
        if log { printed.log() } else { printed }
    };
    let c = check(printed(estimate), printed(low), printed(high), p, level);
    (c.se, c.statistic, c.p_value, c.p_low, c.p_high, c.estimate_consistent, c.p_consistent)
}

/// Whether a printed t and P fit `df` degrees of freedom.
#[pyfunction]
pub(crate) fn t_fits(t: Rounded, p: (f64, f64), df: f64) -> bool {
    reported::t_fits(Printed::new(t.0, t.1), p, df)
}

/// Log ratios as ratios.
#[pyfunction]
pub(crate) fn natural<'py>(
    py: Python<'py>,
    values: Column<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let values = [values];
    let values = input::slices(&values)?[0];
    Ok(values.iter().copied().map(measure::natural).collect::<Vec<_>>().into_pyarray(py))
}

/// Risks of the experimental arm at risks of the control arm, under an effect; NaN beyond 0 and 1.
#[pyfunction]
pub(crate) fn pooled_risks<'py>(
    py: Python<'py>,
    measure: &str,
    effect: f64,
    risk: Column<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let measure = Measure::from_name(measure).map_err(CoreError::from)?;
    let risk = [risk];
    let risks = input::slices(&risk)?[0].iter();
    let found: Vec<f64> = risks.map(|&risk| experimental_risk(measure, risk, effect)).collect();
    Ok(found.into_pyarray(py))
}

/// The normal quantile of a two-sided confidence level.
#[pyfunction]
pub(crate) fn normal_critical(level: f64) -> f64 {
    critical::normal_critical(level)
}
