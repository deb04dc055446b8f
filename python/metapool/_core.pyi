from collections.abc import Callable, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "STREAM_VERSION",
    "BootstrapPlan",
    "Conventions",
    "InvalidValue",
    "PermutationPlan",
    "Plan",
    "Scenario",
    "SmallStudyTest",
    "__version__",
    "bootstrap",
    "check_reported",
    "chi_square_sf",
    "choices",
    "details",
    "effect_sizes",
    "effects",
    "exp",
    "fail_safe_n",
    "fit_parts",
    "fit_subsets",
    "generate_block",
    "heterogeneity",
    "influence",
    "line_tests",
    "ln",
    "ln_ratio",
    "mean_estimate",
    "merge_tallies",
    "model_rule",
    "natural",
    "normal_critical",
    "normal_sf",
    "performance_measures",
    "permutation",
    "pool",
    "pooled_risks",
    "radial_points",
    "rank_tests",
    "simd_path",
    "simulate_block",
    "small_study",
    "small_study_points",
    "subgroup_difference",
    "t_fits",
    "t_p_value",
    "t_tests",
    "table_tests",
    "trim_and_fill",
    "use_simd",
    "validate",
]

_F = NDArray[np.float64]
_I = NDArray[np.int64]
_Codes = NDArray[np.uint8]
_Flags = NDArray[np.bool_]
_Points = tuple[_F, _F, _Flags, float, float]

__version__: str
STREAM_VERSION: int

class InvalidValue(ValueError): ...

@final
class Conventions:
    def __new__(
        cls,
        *,
        study_cc: float,
        study_cc_when: str,
        study_cc_kind: str,
        rd_cc: str,
        rr_cc: str,
        peto_cc: str,
        double_zero: str,
        all_events: str,
        mh_cc: float,
        mh_cc_when: str,
        mh_cc_kind: str,
        mh_rd_variance: str,
        dl_q_centre: str,
        i2: str,
        smd_bias: str,
        smd_variance: str,
        zero_sd: str,
    ) -> Conventions: ...

@final
class Plan:
    def __new__(
        cls,
        *,
        measure: str,
        model: str,
        common: str,
        random: str,
        interval: str,
        prediction: str,
        level: float,
        tau2: float,
        conventions: Conventions,
    ) -> Plan: ...

@final
class Scenario:
    def __new__(
        cls,
        *,
        number: int,
        model: str,
        on: str,
        effect: float,
        tau: float,
        shape: tuple[str, list[float]],
        parameters: dict[str, tuple[str, list[float]]],
        selection: tuple[list[float], list[float], bool, tuple[float, float] | None] | None,
    ) -> Scenario: ...

def simulate_block(
    scenario: Scenario,
    analyses: Sequence[tuple[Plan, float, float]],
    tests: Sequence[tuple[SmallStudyTest, float]],
    seed: int,
    first: int,
    n: int,
) -> _F: ...
def generate_block(scenario: Scenario, seed: int, first: int, n: int) -> tuple[list[_F], _I]: ...
def merge_tallies(first: _F, second: _F) -> _F: ...
def mean_estimate(row: _F, effect: float) -> float: ...
def performance_measures(
    row: _F,
    truth_of: tuple[float, float] | None,
    is_first: bool,
    about_mean: _F | None = None,
) -> list[tuple[str, float, float, float]]: ...

@final
class SmallStudyTest:
    def __new__(cls, method: str, name: str, conventions: Conventions) -> SmallStudyTest: ...

@final
class BootstrapPlan:
    def __new__(
        cls,
        *,
        plan: Plan,
        statistics: Sequence[str],
        tests: Sequence[SmallStudyTest],
        scheme: str,
        h: float,
        seed: int,
        first_replicate: int,
        n_resamples: int,
        difference: bool,
        ci: str,
        level: float,
        degenerate: str,
    ) -> BootstrapPlan: ...

def bootstrap(
    plan: BootstrapPlan,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
    kept: _F | None,
    drawn: bool,
    progress: Callable[[float], object] | None,
) -> None: ...

