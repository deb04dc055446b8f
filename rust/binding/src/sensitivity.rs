//! Sensitivity analyses.

use metapool_core::analysis::FitsView;
use metapool_core::engine::{self, SubsetFitsView};
use metapool_core::rng::philox::{Purpose, Streams};
use metapool_core::sensitivity::influence::InfluencesView;
use metapool_core::sensitivity::parts::Part;
use metapool_core::sensitivity::subsets::{Subsets, words};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::error::CoreError;
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::Plan;
use crate::threads::{finish, finish_watched};

type Flags<'py> = Bound<'py, PyArray1<bool>>;

/// Fits without each study, or up to each: writes the rows estimate, se, tau2 to `floats`, an element for each study; if
/// there are `ints`, also the rows ci_low, ci_high, statistic, p_value, q, q_p, i2, and q_df, k, status.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn fit_parts<'py>(
    py: Python<'py>,
    part: &str,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Option<Rows<'py, i64>>,
) -> PyResult<()> {
    let columns = input::slices(&columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(&offsets)?)?;
    let part = Part::from_name(part).map_err(CoreError::from)?;
    let n = studies.columns().len();
    let mut random = vec![false; n];
    let out = match &mut ints {
        None => {
            let [estimate, se, tau2] = rows(&mut floats, n)?;
            FitsView { estimate, se, tau2, ..FitsView::default() }
        }
        Some(ints) => {
            let [estimate, se, tau2, ci_low, ci_high, statistic, p_value, q, q_p, i2] =
                rows(&mut floats, n)?;
            let [q_df, k, status] = rows(ints, n)?;
            FitsView {
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
            }
        }
    };
    finish(py, checked(engine::fit_parts(part, &plan.0, &studies, out))?, threads)
}

/// Influence of every study: writes the rows rstudent, dffits, cook_d, cov_ratio, tau2_deleted, q_deleted, hat, weight,
/// dfbetas, baujat_x, baujat_y to `floats`, status to `ints`; returns which are influential.
#[pyfunction]
pub(crate) fn influence<'py>(
    py: Python<'py>,
    plan: &Plan,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<Flags<'py>> {
    let columns = input::slices(&columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(&offsets)?)?;
    let n = studies.columns().len();
    let mut influential = vec![false; n];
    let [
        rstudent,
        dffits,
        cook_d,
        cov_ratio,
        tau2_deleted,
        q_deleted,
        hat,
        weight,
        dfbetas,
        baujat_x,
        baujat_y,
    ] = rows(&mut floats, n)?;
    let [status] = rows(&mut ints, n)?;
    let out = InfluencesView {
        rstudent,
        dffits,
        cook_d,
        cov_ratio,
        tau2_deleted,
        q_deleted,
        hat,
        weight,
        dfbetas,
        baujat_x,
        baujat_y,
        influential: &mut influential,
        status,
    };
    let work = checked(engine::influence(&plan.0, &studies, out))?;
    finish(py, work, threads)?;
    Ok(influential.into_pyarray(py))
}

/// Fits subsets of the studies of one meta-analysis, all of them without a seed: writes the rows estimate, q, i2, tau2
/// to `floats`, k, status to `ints`, an element for each subset; returns the bits of their studies, 64 to a word.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn fit_subsets<'py>(
    py: Python<'py>,
    plan: &Plan,
    seed: Option<u64>,
    n: usize,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
    progress: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArray1<u64>>> {
    let columns = input::slices(&columns)?;
    let studies = input::studies(plan.0.data(), &columns, input::offsets(&offsets)?)?;
    let k = studies.columns().len();
    if studies.n_analyses() != 1 || seed.is_none() && (k >= 64 || n as u64 >= 1 << k) {
        return Err(CoreError::Text("no such subsets of one meta-analysis".into()).into());
    }
    let subsets = match seed {
        None => Subsets::All,
        Some(seed) => Subsets::Drawn(Streams::new(seed, Purpose::Subsets)),
    };
    let mut bits = vec![0; n * words(k)];
    let [estimate, q, i2, tau2] = rows(&mut floats, n)?;
    let [k, status] = rows(&mut ints, n)?;
    let out = SubsetFitsView { estimate, q, i2, tau2, k, status };
    let work = checked(engine::fit_subsets(subsets, &plan.0, &studies, &mut bits, out))?;
    finish_watched(py, work, threads, |work| match &progress {
        Some(show) => show.call1((work.share_done(n),)).map(|_| ()),
        None => Ok(()),
    })?;
    Ok(bits.into_pyarray(py))
}
