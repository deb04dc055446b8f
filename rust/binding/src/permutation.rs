//! Permutation tests.

use metapool_core::engine::{self, Alternative, Arrangements, PermutationTestsView};
use metapool_core::resample::permutation::Permutation;
use metapool_core::rng::philox::{Purpose, Streams};
use metapool_core::studies::Studies;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::Plan;
use crate::small_study::SmallStudyTest;
use crate::threads::finish;

/// Which arrangements a permutation test looks at.
#[pyclass(frozen, module = "metapool._core")]
pub(crate) struct PermutationPlan(Arrangements);

#[pymethods]
impl PermutationPlan {
    #[new]
    #[pyo3(signature = (*, seed, most, alternative))]
    fn new(seed: u64, most: u64, alternative: &str) -> CoreResult<Self> {
        let alternative = Alternative::from_name(alternative)?;
        let streams = Streams::new(seed, Purpose::Permutation);
        Ok(Self(Arrangements { streams, most, alternative }))
    }
}

/// Permutation tests of every meta-analysis: of the signs of a plan's effects, of the labels of its studies if
/// they are given, or of the residuals of a small-study test. Writes the rows statistic, p_value, p_min, mcse to
/// `floats`, n_permutations to `ints`; returns which are exact.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn permutation<'py>(
    py: Python<'py>,
    arrangements: &PermutationPlan,
    plan: Option<PyRef<'py, Plan>>,
    labels: Option<PyReadonlyArray1<'py, i64>>,
    test: Option<PyRef<'py, SmallStudyTest>>,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<bool>>> {
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    let labels = labels.map(|labels| labels_of(&labels, &studies)).transpose()?;
    let what = match (&plan, &labels, &test) {
        (Some(plan), None, None) => Permutation::Signs(&plan.0),
        (Some(plan), Some(labels), None) => {
            let groups = labels.iter().max().map_or(0, |label| label + 1);
            Permutation::Labels(&plan.0, labels, groups)
        }
        (None, None, Some(test)) => Permutation::Residuals(&test.0),
        _ => return Err(PyValueError::new_err("a plan, a plan with labels, or a test")),
    };
    let n = studies.n_analyses();
    let mut exact = vec![false; n];
    let [statistic, p_value, p_min, mcse] = rows(&mut floats, n)?;
    let [n_permutations] = rows(&mut ints, n)?;
    let out =
        PermutationTestsView { statistic, p_value, p_min, mcse, n_permutations, exact: &mut exact };
    finish(py, checked(engine::permutation(what, arrangements.0, &studies, out))?, threads)?;
    Ok(exact.into_pyarray(py))
}

/// A label for each study of one meta-analysis, from 0 on.
fn labels_of(labels: &PyReadonlyArray1<'_, i64>, studies: &Studies<'_>) -> CoreResult<Vec<usize>> {
    let bad = || CoreError::Text("labels must number the subgroups of one meta-analysis".into());
    let labels = labels.as_slice().map_err(|_| bad())?;
    let found: Option<Vec<_>> = labels.iter().map(|&label| usize::try_from(label).ok()).collect();
    let fits = studies.n_analyses() == 1 && labels.len() == studies.columns().len();
    let few = |found: &Vec<usize>| found.iter().all(|&label| label < labels.len());
    found.filter(|found| fits && few(found)).ok_or_else(bad)
}
