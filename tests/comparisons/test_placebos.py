"""The published tables of what gaps look like where nothing happened are what the figures give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import coopstats as cs
from coopstats.comparisons import placebos

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "placebos"


def test_the_published_tables_are_current(built):
    """`python benchmarks/placebos.py` writes them anew."""
    gaps, shares = placebos.published()
    for name, found in (("gaps", placebos.summary(gaps)), ("exact", shares)):
        held = pd.read_csv(FOLDER / f"{name}.csv")
        pd.testing.assert_frame_equal(held, found, rtol=1e-3, check_dtype=False)
    for line in placebos.LOOKED_AT:
        chart = placebos.chart(gaps, ":".join(line[:2])).check()
        held = pd.read_csv(FOLDER / f"{chart.slug}.csv")
        assert held["y"].to_numpy() == pytest.approx(chart.frame["y"].to_numpy(), rel=1e-6)


def test_a_placebo_gap_by_hand(built):
    measured = cs.measure("revenue_outturn", "cultural")
    found = placebos.placebo_gaps(measured, 2014).set_index("ecode")
    mets = found[found["council_class"] == "MD"].index
    wide = (
        measured.between(2007, 2018).where(council_class="MD").real(2019).per_head().frame
    ).pivot(index="ecode", columns="year", values="value")  # fmt: skip
    change = wide.loc[:, 2014:2018].mean(axis=1) - wide.loc[:, 2007:2013].mean(axis=1)
    others = change[[code for code in mets if code != "E4204"]].mean()
    assert found.loc["E4204", "gap"] == pytest.approx(change["E4204"] - others)


def test_fewer_years_before_are_fitted_exactly_more_often(built):
    shares = placebos.exact_shares(cs.measure("revenue_outturn", "cultural"), 2014)
    for _, part in shares[shares["council_class"].isin(["MD", "SD"])].groupby("council_class"):
        assert (np.diff(part.sort_values("years_before")["exact_share"]) < 0).all()
