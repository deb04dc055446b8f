//! Simulation studies.

use std::collections::HashMap;

use metapool_core::engine::{self, Analyses};
use metapool_core::rng::philox::{Purpose, Streams};
use metapool_core::simulate::distribution::Distribution;
use metapool_core::simulate::model::{Effects, Model, Scale, Shape};
use metapool_core::simulate::performance::{Measure, NUMBERS, Tally, Truth};
use metapool_core::simulate::select::Selection;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};
use crate::output::checked;
use crate::plan::Plan;
use crate::small_study::SmallStudyTest;

/// Name and numbers of a distribution.
type Named = (String, Vec<f64>);
/// Cutoffs, weights, whether P is of a greater effect; people below which a study is small, and its weight.
type Steps = (Vec<f64>, Vec<f64>, bool, Option<(f64, f64)>);

/// A cell of a simulation study.
#[pyclass(frozen, module = "metapool._core")]
pub(crate) struct Scenario(metapool_core::simulate::Scenario);

#[pymethods]
impl Scenario {
    /// `parameters` has the distributions of the model and of k; `model` is the kind of data, with the scale of its
    /// effects.
    #[new]
    #[pyo3(signature = (*, number, model, on, effect, tau, shape, parameters, selection))]
    #[allow(clippy::too_many_arguments)] // by keyword only
    fn new(
        number: u64,
        model: &str,
        on: &str,
        effect: f64,
        tau: f64,
        shape: Named,
        parameters: HashMap<String, Named>,
        selection: Option<Steps>,
    ) -> CoreResult<Self> {
        let get = |name: &str| {
            let found = parameters.get(name).ok_or_else(|| unknown(name))?;
            distribution(found)
        };
        let n_c = parameters.get("n_c").map(distribution).transpose()?;
        let model = match model {
            "two-by-two" => {
                let (risk_c, n_e, on) = (get("risk_c")?, get("n_e")?, Scale::from_name(on)?);
                Model::TwoByTwo { risk_c, on, n_e, n_c }
            }
            "two-means" => {
                let (mean_c, sd, n_e) = (get("mean_c")?, get("sd")?, get("n_e")?);
                Model::TwoMeans { mean_c, sd, n_e, n_c, standardised: on == "sd" }
            }
            "normal" => Model::Normal { v: get("v")? },
            _ => return Err(unknown(model)),
        };
        let effects = Effects { mean: effect, tau, shape: effects_shape(&shape)? };
        let selection = selection.map(|(cutoffs, weights, greater, small)| Selection {
            cutoffs,
            weights,
            greater,
            small,
        });
        let k = get("k")?;
        Ok(Self(metapool_core::simulate::Scenario { number, model, effects, k, selection }))
    }
}

fn unknown(name: &str) -> CoreError {
    CoreError::Text(format!("no '{name}' in a scenario"))
}

fn distribution((name, numbers): &Named) -> CoreResult<Distribution> {
    Ok(match (name.as_str(), numbers.as_slice()) {
        ("fixed", &[value]) => Distribution::Fixed(value),
        ("uniform", &[low, high]) => Distribution::Uniform { low, high },
        ("integers", &[low, high]) => Distribution::Integers { low, high },
        ("lognormal", &[mean, sd]) => Distribution::LogNormal { mean, sd },
        ("beta", &[a, b]) => Distribution::Beta { a, b },
        ("chi-square", &[df, scale, low, high]) => Distribution::ChiSquare { df, scale, low, high },
        ("choice", values) if !values.is_empty() => Distribution::Choice(values.to_vec()),
        ("per-study", values) if !values.is_empty() => Distribution::PerStudy(values.to_vec()),
        _ => return Err(unknown(name)),
    })
}

fn effects_shape((name, numbers): &Named) -> CoreResult<Shape> {
    Ok(match (name.as_str(), numbers.as_slice()) {
        ("normal", []) => Shape::Normal,
        ("t", &[df]) => Shape::StudentT(df),
        ("skew-normal", &[shape]) => Shape::SkewNormal(shape),
        _ => return Err(unknown(name)),
    })
}

/// An analysis, with the effect and tau² that it should find.
type Judged<'py> = (PyRef<'py, Plan>, f64, f64);

