"""Meta-analysis: the numbers of RevMan and metafor, for one analysis or ten million."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from metapool import simulate
from metapool._analysis import Analysis
from metapool._bootstrap_result import Bootstrap
from metapool._bridge import __version__ as __version__
from metapool._comparison import Comparison, compare
from metapool._conventions import META, METAFOR, REVMAN5, REVMAN_WEB, Conventions
from metapool._difference import Difference, explain_difference
from metapool._effect_sizes import effect_sizes
from metapool._effects import Effects
from metapool._errors import InputError
from metapool._fail_safe_n import FailSafeN, fail_safe_n
from metapool._gosh import Gosh, gosh
from metapool._heterogeneity_interval import HeterogeneityInterval
from metapool._influence_result import Influence
from metapool._meta_analysis import meta_analysis
from metapool._meta_analysis_result import MetaAnalysis, SubgroupTest
from metapool._notes import Note
from metapool._permutation import PermutationTest, permutation_test
from metapool._pet_peese import PetPeese, pet_peese
from metapool._pooling import pool
from metapool._reported import ReportedCheck, check_reported
from metapool._resampling import bootstrap
from metapool._results import EffectSizes, Pooled
from metapool._sensitivity import cumulative, influence, leave_one_out
from metapool._sensitivity_of import Sensitivity, sensitivity
from metapool._sensitivity_result import Cumulative, LeaveOneOut
from metapool._simulation import Simulation
from metapool._simulation_result import SimulationResult
from metapool._small_study import small_study_test
from metapool._small_study_result import SmallStudyTest
from metapool._table_tests import TableTests, table_tests
from metapool._test import Test
from metapool._trim_and_fill import TrimAndFill, trim_and_fill
from metapool._two_by_two import TwoByTwo
from metapool._two_means import TwoMeans
from metapool._types import NoteCode, Status

if TYPE_CHECKING:
    from metapool import examples, io, plots, report

__all__ = [
    "META",
    "METAFOR",
    "REVMAN5",
    "REVMAN_WEB",
    "Analysis",
    "Bootstrap",
    "Comparison",
    "Conventions",
    "Cumulative",
    "Difference",
    "EffectSizes",
    "Effects",
    "FailSafeN",
    "Gosh",
    "HeterogeneityInterval",
    "Influence",
    "InputError",
    "LeaveOneOut",
    "MetaAnalysis",
    "Note",
    "NoteCode",
    "PermutationTest",
    "PetPeese",
    "Pooled",
    "ReportedCheck",
    "Sensitivity",
    "Simulation",
    "SimulationResult",
    "SmallStudyTest",
    "Status",
    "SubgroupTest",
    "TableTests",
    "Test",
    "TrimAndFill",
    "TwoByTwo",
    "TwoMeans",
    "bootstrap",
    "check_reported",
    "compare",
    "cumulative",
    "effect_sizes",
    "examples",
    "explain_difference",
    "fail_safe_n",
    "gosh",
    "influence",
    "io",
    "leave_one_out",
    "meta_analysis",
    "permutation_test",
    "pet_peese",
    "plots",
    "pool",
    "report",
    "sensitivity",
    "simulate",
    "small_study_test",
    "table_tests",
    "trim_and_fill",
]

_EXTRAS = {"examples": "", "io": "frames", "plots": "plots", "report": ""}


def __getattr__(name: str) -> Any:
    if name not in _EXTRAS:
        raise AttributeError(f"module 'metapool' has no attribute {name!r}")
    try:
        return import_module(f"metapool.{name}")
    except ModuleNotFoundError as error:
        raise ImportError(f'{error}; pip install "metapool[{_EXTRAS[name]}]"') from None


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
