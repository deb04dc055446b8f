//! Pooling.

use metapool_core::analysis::heterogeneity::HeterogeneityLimitsView;
use metapool_core::analysis::tables::TableTestsView;
use metapool_core::analysis::{Details, DetailsView, FitsView};
use metapool_core::engine;
use metapool_core::heterogeneity::q::CochranQ;
use metapool_core::heterogeneity::tau2_interval::HeterogeneityInterval;
use metapool_core::measure::Data;
use metapool_core::model_rule as rule;
use metapool_core::pool::subgroup;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::{Conventions, Plan};
use crate::threads::finish;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
type Whole<'py> = Bound<'py, PyArray1<i64>>;
type Flags<'py> = Bound<'py, PyArray1<bool>>;

/// Pools every meta-analysis: writes the rows estimate, se, ci_low, ci_high, statistic, p_value, q, q_p,
/// i2, tau2 to `floats`, q_df, k, status to `ints`; returns where the random-effects model was taken.
#[pyfunction]
pub(crate) fn pool<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    floats: Rows<'py, f64>,
    ints: Rows<'py, i64>,
) -> PyResult<Flags<'py>> {
    fit(py, plan, &columns, &offsets, threads, (floats, ints), None)
}

/// As [`pool`]; returns weights in percent, one per study, and of each meta-analysis the fields h2, df, tau2_se,
/// pi_low, pi_high, then iterations and notes.
#[pyfunction]
pub(crate) fn details<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    floats: Rows<'py, f64>,
    ints: Rows<'py, i64>,
) -> PyResult<(Floats<'py>, Vec<Floats<'py>>, Vec<Whole<'py>>)> {
    let studies = columns.first().map_or(Ok(0), |c| c.as_slice().map(<[f64]>::len))?;
    let analyses = input::offsets(&offsets)?.len().saturating_sub(1);
    let (mut weights, mut details) = (vec![0.0; studies], Details::new(analyses));
    let view = DetailsView { weights: &mut weights, analyses: details.view() };
    fit(py, plan, &columns, &offsets, threads, (floats, ints), Some(view))?;
    let Details { h2, df, tau2_se, pi_low, pi_high, iterations, notes } = details;
    let numbers = [h2, df, tau2_se, pi_low, pi_high].map(|column| column.into_pyarray(py));
    let whole = [iterations, notes].map(|column| column.into_pyarray(py));
    Ok((weights.into_pyarray(py), numbers.into(), whole.into()))
}

/// Fits all meta-analyses.
fn fit<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: &[Column<'py>],
    offsets: &Offsets<'py>,
    threads: usize,
    (mut floats, mut ints): (Rows<'py, f64>, Rows<'py, i64>),
    details: Option<DetailsView<'_>>,
) -> PyResult<Flags<'py>> {
    let columns = input::slices(columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(offsets)?)?;
    let n = studies.n_analyses();
    let mut random = vec![false; n];
    let [estimate, se, ci_low, ci_high, statistic, p_value, q, q_p, i2, tau2] =
        rows(&mut floats, n)?;
    let [q_df, k, status] = rows(&mut ints, n)?;
    let out = FitsView {
        estimate,
        se,
        ci_low,
        ci_high,
        statistic,
        p_value,
        q,
        q_p,
        i2,
        tau2,
        q_df,
        k,
        status,
        random: &mut random,
    };
    finish(py, checked(engine::pool(&plan.0, &studies, out, details))?, threads)?;
    Ok(random.into_pyarray(py))
}

/// Intervals of the heterogeneity of every meta-analysis: writes the rows tau2_low, tau2_high, tau_low, tau_high,
/// i2_low, i2_high, h2_low, h2_high to `floats`, status to `ints`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn heterogeneity<'py>(
    py: Python<'py>,
    plan: &Plan,
    interval: &str,
    level: f64,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<()> {
    let columns = input::slices(&columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(&offsets)?)?;
    let interval = HeterogeneityInterval::from_name(interval).map_err(CoreError::from)?;
    let n = studies.n_analyses();
    let [tau2_low, tau2_high, tau_low, tau_high, i2_low, i2_high, h2_low, h2_high] =
        rows(&mut floats, n)?;
    let [status] = rows(&mut ints, n)?;
    let out = HeterogeneityLimitsView {
        tau2_low,
        tau2_high,
        tau_low,
        tau_high,
        i2_low,
        i2_high,
        h2_low,
        h2_high,
        status,
    };
    finish(py, checked(engine::heterogeneity(&plan.0, interval, level, &studies, out))?, threads)
}

/// Tests of the tables of every meta-analysis: writes the rows cmh, cmh_p, breslow_day, breslow_day_p, tarone,
/// tarone_p to `floats`, df, k, status to `ints`.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn table_tests<'py>(
    py: Python<'py>,
    conventions: &Conventions,
    correct: bool,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<()> {
    let columns = input::slices(&columns)?;
    let studies = input::studies(Data::TwoByTwo, &columns, input::offsets(&offsets)?)?;
    let n = studies.n_analyses();
    let [cmh, cmh_p, breslow_day, breslow_day_p, tarone, tarone_p] = rows(&mut floats, n)?;
    let [df, k, status] = rows(&mut ints, n)?;
    let out =
        TableTestsView { cmh, cmh_p, breslow_day, breslow_day_p, tarone, tarone_p, df, k, status };
    finish(py, checked(engine::table_tests(&conventions.0, correct, &studies, out))?, threads)
}

/// The condition that decides between the models, and whether it is for random effects.
#[pyfunction]
pub(crate) fn model_rule(q: f64, df: f64) -> (&'static str, bool) {
    let reason = rule::decide(CochranQ { q, df });
    (reason.name(), reason.is_random())
}

/// Test between subgroups: (q, df, p, i2).
#[pyfunction]
pub(crate) fn subgroup_difference(
    estimates: Column<'_>,
    standard_errors: Column<'_>,
) -> PyResult<(f64, i64, f64, f64)> {
    let columns = [estimates, standard_errors];
    let slices = input::slices(&columns)?;
    if slices[0].len() != slices[1].len() {
        return Err(CoreError::Text("estimates and standard errors differ in number".into()).into());
    }
    let q = subgroup::difference(slices[0], slices[1]);
    Ok((q.q, q.df as i64, q.p_value(), q.i2()))
}