/// Sums over replicates `first..first + n`, a row for every analysis and then for every test.
#[pyfunction]
pub(crate) fn simulate_block<'py>(
    py: Python<'py>,
    scenario: &Scenario,
    analyses: Vec<Judged<'py>>,
    tests: Vec<(PyRef<'py, SmallStudyTest>, f64)>,
    seed: u64,
    first: u64,
    n: u64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let pooled: Vec<_> =
        analyses.iter().map(|(plan, effect, tau2)| (plan.0, truth(*effect, *tau2))).collect();
    let tests: Vec<_> = tests.iter().map(|(test, alpha)| (test.0, *alpha)).collect();
    let streams = Streams::new(seed, Purpose::Simulation);
    let found = py.detach(|| {
        let analyses = Analyses { pooled: &pooled, tests: &tests };
        engine::simulate(&scenario.0, &analyses, streams, first, n)
    });
    let rows: Vec<f64> = checked(found)?.iter().flat_map(Tally::numbers).collect();
    Ok(rows.into_pyarray(py))
}

fn truth(effect: f64, tau2: f64) -> Truth {
    Truth { effect, tau2 }
}

/// Columns and offsets of replicates `first..first + n`.
#[pyfunction]
pub(crate) fn generate_block<'py>(
    py: Python<'py>,
    scenario: &Scenario,
    seed: u64,
    first: u64,
    n: usize,
) -> (Vec<Bound<'py, PyArray1<f64>>>, Bound<'py, PyArray1<i64>>) {
    let streams = Streams::new(seed, Purpose::Simulation);
    let mut generated = metapool_core::simulate::Generated::default();
    py.detach(|| generated.generate(&scenario.0, streams, first, n));
    let (columns, offsets) = generated.into_parts();
    let columns = columns.into_iter().map(|column| column.into_pyarray(py)).collect();
    (columns, offsets.into_pyarray(py))
}

/// Sums of two blocks of replicates together.
#[pyfunction]
pub(crate) fn merge_tallies<'py>(
    py: Python<'py>,
    first: PyReadonlyArray1<'py, f64>,
    second: PyReadonlyArray1<'py, f64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (first, second) = (tallies(&first)?, tallies(&second)?);
    let merged = first.iter().zip(&second).flat_map(|(a, b)| a.and(*b).numbers());
    Ok(merged.collect::<Vec<_>>().into_pyarray(py))
}

/// Measures of performance from a row of sums: name, value, Monte Carlo standard error, replicates; `truth_of` is
/// None for a test; the first of its kind has no differences. `about_mean` is a row of sums with the mean estimate for the truth.
#[pyfunction]
#[pyo3(signature = (row, truth_of, is_first, about_mean=None))]
pub(crate) fn performance_measures(
    row: PyReadonlyArray1<'_, f64>,
    truth_of: Option<(f64, f64)>,
    is_first: bool,
    about_mean: Option<PyReadonlyArray1<'_, f64>>,
) -> PyResult<Vec<(&'static str, f64, f64, f64)>> {
    let tally = one_tally(&row)?;
    let about_mean = about_mean.as_ref().map(one_tally).transpose()?;
    let measures: Vec<Measure> = match truth_of {
        Some((effect, tau2)) => tally.measures(truth(effect, tau2), about_mean.as_ref(), is_first),
        None => tally.measures_of_test(is_first),
    };
    Ok(measures.iter().map(|m| (m.name, m.value, m.mcse, m.n)).collect())
}

/// The mean estimate of a row of sums.
#[pyfunction]
pub(crate) fn mean_estimate(row: PyReadonlyArray1<'_, f64>, effect: f64) -> PyResult<f64> {
    Ok(one_tally(&row)?.mean_estimate(truth(effect, f64::NAN)))
}

fn one_tally(row: &PyReadonlyArray1<'_, f64>) -> PyResult<Tally> {
    match tallies(row)?.as_slice() {
        [tally] => Ok(*tally),
        _ => Err(PyValueError::new_err("one row")),
    }
}

fn tallies(rows: &PyReadonlyArray1<'_, f64>) -> PyResult<Vec<Tally>> {
    let (rows, rest) = rows.as_slice()?.as_chunks::<NUMBERS>();
    if !rest.is_empty() {
        return Err(PyValueError::new_err("rows of sums have another length"));
    }
    Ok(rows.iter().map(Tally::from_numbers).collect())
}
