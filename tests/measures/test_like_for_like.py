"""Like for like: what moved is taken away where it is printed, or the reason is given."""

from __future__ import annotations

import pandas as pd
import pytest

from coopstats import load, measure
from coopstats.core import paths
from coopstats.core.errors import NotComparable
from coopstats.register import breaks
from coopstats.register.breaks import Move, breaks_of

pytestmark = pytest.mark.usefixtures("built")
LISTED = pd.read_csv(paths.register_dir() / "breaks.csv", dtype=str, keep_default_na=False)
NOTED = LISTED[LISTED["grade"] == "noted"].fillna("")
MOVES = sorted(set(NOTED["like_for_like"]) - {"", breaks.SAME})


def care(name):
    taken = measure("revenue_outturn", "social_care").where(council=name)
    return taken.between(2010, 2019)


def moved(taken):
    return taken.real(2019).per_head().change(2010, 2019)


@pytest.mark.parametrize(("name", "printed", "alike"), [("Islington", 2.5, -7.5),
                                                        ("Lambeth", -13.2, -17.4)])  # fmt: skip
def test_social_care_with_and_without_what_moved_into_it(name, printed, alike):
    both = [moved(care(name)), moved(care(name).like_for_like())]
    assert [round(one.frame["value"].item(), 1) for one in both] == [printed, alike]
    assert "not like for like" in both[0].title
    assert "not like for like: a change in 2014-15" in both[0].unit
    assert "like for like" in both[1].unit
    assert "not like for like" not in both[1].title
    assert "moved here from education" in both[0].frame["break"].item()
    assert "moved here from education" not in both[1].frame["break"].item()
    assert any("taken away from 2014-15 on" in step for step in both[1].steps)
    assert any("RO3" in source for source in both[1].sources)


def test_every_noted_break_says_how_or_why_not():
    assert NOTED[(NOTED["like_for_like"] == "") & (NOTED["why_not"] == "")].empty
    assert (NOTED["why_not"] == "").eq(NOTED["like_for_like"].isin(MOVES)).all()


@pytest.mark.parametrize("words", MOVES)
def test_what_moved_is_printed_on_the_side_where_it_is_taken_away(words):
    move = Move.read(words)
    nearest = move.year - 1 if move.before else move.year
    for line in move.lines:
        assert nearest in set(load(move.table, service=line)["year"])


@pytest.mark.parametrize("row", [*NOTED[NOTED["like_for_like"].isin(MOVES)].itertuples()])
def test_each_that_can_be_made_is_made_and_changes_only_one_side(row):
    year = int(row.first_year)
    taken = measure(row.table, row.service)
    taken = taken.between(max(year - 1, taken.years[0]), min(year, taken.years[-1]))
    alike, move = taken.like_for_like(), Move.read(row.like_for_like)
    change = alike.amounts["amount"] - taken.amounts["amount"]
    reached = taken.amounts["year"].map(move.reaches)
    assert change[reached].abs().sum() > 0
    others = [m for m in alike.mended if m != move]
    assert others or (change[~reached].dropna() == 0).all()


def test_only_bodies_without_the_service_lose_nothing():
    taken = measure("revenue_outturn", "core").where(council_class=["L", "MD", "UA", "SC"])
    taken = taken.between(2013, 2019)
    change = taken.like_for_like().amounts["amount"] - taken.amounts["amount"]
    after = taken.amounts["year"] >= 2014
    lines = load("social_care_spending", service=["youth", "sure_start"])
    printed = lines.astype({"ecode": str}).groupby(["ecode", "year"])["gbp"].agg(["sum", "size"])
    same = taken.amounts[after & (change == 0)].set_index(["ecode", "year"])
    found = printed.reindex(same.index)
    served = same["council"] != "Isles of Scilly"  # which has no such line
    assert set(found.loc[served, "size"]) == {2}
    assert (found.loc[served, "sum"] == 0).all()
    assert 0 < len(same) < 0.05 * after.sum()


def test_it_is_refused_with_a_reason():
    core = measure("revenue_outturn", "core")
    with pytest.raises(NotComparable, match=r"2023-24\. Choose other years"):
        core.like_for_like()
    with pytest.raises(NotComparable, match="headings do not say where"):
        measure("revenue_outturn", "central").like_for_like()
    with pytest.raises(NotComparable, match="first, before"):
        core.between(2010, 2019).real(2019).like_for_like()


def test_what_is_not_mended_is_still_said():
    taken = measure("revenue_outturn", "core").where(council="Lambeth").between(2009, 2019)
    changed = taken.like_for_like().change(2009, 2019)
    assert changed.title.endswith("like for like (but for a change in 2013-14)")
    assert changed.frame.columns[-1] == "break"


def test_a_heading_alone_is_noted_and_no_other_meaning():
    (heading,) = [b for b in breaks_of("revenue_outturn", "environmental") if b.same]
    assert breaks.not_like([heading]) == ""
    changed = measure("revenue_outturn", "environmental").change(2010, 2016, leave_out=True)
    assert "not like for like" not in changed.unit
