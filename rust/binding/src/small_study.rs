//! Tests for small-study effects and the points of radial plots.

use metapool_core::conventions::REVMAN5;
use metapool_core::engine;
use metapool_core::heterogeneity::line::ResidualTau2;
use metapool_core::measure::{Data, Measure};
use metapool_core::small_study::harbord::Score;
use metapool_core::small_study::line_tests::{LinePlan, LineTest};
use metapool_core::small_study::rank_correlation::{RankP, RankPlan};
use metapool_core::small_study::regression::LinesView;
use metapool_core::small_study::{RADIAL_BAND, RadialPoints, Test};
use metapool_core::special::{student_t, t_critical};
use numpy::{IntoPyArray, PyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::error::{CoreError, CoreResult};
use crate::input::{self, Column, Offsets};
use crate::output::{Rows, checked, rows};
use crate::plan::Conventions;
use crate::threads::finish;

type Floats<'py> = Bound<'py, PyArray1<f64>>;
/// (x, y, included, slope, half-width of the band).
type Points<'py> = (Floats<'py>, Floats<'py>, Bound<'py, PyArray1<bool>>, f64, f64);

/// A test for small-study effects.
#[pyclass(frozen, module = "metapool._core")]
pub(crate) struct SmallStudyTest(pub(crate) Test);

#[pymethods]
impl SmallStudyTest {
    /// `name` is the score for "harbord", the measure for "egger".
    #[new]
    fn new(method: &str, name: &str, conventions: &Conventions) -> CoreResult<Self> {
        Ok(Self(match method {
            "harbord" => Test::Harbord(Score::from_name(name)?),
            "egger" => Test::Egger(Measure::from_name(name)?, conventions.0),
            _ => return Err(CoreError::Text(format!("no small-study test '{method}'"))),
        }))
    }
}

/// Tests every meta-analysis: writes the rows bias, se, statistic, p_value, slope, slope_se, dispersion to `floats`,
/// df, k, status to `ints`.
#[pyfunction]
pub(crate) fn small_study<'py>(
    py: Python<'py>,
    test: &SmallStudyTest,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<()> {
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    let n = studies.n_analyses();
    let out = lines(&mut floats, &mut ints, n)?;
    finish(py, checked(engine::small_study(&test.0, &studies, out))?, threads)
}

/// As [`small_study`], of lines of the effects on the covariate of a test; tau2 and "normal" are Thompson and Sharp's.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn line_tests<'py>(
    py: Python<'py>,
    method: &str,
    tau2: &str,
    normal: bool,
    measure: &str,
    conventions: &Conventions,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<()> {
    let plan = LinePlan {
        test: LineTest::from_name(method).map_err(CoreError::from)?,
        measure: Measure::from_name(measure).map_err(CoreError::from)?,
        conventions: conventions.0,
        tau2: ResidualTau2::from_name(tau2).map_err(CoreError::from)?,
        normal,
    };
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    let out = lines(&mut floats, &mut ints, studies.n_analyses())?;
    finish(py, checked(engine::line_tests(&plan, &studies, out))?, threads)
}

/// As [`small_study`], by rank correlation.
#[pyfunction]
#[allow(clippy::too_many_arguments)] // a request, data and room
pub(crate) fn rank_tests<'py>(
    py: Python<'py>,
    p: &str,
    measure: &str,
    conventions: &Conventions,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
    threads: usize,
    mut floats: Rows<'py, f64>,
    mut ints: Rows<'py, i64>,
) -> PyResult<()> {
    let plan = RankPlan {
        measure: Measure::from_name(measure).map_err(CoreError::from)?,
        conventions: conventions.0,
        p: RankP::from_name(p).map_err(CoreError::from)?,
    };
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    let out = lines(&mut floats, &mut ints, studies.n_analyses())?;
    finish(py, checked(engine::rank_tests(&plan, &studies, out))?, threads)
}

fn lines<'a>(
    floats: &'a mut Rows<'_, f64>,
    ints: &'a mut Rows<'_, i64>,
    n: usize,
) -> PyResult<LinesView<'a>> {
    let [bias, se, statistic, p_value, slope, slope_se, dispersion] = rows(floats, n)?;
    let [df, k, status] = rows(ints, n)?;
    Ok(LinesView { bias, se, statistic, p_value, slope, slope_se, dispersion, df, k, status })
}

/// t of estimates with `df` degrees of freedom, its two-sided P, and confidence limits.
#[pyfunction]
pub(crate) fn t_tests<'py>(
    py: Python<'py>,
    estimate: Column<'py>,
    se: Column<'py>,
    df: Column<'py>,
    level: f64,
) -> PyResult<(Floats<'py>, Floats<'py>, Floats<'py>, Floats<'py>)> {
    let columns = [estimate, se, df];
    let slices = input::slices(&columns)?;
    if slices.iter().any(|column| column.len() != slices[0].len()) {
        return Err(PyValueError::new_err("columns differ in length"));
    }
    let n = slices[0].len();
    let mut found = [vec![f64::NAN; n], vec![f64::NAN; n], vec![f64::NAN; n], vec![f64::NAN; n]];
    for i in 0..n {
        let (estimate, se, df) = (slices[0][i], slices[1][i], slices[2][i]);
        if se > 0.0 && df > 0.0 {
            let half = t_critical(1.0 - level, df) * se;
            found[0][i] = estimate / se;
            found[1][i] = student_t::two_sided(estimate / se, df);
            (found[2][i], found[3][i]) = (estimate - half, estimate + half);
        }
    }
    let [t, p_value, low, high] = found.map(|column| column.into_pyarray(py));
    Ok((t, p_value, low, high))
}

/// The points that the test puts a line through, of one meta-analysis.
#[pyfunction]
pub(crate) fn small_study_points<'py>(
    py: Python<'py>,
    test: &SmallStudyTest,
    columns: Vec<Column<'py>>,
    offsets: Offsets<'py>,
) -> PyResult<Points<'py>> {
    let data = input::data(columns.len());
    let columns = input::slices(&columns)?;
    let studies = input::studies(data, &columns, input::offsets(&offsets)?)?;
    if studies.n_analyses() != 1 {
        return Err(PyValueError::new_err("one meta-analysis only"));
    }
    let points = checked(engine::small_study_points(&test.0, &studies))?;
    Ok(into_python(py, points))
}

/// The points of the radial plot of study effects.
#[pyfunction]
pub(crate) fn radial_points<'py>(
    py: Python<'py>,
    y: Column<'py>,
    v: Column<'py>,
) -> PyResult<Points<'py>> {
    let columns = [y, v];
    let slices = input::slices(&columns)?;
    let offsets = [0, slices[0].len() as i64];
    let studies = input::studies(Data::Effects, &slices, &offsets)?;
    let test = Test::Egger(Measure::Gen, REVMAN5); // given effects know no conventions
    let points = checked(engine::small_study_points(&test, &studies))?;
    Ok(into_python(py, points))
}

fn into_python(py: Python<'_>, points: RadialPoints) -> Points<'_> {
    let slope = points.slope();
    (
        points.x.into_pyarray(py),
        points.y.into_pyarray(py),
        points.included.into_pyarray(py),
        slope,
        RADIAL_BAND,
    )
}