@final
class PermutationPlan:
    def __new__(cls, *, seed: int, most: int, alternative: str) -> PermutationPlan: ...

def permutation(
    arrangements: PermutationPlan,
    plan: Plan | None,
    labels: _I | None,
    test: SmallStudyTest | None,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
) -> _Flags: ...
def choices() -> list[tuple[str, list[str]]]: ...
def validate(
    columns: Sequence[_F], offsets: _I, allow_missing: bool, copy: bool
) -> list[_F] | None: ...
def effects(
    y: _F, kind: str, spread: Sequence[_F], level: float, log: bool, allow_missing: bool
) -> tuple[_F, _F]: ...
def effect_sizes(
    measure: str,
    conventions: Conventions,
    level: float,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
) -> _Codes: ...
def pool(
    plan: Plan, columns: Sequence[_F], offsets: _I, threads: int, floats: _F, ints: _I
) -> _Flags: ...
def details(
    plan: Plan, columns: Sequence[_F], offsets: _I, threads: int, floats: _F, ints: _I
) -> tuple[_F, list[_F], list[_I]]: ...
def heterogeneity(
    plan: Plan,
    interval: str,
    level: float,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
) -> None: ...
def table_tests(
    conventions: Conventions,
    correct: bool,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
) -> None: ...
def model_rule(q: float, df: float) -> tuple[str, bool]: ...
def subgroup_difference(estimates: _F, standard_errors: _F) -> tuple[float, int, float, float]: ...
def small_study(
    test: SmallStudyTest, columns: Sequence[_F], offsets: _I, threads: int, floats: _F, ints: _I
) -> None: ...
def small_study_points(test: SmallStudyTest, columns: Sequence[_F], offsets: _I) -> _Points: ...
def radial_points(y: _F, v: _F) -> _Points: ...
def line_tests(
    method: str,
    tau2: str,
    normal: bool,
    measure: str,
    conventions: Conventions,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
) -> None: ...
def rank_tests(
    p: str,
    measure: str,
    conventions: Conventions,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
) -> None: ...
def t_tests(estimate: _F, se: _F, df: _F, level: float) -> tuple[_F, _F, _F, _F]: ...
def fit_parts(
    part: str,
    plan: Plan,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I | None,
) -> None: ...
def influence(
    plan: Plan, columns: Sequence[_F], offsets: _I, threads: int, floats: _F, ints: _I
) -> _Flags: ...
def fit_subsets(
    plan: Plan,
    seed: int | None,
    n: int,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
    progress: Callable[[float], object] | None,
) -> NDArray[np.uint64]: ...
def trim_and_fill(
    estimator: str,
    side: str | None,
    plan: Plan,
    measure: str,
    conventions: Conventions,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
    ints: _I,
) -> tuple[_F, _Flags]: ...
def fail_safe_n(
    alpha: float,
    target: float,
    measure: str,
    conventions: Conventions,
    columns: Sequence[_F],
    offsets: _I,
    threads: int,
    floats: _F,
) -> None: ...
def pooled_risks(measure: str, effect: float, risk: _F) -> _F: ...
def normal_critical(level: float) -> float: ...
def check_reported(
    estimate: tuple[float, float],
    low: tuple[float, float],
    high: tuple[float, float],
    p: tuple[float, float],
    level: float,
    log: bool,
) -> tuple[float, float, float, float, float, bool, bool]: ...
def natural(values: _F) -> _F: ...
def t_fits(t: tuple[float, float], p: tuple[float, float], df: float) -> bool: ...
def t_p_value(t: float, df: float) -> float: ...
def chi_square_sf(x: float, df: float) -> float: ...
def normal_sf(x: float) -> float: ...
def ln(x: float) -> float: ...
def ln_ratio(r: float, s: float, difference: float) -> float: ...
def exp(x: float) -> float: ...
def use_simd(name: str) -> None: ...
def simd_path() -> str: ...
