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
from metapool._heterogeneity_interval import HeterogeneityInterval
from metapool._meta_analysis import meta_analysis
from metapool._meta_analysis_result import MetaAnalysis, SubgroupTest
from metapool._notes import Note
from metapool._permutation import PermutationTest, permutation_test
from metapool._pooling import pool
from metapool._reported import ReportedCheck, check_reported
from metapool._resampling import bootstrap
from metapool._results import EffectSizes, Pooled
from metapool._simulation import Simulation
from metapool._simulation_result import SimulationResult
from metapool._small_study import small_study_test
from metapool._small_study_result import SmallStudyTest
from metapool._table_tests import TableTests, table_tests
from metapool._test import Test
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
    "Difference",
    "EffectSizes",
    "Effects",
    "HeterogeneityInterval",
    "InputError",
    "MetaAnalysis",
    "Note",
    "NoteCode",
    "PermutationTest",
    "Pooled",
    "ReportedCheck",
    "Simulation",
    "SimulationResult",
    "SmallStudyTest",
    "Status",
    "SubgroupTest",
    "TableTests",
    "Test",
    "TwoByTwo",
    "TwoMeans",
    "bootstrap",
    "check_reported",
    "compare",
    "effect_sizes",
    "examples",
    "explain_difference",
    "io",
    "meta_analysis",
    "permutation_test",
    "plots",
    "pool",
    "report",
    "simulate",
    "small_study_test",
    "table_tests",
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
