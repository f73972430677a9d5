"""Write docs/placebos: what gaps look like where nothing happened, as tables and pictures.

python benchmarks/placebos.py [--simulated]

With --simulated it writes nothing and prints the share of independent random walks that a
synthetic control fits exactly.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from coopstats.comparisons import placebos, simplex
from coopstats.comparisons.fits import EXACT

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "placebos"


def simulated(donors: int, years: int, worlds: int) -> float:
    """The share of random walks that a mixture of the others fits exactly."""
    rng, shares = np.random.default_rng(1), []
    everyone = np.ones((donors + 1, donors + 1), dtype=bool)
    for _ in range(worlds):
        steps = rng.normal(size=(donors + 1, years)).cumsum(axis=1)
        lines = rng.normal(size=(donors + 1, 1)) + steps
        gaps = lines - simplex.weights_of_all(lines, range(donors + 1), everyone) @ lines
        shares.append((np.sqrt(np.square(gaps).mean(axis=1)) <= EXACT * lines.std()).mean())
    return float(np.mean(shares))


def main() -> None:
    """Write the tables and the pictures."""
    FOLDER.mkdir(exist_ok=True)
    gaps, shares = placebos.published()
    for name, rows in (("gaps", placebos.summary(gaps)), ("exact", shares)):
        rows.to_csv(FOLDER / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")
        print(rows.to_string())
    for line in gaps["line"].unique():
        chart = placebos.chart(gaps, line)
        for ending in ("svg", "csv"):
            written = chart.svg() if ending == "svg" else chart.frame.to_csv(index=False)
            (FOLDER / f"{chart.slug}.{ending}").write_text(written, encoding="utf-8")


if __name__ == "__main__":
    if "--simulated" in sys.argv:
        for donors, worlds in ((36, 30), (330, 3)):
            for years in placebos.YEARS_BEFORE:
                print(donors, years, f"{simulated(donors, years, worlds):.0%}")
    else:
        main()
