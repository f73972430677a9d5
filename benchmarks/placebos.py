"""Write docs/placebos: what gaps look like where nothing happened, as tables and pictures.

python benchmarks/placebos.py
"""

from __future__ import annotations

from pathlib import Path

from coopstats.compare import placebos

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "placebos"


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
    main()
