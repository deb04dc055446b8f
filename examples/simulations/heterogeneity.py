"""Estimators of tau² and intervals by them, in the spirit of Langan et al. (2019).

``python examples/simulations/heterogeneity.py DIR`` runs heterogeneity_smd.toml and
heterogeneity_or.toml, prints the tables of heterogeneity.md and writes tables and figures to DIR.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pages

HERE = Path(__file__).parent
#: What figures and tables call the analyses, by what they are judged by.
LINES = {
    "tau2_bias": {name: name for name in ("DL", "DL, two steps", "HE", "PM", "REML", "SJ")},
    "coverage": {
        "DL": "DL, Wald",
        "DL, Hartung-Knapp": "DL, Hartung-Knapp",
        "REML": "REML, Wald",
        "REML, Hartung-Knapp": "REML, Hartung-Knapp",
    },
}
AXES = {"tau2_bias": "mean estimate of tau² - tau²", "coverage": "share of intervals with mu"}
NOMINAL = {"tau2_bias": 0.0, "coverage": 0.95}
SIZES = ("20 per arm", "20 to 200 per arm", "200 per arm", "20 per arm, 1 in 5: 1,000")
RISKS = {0.3: "risk 0.3", 0.05: "risk 0.05", 0.01: "risk 0.01"}
#: What the tables show, each beside the other.
TAU = (0.1, 0.4)


def by_trials(rows: Sequence[pages.Row]) -> dict[tuple[float, str], list[pages.Row]]:
    """Rows by number and kind of trials."""
    k, trials = pages.values(rows, "k"), pages.values(rows, "trials")
    return {(n, kind): pages.select(rows, k=n, trials=kind) for n in k for kind in trials}


def table(groups: Mapping[tuple[float, str], Sequence[pages.Row]], measure: str) -> str:
    """A measure by analysis, for a small and a large tau."""
    body = []
    for (k, trials), rows in groups.items():
        cells = pages.select(rows, measure=measure)
        found = (
            [row["value"] for tau in TAU for row in pages.select(cells, tau=tau, analysis=name)]
            for name in LINES[measure]
        )
        body.append(
            [
                f"{k:g}",
                trials,
                *(" / ".join(f"{round(x, 3) + 0:.3f}" for x in pair) for pair in found),
            ]
        )
    return pages.markdown(["k", "trials", *LINES[measure].values()], body)


def figure(
    path: Path,
    groups: Mapping[tuple[float, str], Sequence[pages.Row]],
    measure: str,
    title: str,
) -> None:
    """A measure by tau, a panel for each number and kind of trials."""
    panels = {}
    for (k, trials), rows in groups.items():
        cells = pages.select(rows, measure=measure)
        panels[f"{k:g} trials\n{trials}"] = {
            shown: pages.select(cells, analysis=name) for name, shown in LINES[measure].items()
        }
    first = next(iter(groups.values()))
    pages.draw(
        path,
        title,
        panels,
        columns=len({trials for _, trials in groups}),
        x="tau",
        y=AXES[measure],
        ticks=[[f"{tau:g}" for tau in pages.values(first, "tau")]],
        nominal=NOMINAL[measure],
    )


def main(out: Path) -> None:
    means = pages.simulate(HERE / "heterogeneity_smd.toml", out / "smd")
    for row in means:  # the column n is of replicates, so people are known by the place in the grid
        row["trials"] = SIZES[row["scenario"] // len(pages.values(means, "tau")) % len(SIZES)]
    events = pages.simulate(HERE / "heterogeneity_or.toml", out / "or")
    for row in events:
        row["trials"] = RISKS[row["risk_c"]]
    for what, rows in (("smd", means), ("or", events)):
        effect = {"smd": "standardised mean differences", "or": "odds ratios"}[what]
        groups = by_trials(rows)
        for measure, title in (
            ("tau2_bias", f"Bias of estimators of tau², {effect}"),
            ("coverage", f"Coverage of 95 % intervals, {effect}"),
        ):
            print(f"\n{title}; Monte Carlo standard errors at most ", end="")
            print(f"{max(row['mcse'] for row in pages.select(rows, measure=measure)):.4f}\n")
            print(table(groups, measure))
            figure(out / f"heterogeneity_{what}_{measure}.png", groups, measure, title)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "heterogeneity"))
