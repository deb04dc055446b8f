"""The names of choices are the same in the core, the façade, the oracle and the docs."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import metapool as mp
from metapool import _core, _types
from metapool._types import Status, choices

REPOSITORY = Path(__file__).resolve().parents[2]
CORE = dict(_core.choices())
LITERALS = {
    "measure": _types.Measure,
    "common": _types.CommonMethod,
    "random": _types.RandomMethod,
    "model": _types.ModelRule,
    "interval": _types.Interval,
    "prediction": _types.Prediction,
    "heterogeneity_interval": _types.HeterogeneityMethod,
    "statistic": _types.PooledStatistic,
    "bootstrap_interval": _types.BootstrapInterval,
    "degenerate": _types.Degenerate,
    "scheme": _types.Scheme,
    "alternative": _types.Alternative,
    "score": _types.Score,
    "line_test": _types.LineTest,
    "rank_p": _types.RankP,
    "residual_tau2": _types.ResidualTau2,
    "estimator": _types.TrimEstimator,
    "side": _types.Side,
    "part": _types.Part,
    "study_cc_when": _types.CorrectWhen,
    "study_cc_kind": _types.CorrectKind,
    "rd_cc": _types.RdCorrection,
    "rr_cc": _types.RrCorrection,
    "peto_cc": _types.PetoCorrection,
    "double_zero": _types.DoubleZero,
    "all_events": _types.AllEvents,
    "mh_rd_variance": _types.MhRdVariance,
    "dl_q_centre": _types.QCentre,
    "i2": _types.I2Definition,
    "smd_bias": _types.SmdBias,
    "smd_variance": _types.SmdVariance,
    "zero_sd": _types.ZeroSd,
}


@pytest.mark.parametrize("choice", LITERALS)
def test_core_and_facade_agree(choice: str) -> None:
    assert set(CORE[choice]) == set(choices(LITERALS[choice]))


def test_status_codes_agree() -> None:
    assert CORE["status"] == [status.name for status in sorted(Status)]


def test_note_codes_agree() -> None:
    codes = {code.name: code.value for code in _types.NoteCode}
    assert list(codes.values()) == [1 << i for i in range(len(codes))]
    beyond = ["SAME_LABEL", "BOOTSTRAP_FEW_STUDIES", "FEW_RESAMPLES", "DEGENERATE_RESAMPLES"]
    beyond += ["P_MIN_ABOVE_5_PERCENT", "BOOTSTRAP_HETEROGENEITY", "BOOTSTRAP_OF_NO_BIAS"]
    beyond += ["SMALL_STUDY_FEW_STUDIES", "FAIL_SAFE_N_OBSOLETE"]
    assert list(codes) == [*CORE["note"], *beyond]  # what the core does not see comes last


def test_small_study_method_is_every_test() -> None:
    tests = (*choices(_types.RadialTest), "begg", *choices(_types.LineTest))
    assert choices(_types.SmallStudyMethod) == tests


def test_method_is_every_method() -> None:
    methods = (*choices(_types.CommonMethod), *choices(_types.RandomMethod), "auto")
    assert choices(_types.Method) == methods


def table_of(page: str, heading: str) -> set[str]:
    """The names in the first column of the table under a heading of a docs page."""
    text = (REPOSITORY / "docs" / page).read_text()
    section = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)`", section, flags=re.MULTILINE))


def test_docs_have_every_measure_and_method() -> None:
    assert table_of("methods.md", "Measures") == set(choices(_types.Measure))
    assert table_of("methods.md", "Pooling methods") == set(choices(_types.Method))
    assert table_of("methods.md", "Small-study tests") == set(choices(_types.SmallStudyMethod))
    assert table_of("methods.md", "Confidence intervals") == set(choices(_types.Interval))
    assert table_of("methods.md", "Prediction intervals") == set(choices(_types.Prediction))
    heterogeneity = table_of("methods.md", "Intervals of the heterogeneity")
    assert heterogeneity == set(choices(_types.HeterogeneityMethod))
    assert table_of("status.md", "Notes") == {code.name for code in _types.NoteCode}


def test_docs_have_every_status_and_convention() -> None:
    assert table_of("status.md", "Codes") == {status.name for status in Status}
    fields = set(inspect.signature(mp.Conventions).parameters)
    assert table_of("conventions.md", "Fields") == fields


def test_all_is_importable() -> None:
    assert all(hasattr(mp, name) for name in mp.__all__)


def test_import_needs_numpy_alone() -> None:
    code = (
        "import sys, metapool; "
        "heavy = {'matplotlib', 'pandas', 'polars', 'pyarrow', 'scipy', 'narwhals', 'typer'}; "
        "sys.exit(len(heavy & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
