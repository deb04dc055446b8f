"""Type I error of Harbord's and Egger's tests, in the spirit of Harbord, Egger & Sterne (2006).

``python examples/simulations/harbord_egger.py DIR`` runs harbord_egger.toml, prints the table of
harbord_egger.md and writes table and figure to DIR.
"""

import sys
from itertools import product
from pathlib import Path

import pages

TESTS = ("Harbord", "Egger")
ODDS_RATIOS = ("1", "0.67", "0.5", "0.25")
EVENTS = ("many events", "few events")
SIZES = ("many sizes", "similar sizes")


def main(out: Path) -> None:
    rows = pages.simulate(Path(__file__).with_suffix(".toml"), out)
    rejected = pages.select(rows, measure="power")
    designs = list(
        product(
            zip(EVENTS, pages.values(rows, "risk_c"), strict=True),
            zip(SIZES, pages.values(rows, "n_e"), strict=True),
        )
    )
    panels, table = {}, []
    for tau in pages.values(rows, "tau"):
        for (events, risk), (sizes, n) in designs:
            cells = pages.select(rejected, tau=tau, risk_c=risk, n_e=n)
            lines = {test: pages.select(cells, analysis=test) for test in TESTS}
            panels[f"{events}, {sizes}\ntau = {tau:g}"] = lines
            shown = [f"{row['value']:.3f}" for test in TESTS for row in lines[test]]
            table.append([f"{tau:g}", events.split()[0], sizes.split()[0], *shown])
    head = ["tau", "events", "sizes", *(f"{t} {o}" for t in TESTS for o in ODDS_RATIOS)]
    print(pages.markdown(head, table))
    failed = max(row["value"] for row in pages.select(rows, measure="failed"))
    print(
        f"Monte Carlo standard errors at most {max(row['mcse'] for row in rejected):.4f}, ", end=""
    )
    print(f"without P at most {failed:.2g} of the replicates")
    pages.draw(
        out / "harbord_egger.png",
        "Type I error of two tests for small-study effects at 10 %, 20 trials without bias",
        panels,
        columns=len(designs),
        x="odds ratio",
        y="share of meta-analyses with P < 0.1",
        ticks=[ODDS_RATIOS],
        nominal=0.1,
        bottom=0.0,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "harbord_egger"))
