"""Comparisons on the real tables, with registers made for the tests."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from io import StringIO
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import coopstats as cs
from coopstats import council, memberships, pilots
from coopstats.charts.layout import scene
from coopstats.cli import main
from coopstats.comparisons import checks, panel, report, tabular, treated, windows
from coopstats.comparisons.choices import Choices
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.peers import NEIGHBOURS, RULES, STRICT, distances, peers
from coopstats.comparisons.treated import Exclusion, KnownPilots, Treated
from coopstats.core.errors import NotComparable, UnknownCouncil, UnknownName
from coopstats.register.dates import last_full_year, span
from coopstats.register.reader import rows_of

LINE = "revenue_outturn:cultural"
OLDHAM, ROCHDALE, BURY, WIGAN = "E4204", "E4205", "E4202", "E4210"
PILOT = Treated("Arts mutual", OLDHAM, 2014, frozenset({LINE}), id="arts-mutual")
BEGAN = Treated("Another", ROCHDALE, 2012)
NOTHING = KnownPilots()
SIX = ["Oldham", "Rochdale", "Bury", "Wigan", "Bolton", "Salford"]
FIVE = ["Tameside", "Trafford", "Stockport", "Leeds", "Bradford"]


@pytest.fixture
def cultural(built):
    return cs.measure("revenue_outturn", "cultural")


def compared(measured, pilots=PILOT, **more):
    return cs.compare(measured, pilots, **{"known": NOTHING, "draws": 199, **more})


# ── peers ────────────────────────────────────────────────────────────────────────────────────────


def known():
    other = Treated("Another mutual", BURY, 2019, frozenset({LINE}))
    unlike = Treated("Library mutual", "E4203", 2012, frozenset({"revenue_budget:libraries"}))
    adopted = Treated("A policy", WIGAN, 2012, frozenset({LINE}), structural=False)
    return KnownPilots(
        (PILOT, other, unlike, adopted),
        {2013: frozenset({ROCHDALE}), 2022: frozenset({"E4206"})},
        (Exclusion(PILOT.id, OLDHAM, "E4208", "shared service: one library service for both"),),
    )


def reasons(found):
    return dict(zip(found.frame["ecode"], found.frame["rule"], strict=True))


def test_each_rule_leaves_out_whom_it_should(built):
    found = cs.peers(PILOT, LINE, years=range(2007, 2019), known=known())
    rule = reasons(found)
    assert rule["E5017"] == "type"
    assert rule[BURY] == "treated"  # a pilot that began later is treated all the same
    assert rule["E4203"] == ""  # its pilot is of another service
    assert rule[WIGAN] == ""  # a policy is no structural pilot
    assert rule[ROCHDALE] == "member"
    assert rule["E4206"] == ""  # a member only after these years
    assert rule["E4208"] == "listed"
    assert len(found.donors) == 35 - 3
    assert OLDHAM not in found.donors
    why = found.left_out.set_index("ecode")["reason"]
    assert why["E4208"] == "shared service: one library service for both"


def test_rules_can_be_switched_off_but_never_the_treated(built):
    asked = {"years": range(2007, 2019), "known": known()}
    loose = reasons(cs.peers(PILOT, LINE, rules=("type",), **asked))
    assert loose[ROCHDALE] == loose["E4208"] == ""
    assert loose[BURY] == "treated"
    strict = reasons(cs.peers(PILOT, LINE, rules=(*RULES, STRICT), **asked))
    assert strict["E4206"] == STRICT
    with pytest.raises(UnknownName, match="Did you mean 'member'"):
        cs.peers(PILOT, LINE, rules=("members",), **asked)


def test_councils_that_were_reorganised_or_are_very_small_are_out(built):
    found = cs.peers("Thurrock", "x", years=range(2008, 2014), known=NOTHING)
    rule = reasons(found)
    assert rule["E4001"] == "few_people"  # Isles of Scilly
    assert rule["E0202"] == "reorganised"  # Bedford, a unitary from 2009
    assert "E0101" in found.donors


def test_the_nearest_are_alike_in_what_was_known_before_2010(built):
    found = cs.peers("Lambeth", LINE, years=range(2007, 2017), known=NOTHING)
    near = list(found.nearest(8)["council"])
    assert {"Southwark", "Lewisham"} <= set(near)
    assert not {"Richmond upon Thames", "Bromley", "Kingston upon Thames"} & set(near)
    assert "before 2010" in found.steps[0]


def test_distances_are_even_and_nothing_from_oneself(built):
    apart = distances([OLDHAM, ROCHDALE, BURY, "E5017"])
    assert apart == pytest.approx(apart.T)
    assert np.diag(apart).tolist() == [0, 0, 0, 0]
    assert distances([OLDHAM, ROCHDALE, BURY, "E5017"], of=1)[0] == pytest.approx(apart[0])


def test_peers_of_a_pilot_by_its_id_and_without_a_line(built):
    """No line named: whoever has a pilot of any line that this one should move is left out."""
    beside = known()
    by_id, by_hand = (cs.peers(one, known=beside) for one in (PILOT.id, PILOT))
    assert by_id.frame.equals(by_hand.frame)
    assert reasons(by_id)[BURY] == "treated"
    assert reasons(by_id)["E4203"] == ""
    assert "any line that Arts mutual should move" in by_id.steps[0]
    of_council = cs.peers("Oldham", known=beside)
    assert reasons(of_council)[BURY] == reasons(of_council)["E4203"] == "treated"
    assert of_council.steps[0].endswith("with a structural pilot of any line are left out.")
    assert len(cs.peers("Oldham", LINE, years=[2012], known=beside).steps) == 1
    with pytest.raises(UnknownCouncil, match=r"Did you mean 'arts-mutual'"):
        cs.peers("arts-mutua", known=beside)


# ── the comparison ───────────────────────────────────────────────────────────────────────────────


def test_a_gap_is_the_change_beside_the_mean_change_of_the_donors(cultural):
    found = compared(cultural)
    (case,) = found.cases
    wide = (
        cultural.between(2007, 2018).real(2019).per_head(leave_out=True).frame
    ).pivot(index="ecode", columns="year", values="value")  # fmt: skip
    assert case.before == tuple(range(2007, 2014))
    assert case.after == tuple(range(2014, 2019))
    change = wide[list(case.after)].mean(axis=1) - wide[list(case.before)].mean(axis=1)
    by_hand = change[OLDHAM] - change[list(case.donors)].mean()
    assert found.summary["gap"][0] == pytest.approx(by_hand, abs=1e-9)
    assert found.summary["donors"][0] == 35
    assert found.summary["of"][0] == 36


def test_the_start_year_counts_once_and_part_years_not_at_all():
    part = replace(PILOT, part_years=(2013,))
    before, after = windows.windows(part, range(2007, 2024), (2014, 2018), Choices())
    assert before == tuple(range(2007, 2013))
    assert after == tuple(range(2014, 2019))
    assert not set(before) & set(after)


def test_the_years_after_end_with_the_pilot(cultural):
    ended = replace(PILOT, last_year=2015)
    found = compared(cultural, ended)
    assert found.cases[0].after == (2014, 2015)
    assert found.description
    said = "\n".join(found.sentences())
    assert "description, not comparison" in said
    assert "ranks" not in said


@pytest.mark.parametrize("several", [False, True])
def test_a_description_says_nothing_of_chance_anywhere(built, several):
    lines = [cs.measure("revenue_outturn", name) for name in ("cultural", "planning")]
    for who in (replace(PILOT, last_year=2015), [replace(PILOT, last_year=2015), BEGAN]):
        found = compared(lines if several else lines[0], who, doubtful=True)
        assert found.frame[["low", "high"]].isna().all().all()
        assert "The band" not in found.chart().check().notes[0]
        assert found.summary[list(checks.CHANCE)].isna().all().all()
        assert found.checks[["low", "high", "rank", "p"]].isna().all().all()
        assert found.checks["gap"].notna().any()
        for text in (
            repr(found),
            found._repr_html_(),
            json.dumps(tabular.tree(found)["sentences"]),
        ):
            assert "rank " not in text
            assert "fits are perfect by chance" not in text
            assert "p 0." not in text
            assert "<th>low</th>" not in text


def test_years_asked_for_are_cut_at_the_end_of_the_pilot(cultural):
    found = compared(cultural, replace(PILOT, last_year=2017), after=(2014, 2020))
    assert found.cases[0].after == (2014, 2015, 2016, 2017)
    (said,) = [sentence for sentence in found.sentences() if "Years asked for" in sentence]
    assert said.startswith("Years asked for as after that are not used")
    assert said.endswith(": 2018-19, 2019-20, 2020-21.")


def test_years_asked_for_beyond_five_or_not_held_are_said(cultural):
    found = compared(cultural, after=(2014, 2030), before=(1999, 2013))
    assert len(found.cases[0].after) == 10
    said = "\n".join(found.sentences())
    assert "More than 5 years after the start are averaged for Oldham" in said
    assert "as before that are not used" in said
    assert ": 1999-00, 2000-01" in said
    assert said.count("2029-30, 2030-31.") == 1
    other = "\n".join(compared(cultural, before=(2007, 2016), after=(2012, 2018)).sentences())
    assert other.count(": 2014-15, 2015-16, 2016-17.") == 1
    assert other.count(": 2012-13, 2013-14.") == 1
    plain = "\n".join(compared(cultural, before=(2008, 2013)).sentences())
    assert "Years asked for" not in plain
    assert "More than 5 years" not in plain


def test_a_perfect_fit_is_a_warning_and_has_no_interval(cultural):
    """Oldham made a mixture of its donors before: said to be, with nothing to measure a gap in."""
    rows = cultural.real(2019).per_head(leave_out=True)
    wide = rows.frame.pivot(index="ecode", columns="year", values="value")
    donors = list(compared(cultural).cases[0].donors)
    amounts = rows.amounts.copy()
    for year in range(2007, 2014):
        here = (amounts["ecode"] == OLDHAM) & (amounts["year"] == year)
        people, price = amounts.loc[here, "people"].item(), rows.frame.set_index(["ecode", "year"])
        factor = price.loc[(OLDHAM, year), "value"] * people / amounts.loc[here, "amount"].item()
        amounts.loc[here, "amount"] = wide.loc[donors, year].mean() * people / factor
    found = compared(replace(rows, amounts=amounts), baseline="synthetic")
    said = list(found.sentences())
    assert said[0].endswith("A perfect fit is a warning: with few years before it comes by chance.")
    assert any(sentence.startswith("The fit before is perfect") for sentence in said)
    assert np.isinf(found.summary[["low", "high", "detectable"]].to_numpy(float)).all()
    assert found.frame[["low", "high"]].isna().all().all()
    lines = found.chart().check().frame
    assert lines.loc[lines["series"] != "Oldham", "y"].abs().max() > 1
    assert not any(
        "A perfect fit" in s for s in compared(cultural, baseline="synthetic").sentences()
    )


def test_why_there_is_no_interval_is_said(cultural):
    few = compared(cultural, donors=["Bury", "Wigan", "Bolton", "Salford", "Tameside", "Rochdale"])
    assert any(s.startswith("There are too few placebos, so") for s in few.sentences())
    many = few.summary.assign(of=36)
    assert report._missed(next(many.itertuples())).startswith(
        "More than one in twenty placebos are fitted perfectly"
    )


def test_a_missing_donor_year_is_handled_and_said(cultural):
    assert BURY in compared(cultural).cases[0].donors
    rows = cultural.amounts.copy()
    rows.loc[(rows["ecode"] == BURY) & (rows["year"] == 2016), "amount"] = np.nan
    found = compared(replace(cultural, amounts=rows))
    assert BURY not in found.cases[0].donors
    out = found.peers[OLDHAM].left_out.set_index("ecode")
    assert out.loc[BURY, "reason"] == "no figure in one of the years compared"
    assert "Bury" in repr(found)


def test_one_council_has_a_rank_and_no_p(cultural):
    found = compared(cultural)
    assert 1 <= found.summary["rank"][0] <= 36
    assert found.summary["p"].isna().all()
    said = "\n".join(found.sentences())
    assert "ranks" in said
    assert "p =" not in said
    assert "<th>rank</th>" in found._repr_html_()
    assert "<th>p</th>" not in found._repr_html_()


def test_a_group_has_a_p_an_interval_and_two_adjustments(built):
    lines = [cs.measure("revenue_outturn", name) for name in ("cultural", "planning")]
    found = compared(lines, [PILOT, cs.supposed("Rochdale", 2012)], doubtful=True)
    rows = found.summary
    assert (rows["p"] >= 1 / 200).all()
    assert (rows["p_westfall_young"] >= rows["p"]).all()
    assert ((rows["low"] < rows["gap"]) & (rows["gap"] < rows["high"])).all()
    said = "\n".join(found.sentences())
    assert "95% interval" in said
    assert "Westfall–Young" in said
    assert found.frame["event_year"].between(-7, 11).all()
    assert "<th>p</th>" in found._repr_html_()
    assert "<th>rank</th>" not in found._repr_html_()


def test_sets_of_the_class_alone_stand_beside_those_of_class_and_size(built):
    measured = cs.measure("revenue_outturn", "cultural")
    found = compared(measured, [PILOT, cs.supposed("Rochdale", 2012)])
    assert found.estimate.banded
    other = found.checks.set_index("choice").loc[
        "placebo sets: of the class alone, whatever their size"
    ]
    assert other["gap"] == found.summary["gap"][0]
    assert other["p"] != found.summary["p"][0]
    listed = {variant.name: variant.question for variant in checks.variants(found)}
    assert not estimate(listed[other.name]).banded
    assert not found.with_choices(by_size=False).estimate.banded
    assert not [c for c in compared(measured).checks["choice"] if c.startswith("placebo sets")]


def test_donors_of_any_class_are_drawn_from_together(cultural):
    """Without the rule 'type' a class is no stratum, and the words name none."""
    rules = tuple(rule for rule in RULES if rule != "type")
    found = compared(cultural, [PILOT, cs.supposed("Lambeth", 2012)], rules=rules)
    assert {case.stratum for case in found.cases} == {""}
    assert all(len(set(row)) == 2 for row in found.estimate.sets.tolist())
    assert "placebo sets of the same size would" in "\n".join(found.sentences())
    assert "each a council without" in "\n".join(compared(cultural, rules=rules).sentences())


def test_what_a_year_is_of_a_group_is_so_for_every_council(cultural):
    """Part years, years outside a window and years after an end are of nobody's period."""
    part = replace(BEGAN, first_full_year=2014, part_years=(2013,))
    first = replace(PILOT, part_years=(2013,))
    for who in ([PILOT, part], [first, replace(part, part_years=())]):
        rows = compared(cultural, who).frame.set_index("event_year")
        assert rows.loc[-1, "period"] == "beside"
        assert rows.loc[-2, "period"] == "before"
        assert rows.loc[4, "period"] == "after"
    narrow = [cs.supposed("Oldham", 2012), cs.supposed("Bury", 2015)]
    rows = compared(cultural, narrow, before=(2009, 2014)).frame.set_index("event_year")
    assert rows.loc[[-5, -4], "period"].tolist() == ["beside", "beside"]
    assert rows.loc[[-3, -1], "period"].tolist() == ["before", "before"]
    ended = [cs.supposed("Oldham", 2014), cs.supposed("Rochdale", 2014, last_year=2016)]
    found = compared(cultural, ended)
    assert found.frame.set_index("event_year").loc[[2, 3], "period"].tolist() == ["after", "beside"]


def test_part_is_said_only_of_years_in_which_it_ran_for_a_part(cultural):
    found = compared(cultural, replace(PILOT, part_years=(2013,)), before=(2008, 2011))
    periods = found.frame.set_index("year")["period"]
    assert periods[[2012, 2013, 2014]].tolist() == ["beside", "part", "after"]


def test_years_that_are_not_the_first_are_not_called_so(cultural):
    late = [cs.supposed("Oldham", 2012), cs.supposed("Bury", 2012)]
    said = "\n".join(compared(cultural, late, after=(2015, 2017)).sentences())
    assert "over 3 years after each start" in said
    assert "the first" not in said
    assert "over the first 5 full years" in "\n".join(compared(cultural, late).sentences())


def test_named_donors_are_the_donors_and_the_rules_are_no_check_of_them(cultural):
    names = ["Bury", "Wigan", "Bolton", "Salford", "Tameside", "Rochdale"]
    found = compared(cultural, donors=names, doubtful=True)
    assert set(found.peers[OLDHAM].donors) == set(found.cases[0].donors)
    assert not set(found.peers[OLDHAM].left_out["ecode"]) & set(found.cases[0].donors)
    assert not [c for c in found.checks["choice"] if c.startswith("donors")]


def test_a_check_that_switches_a_rule_off_keeps_the_others(cultural):
    own = (*RULES, "not_labour")
    found = compared(cultural, rules=own)
    kept = found.under(rules=tuple(rule for rule in own if rule != "member")).question.cases[0]
    (variant,) = [
        v for v in checks.variants(found) if v.name == "donors: without the rule 'member'"
    ]
    assert variant.question.cases[0].donors == kept.donors


def test_the_nearest_are_those_that_peers_names(cultural):
    found = compared(cultural, cs.supposed("Lambeth", 2014), baseline="nearest", doubtful=True)
    heavy = set(found.weights["donor"])
    assert heavy == set(found.peers["E5017"].nearest(10)["ecode"])


def test_the_fit_is_said_first(cultural):
    first, second, *_ = compared(cultural).sentences()
    assert first.startswith("Fit:")
    assert second.startswith("Gap:")


def test_an_injected_gap_is_recovered(cultural):
    rows = cultural.amounts.copy()
    people = cs.load("population", ecode=OLDHAM, age="all", vintage="census_2021")
    people = people.set_index("year")["people"].astype(float)
    prices = cs.measure("revenue_outturn", "cultural").where(council=OLDHAM)
    factor = (
        prices.real(2019).frame.set_index("year")["value"] / prices.frame.set_index("year")["value"]
    )
    for year in range(2014, 2019):
        here = (rows["ecode"] == OLDHAM) & (rows["year"] == year)
        rows.loc[here, "amount"] += 25 * people[year] / factor[year]
    still, moved = compared(cultural), compared(replace(cultural, amounts=rows))
    assert moved.summary["gap"][0] - still.summary["gap"][0] == pytest.approx(25, abs=1e-6)
    assert moved.summary["low"][0] - still.summary["low"][0] == pytest.approx(25, abs=1e-6)


# ── beside it ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def checked(cultural):
    found = compared(cultural)
    return found.checks.set_index("choice")


def test_other_choices_stand_beside_the_result(checked):
    assert {
        "baseline: synthetic", "baseline: synthetic_demeaned", "baseline: nearest",
        "donut: without the last year before", "base year: 1 before the start alone",
        "deflator: CPIH", "donors: never seen as a member",
        "placebo in time: half of the years before stand for after",
    } <= set(checked.index)  # fmt: skip
    assert (checked["refused"] == "").all()


def test_published_neighbours_are_the_only_donors_where_they_are_asked(cultural):
    """Chosen after the event: a check and never the headline."""
    assert NEIGHBOURS not in compared(cultural).choices.rules
    lists = {row["ecode"]: set(row["neighbours"].split("; ")) for row in rows_of("neighbours")}
    rules = tuple(rule for rule in RULES if rule != "type")
    donors = peers("Lambeth", rules=(*rules, NEIGHBOURS)).donors
    assert donors
    assert set(donors) < lists["E5017"]
    with pytest.raises(NotComparable, match=r"not of Redbridge\. Add its row to neighbours\.csv"):
        peers("Redbridge", rules=(*rules, NEIGHBOURS))
    told = [c for c in compared(cultural).checks["choice"] if "chosen after the event" in c]
    assert len(told) == 1


def test_a_placebo_in_time_uses_only_years_before(cultural):
    found = compared(cultural)
    (variant,) = [v for v in checks.variants(found) if v.name.startswith("placebo in time")]
    (case,) = variant.question.cases
    assert (*case.before, *case.after) == found.cases[0].before


def test_a_placebo_in_time_of_two_years_says_nothing_of_chance(cultural):
    """As a description does; the columns are those of every other choice."""
    found = compared(cultural, before=(2010, 2013))
    short = found.checks.set_index("choice").iloc[-1]
    assert short.name.startswith("placebo in time")
    assert np.isfinite(short["gap"])
    assert short[["rank", "of", "p", "low", "high"]].isna().all()
    assert found.checks["rank"].notna().any()
    assert "p_holm" not in found.checks


def test_the_donut_and_the_base_year_by_hand(cultural, checked):
    found = compared(cultural)
    gap = found.frame.set_index("year")["gap"]
    after = gap.loc[2014:2018].mean()
    last = after - gap.loc[2013]
    assert checked.loc["base year: 1 before the start alone", "gap"] == pytest.approx(last)
    donut = after - gap.loc[2007:2012].mean()
    assert checked.loc["donut: without the last year before", "gap"] == pytest.approx(donut)
    worst = gap.loc[2007:2013].abs().max()
    assert found.summary["breakdown"][0] == pytest.approx(abs(after) / worst)


def test_without_each_donor_in_turn(cultural):
    found = compared(cultural)
    rows = found.leave_one_out()
    assert len(rows) == 35
    one = rows.set_index("ecode").loc[BURY, "gap"]
    others = [name for name in found.cases[0].donors if name != BURY]
    assert one == pytest.approx(compared(cultural, donors=others).summary["gap"][0])


def test_a_synthetic_baseline_is_refused_with_few_years_and_says_so(cultural):
    with pytest.raises(NotComparable, match=r"5 years before 2012-13.*needs 7"):
        compared(cultural, cs.supposed("Rochdale", 2012), baseline="synthetic")
    rows = compared(cultural, cs.supposed("Rochdale", 2012)).checks.set_index("choice")
    assert "needs 7" in rows.loc["baseline: synthetic", "refused"]


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────


def test_a_table_that_begins_after_the_start_is_refused(built):
    with pytest.raises(NotComparable, match=r"only years after the start: it begins in 2010-11"):
        compared(cs.measure("children_spending", "youth"), cs.supposed("Lambeth", 2010))


def test_a_broken_line_is_refused(built):
    with pytest.raises(NotComparable, match="broken between 2013-14 and 2018-19"):
        compared(cs.measure("revenue_outturn", "education"))


def test_years_on_the_far_side_of_a_break_are_left_out_and_that_is_said(built):
    found = compared(cs.measure("children_spending", "youth"), cs.supposed("Bolton", 2015))
    assert found.cases[0].before == (2011, 2012, 2013, 2014)
    assert any("Years before a break are left out" in step for step in found.design.steps)


def test_a_doubtful_figure_of_the_treated_is_refused_unless_asked_for(cultural):
    pilot = cs.supposed("Wirral", 2012)
    with pytest.raises(NotComparable, match=r"Wirral's figure of 2015-16 is in doubt"):
        compared(cultural, pilot)
    assert compared(cultural, pilot, doubtful=True).cases[0].name == "Wirral"


def test_a_treated_donor_is_refused(cultural):
    names = ["Rochdale", "Bury", "Wigan", "Bolton", "Salford", "Tameside"]
    with pytest.raises(NotComparable, match="Bury cannot be a donor: has a structural pilot"):
        compared(cultural, known=known(), donors=names)
    lambeth = KnownPilots((Treated("A mutual", "E5017", 2012, frozenset({LINE})),))
    with pytest.raises(NotComparable, match="Lambeth cannot be a donor"):
        compared(cultural, known=lambeth, donors=["Lambeth", *names])
    both = [PILOT, cs.supposed("Bolton", 2014)]
    with pytest.raises(NotComparable, match="Bolton cannot be a donor: it is one of those"):
        compared(cultural, both, donors=names)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"before": (2013, 2013)}, "1 years before .*'equal' needs 2"),
        ({"before": (2012, 2013), "baseline": "matched"}, "2 years before .*needs 3"),
        ({"donors": ["Bury", "Wigan"]}, "2 donors are left"),
        ({"baseline": "stacked"}, "two or more"),
        ({"after": (2012, 2013)}, "no full year after"),
        ({"pilots": [PILOT, *(cs.supposed(n, 2014) for n in SIX[1:])], "donors": FIVE,
          "doubtful": True}, "6 treated councils of class MD share 5 donors"),
        ({"pilots": []}, "No pilot was named"),
    ],
)  # fmt: skip
def test_too_little_to_compare_is_refused(cultural, more, said):
    with pytest.raises(NotComparable, match=said):
        compared(cultural, **more)


def test_what_cannot_be_asked_is_refused(cultural):
    with pytest.raises(NotComparable, match="No measure was given"):
        compared([])
    with pytest.raises(NotComparable, match="revenue_outturn:cultural is twice"):
        compared(iter([cultural, cultural]))
    with pytest.raises(UnknownName, match="draws: 0 cannot be: give a whole number from 1"):
        compared(cultural, draws=0)
    with pytest.raises(UnknownName, match="Did you mean 'revenue_outturn:cultural'"):
        compared(cultural).chart("revenue_outturn:cultura")
    with pytest.raises(NotComparable, match=r"the last asked for 2013-14"):
        compared(cultural, cs.supposed("Oldham", 2014), after=(2012, 2013))
    assert compared(cultural, rules="type", without=2016).cases[0].after == (2014, 2015, 2017, 2018)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"without": 1999}, r"without: 1999-00 is left out to no effect: Oldham would be compared "
                            r"in 2007-08, .*, 2018-19\."),
        ({"without": [2016, 2023]}, "without: 2023-24 is left out to no effect"),
        ({"without": 2009, "before": (2010, 2013)}, "without: 2009-10 .* in 2010-11, "),
        ({"without": 2018, "after": (2014, 2016)}, "without: 2018-19"),
        ({"rules": "type", "donors": ["Bury"]}, "rules: donors are named"),
    ],
)  # fmt: skip
def test_a_choice_that_changes_nothing_is_refused(cultural, choice, said):
    with pytest.raises(UnknownName, match=said):
        compared(cultural, **choice)


def test_other_choices_that_change_nothing_are_refused_too(cultural):
    found = compared(cultural)
    with pytest.raises(UnknownName, match="without: 1999-00"):
        found.with_choices(without=(1999,))
    names = ["Oldham", "Bury", "Wigan", "Bolton", "Salford", "Tameside"]
    with pytest.raises(NotComparable, match="Oldham cannot be a donor: it is one of those"):
        compared(cultural, donors=names)
    calendar = cs.measure("teenage_conceptions", "conception_rate")
    with pytest.raises(UnknownName, match=r"without: 1066|without: 1997 is left out"):
        compared(calendar, without=1997)


def test_a_year_that_one_of_several_pilots_uses_may_be_left_out(cultural):
    two = [PILOT, cs.supposed("Bolton", 2012)]
    found = compared(cultural, two, without=2018)
    assert {case.name: case.after[-1] for case in found.cases} == {"Bolton": 2016, "Oldham": 2017}


def test_a_year_of_part_running_may_be_named_among_those_left_out(cultural):
    begun = replace(PILOT, part_years=(2013,))
    assert compared(cultural, begun, without=2013).cases == compared(cultural, begun).cases


def test_councils_with_a_figure_are_found_by_name_or_refused(built):
    named = cs.peers("Lambeth", complete=["Southwark", "Hackney", "E5014"])
    assert len(named.donors) <= 3
    assert "E5019" in {*named.donors} or "Southwark" in set(named.left_out["council"])
    with pytest.raises(UnknownCouncil, match="'Southwark'"):
        cs.peers("Lambeth", complete=["Suthwark"])


def test_years_of_a_table_by_calendar_are_spelled_so(built):
    rates = cs.measure("teenage_conceptions", "conception_rate")
    with pytest.raises(NotComparable, match="it begins in 1998, and Oldham in 1997"):
        compared(rates, cs.supposed("Oldham", 1997))
    found = compared(cs.measure("teenage_conceptions", "conceptions"), before=(1990, 2013))
    said = "\n".join(found.sentences())
    assert ": 1990, 1991" in said
    assert "teenage_conceptions:conceptions counts things" in said
    assert "counts things" not in "\n".join(compared(rates).sentences())


def test_a_council_of_few_people_is_said_to_be(cultural):
    found = compared(cultural, cs.supposed("City of London", 2014), doubtful=True)
    assert any("City of London has 7,472 residents" in one for one in found.sentences())


def test_unknown_words_name_the_nearest(cultural):
    with pytest.raises(UnknownName, match="Did you mean 'synthetic'"):
        compared(cultural, baseline="sinthetic")
    with pytest.raises(UnknownName, match="Did you mean 'arts-mutual'"):
        compared(cultural, "art-mutual", known=known())


def test_a_council_is_compared_once(cultural):
    with pytest.raises(NotComparable, match="One pilot a council"):
        compared(cultural, [PILOT, cs.supposed("Oldham", 2012)])


# ── shown ────────────────────────────────────────────────────────────────────────────────────────


def test_it_prints_and_shows_itself(cultural):
    found = compared(cultural)
    text, page = repr(found), found._repr_html_()
    for said in ("Fit:", "years    Oldham", "besides", "source   MHCLG", "weights"):
        assert said in text
    assert "<li>Fit:" in page


def test_its_charts_pass_the_lint_and_hold_its_numbers(cultural):
    found = compared(cultural)
    chart = found.chart().check()
    own = chart.frame[chart.frame["series"] == "Oldham"]
    assert own["y"].tolist() == found.shared["gap"].tolist()
    assert chart.frame["series"].nunique() == 36
    assert found.weights_chart().check().frame["y"].sum() == pytest.approx(100 * 15 / 35)
    group = compared(cultural, [PILOT, cs.supposed("Rochdale", 2012)])
    assert group.chart().check().title.startswith("2 councils and their baseline")
    said = [text.words.replace("−", "-") for text in scene(group.chart()).texts]
    years = [int(words) for words in said if re.fullmatch(r"-?\d+", words)]
    assert years == sorted(set(years))  # none is written twice, rounded from a half
    assert any(words.startswith("£") for words in said)


def test_weights_are_told_and_sum_to_one(cultural):
    found = compared(cultural, baseline="synthetic")
    assert found.weights["weight"].sum() == pytest.approx(1)
    assert (found.weights["weight"] > 0).all()
    assert found.weights["weight"].is_monotonic_decreasing
    assert found.summary["effective"][0] == pytest.approx(1 / (found.weights["weight"] ** 2).sum())


# ── the same anywhere ────────────────────────────────────────────────────────────────────────────


def group(cultural):
    return compared(cultural, [PILOT, cs.supposed("Rochdale", 2012), cs.supposed("Lewisham", 2013)])


def test_the_curve_is_the_same_for_any_number_of_workers(cultural):
    found = group(cultural)
    pd.testing.assert_frame_equal(found.curve(1), found.curve(2), check_exact=True)


def test_the_curve_is_the_same_on_a_dask_cluster_of_two_processes(cultural):
    """A real cluster: a scheduler and two worker processes, reached over the network layer."""
    import distributed  # slow to import, and for this test alone

    found = group(cultural)
    alone = found.curve(1)
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        joblib.parallel_config("dask", client=client),
    ):
        pids = set(client.run(lambda: __import__("os").getpid()).values())
        spread = found.curve(workers=2)
    assert len(pids) == 2
    pd.testing.assert_frame_equal(alone, spread, check_exact=True)


def test_the_order_of_pilots_does_not_matter(cultural):
    pilots = [PILOT, cs.supposed("Rochdale", 2012)]
    one, other = compared(cultural, pilots), compared(cultural, pilots[::-1])
    pd.testing.assert_frame_equal(one.summary, other.summary, check_exact=True)


def test_it_runs_without_numba():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "import importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda n, *a: None if n == 'numba' else found(n, *a)\n"
        "import numpy as np\nfrom coopstats.comparisons import simplex\n"
        "rows = np.random.default_rng(0).normal(size=(120, 8))\n"
        "w = simplex.weights_of_all(rows, range(120), np.ones((120, 120), bool))\n"
        "print(simplex.has_kernel(), round(float(w.sum())))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "120"]


# ── the register ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def held():
    return treated.known_pilots()


@pytest.mark.parametrize(
    ("name", "first", "last", "part"),
    [
        ("young-lambeth-co-operative", 2015, 2018, ()),  # April 2015 to 30 September 2019
        ("suffolk-libraries", 2013, 2024, (2012,)),  # 1 August 2012 to 31 May 2025
        ("explore-york", 2015, None, (2014,)),  # May 2014; still going when last seen
    ],
)
def test_a_pilot_has_the_full_years_of_the_register(held, name, first, last, part):
    pilot = held.pilot(name)
    assert (pilot.first_full_year, pilot.last_year, pilot.part_years) == (first, last, part)
    assert pilot.structural


def test_a_pilot_that_goes_on_is_not_cut_where_it_was_last_seen(held):
    for one in pilots():
        if one.end.precision == "continues" and one.ecode and one.first_full_year is not None:
            assert held.pilot(one.slug).last_year is None, one.slug


def test_members_are_those_that_the_register_calls_sure(held):
    for year in range(2010, 2026):
        sure = frozenset(m.ecode for m in memberships() if m.ecode and m.in_year(year) == "surely")
        assert held.members.get(year, frozenset()) == sure, year
    kirklees = council("Kirklees").ecode  # seen in two intervals
    assert kirklees in held.members[2011]
    assert kirklees not in held.members.get(2016, frozenset())


def test_exclusions_are_of_their_pilot_alone(held):
    """Lewisham has two pilots: the neighbours of one are not left out beside the other."""
    beside = held.left_out(held.pilot("young-lambeth-co-operative"))
    assert beside[council("Southwark").ecode].startswith("neighbour: ")
    own = {one.pilot: held.left_out(held.pilot(one.pilot)) for one in held.exclusions}
    listed = [(row["pilot"], row["ecode"]) for row in rows_of("exclusions")]
    assert {(pilot, code) for pilot, codes in own.items() for code in codes} == set(listed)
    by_council = held.left_out(council("Lambeth").ecode)
    assert set(beside) <= set(by_council)


def test_two_pilots_of_one_council_have_each_their_own_exclusions():
    left = (Exclusion("one", "E5018", "E5017", "a"), Exclusion("two", "E5018", "E5013", "b"))
    known = KnownPilots(exclusions=left)
    assert known.left_out(Treated("One", "E5018", 2012, id="one")) == {"E5017": "a"}
    assert known.left_out(Treated("Two", "E5018", 2012, id="two")) == {"E5013": "b"}
    assert known.left_out(Treated("Supposed", "E5018", 2012)) == {"E5017": "a", "E5013": "b"}
    assert known.left_out("E5018") == {"E5017": "a", "E5013": "b"}


@pytest.mark.parametrize(
    ("ended", "last"), [("2019-03-31", 2018), ("2019-09-30", 2018), ("2019-03-30", 2017)]
)
def test_the_last_full_year_had_ended(ended, last):
    assert last_full_year(span(ended, ended, "day")) == last


# ── the command ──────────────────────────────────────────────────────────────────────────────────


def run(*words):
    return CliRunner().invoke(main.main, ["compare", *words])


ASKED = ["--table", "revenue_outturn", "-s", "cultural", "--draws", "99"]


@pytest.mark.parametrize("layout", ["json", "csv"])
def test_programs_get_all_that_people_read(built, layout):
    asked = ("--council", "Oldham", *ASKED, "--after", "2014:2018", "--format", layout)
    done, found = run(*asked), run(*asked[:-2])
    assert done.exit_code == 0
    rows = StringIO(done.stdout)
    held = json.loads(done.stdout) if layout == "json" else pd.read_csv(rows).groupby("part")
    parts = ["summary", "path", "weights", "choices", "without_one", "left_out", "sentences",
             "steps", "sources"]  # fmt: skip
    assert set(parts) <= set(held if layout == "json" else held.groups)
    said = held["sentences"] if layout == "json" else list(held.get_group("sentences")["words"])
    assert said
    shown = " ".join(found.stdout.split())  # lines are broken where the terminal ends
    assert all(sentence in shown for sentence in said)


def test_the_long_table_tells_what_was_asked_and_no_row_twice(built):
    lines = [cs.measure("revenue_outturn", name) for name in ("cultural", "planning")]
    found = compared(lines, [PILOT, BEGAN], doubtful=True)
    rows = tabular.table(found)
    assert not rows.duplicated(["part", "line", "name", "year", "what"]).any()
    asked = rows[rows["part"] == "asked"].set_index("what")
    assert asked.loc["draws", "value"] == 199
    assert asked.loc["baseline", "words"] == "equal"
    oldham = rows[(rows["part"] == "councils") & (rows["name"] == "Oldham")].set_index("what")
    assert oldham.loc["before", "words"] == "; ".join(map(str, range(2007, 2014)))
    assert oldham.loc["ecode", "words"] == OLDHAM


def test_the_command_narrows_a_table_by_any_column(built):
    words = ["--council", "Oldham", "--table", "reserves", "-s", "unallocated", "--doubtful"]
    done = run(*words, "--after", "2014:2018", "--where", "date=31 March")
    assert done.exit_code == 0, done.output
    assert "after 2014-15 to 2018-19" in done.stdout
    assert "COLUMN=VALUE" in run(*words, "--after", "2014:2018", "--where", "date").stderr


def test_the_command_prints_a_comparison(built):
    done = run("--council", "Oldham", *ASKED, "--after", "2014:2018", "--before", "2008:2013")
    assert done.exit_code == 0, done.output
    assert "Oldham: before 2008-09 to 2013-14, after 2014-15 to 2018-19" in done.stdout


def test_the_command_takes_a_pilot_of_the_register(built):
    """On a line that it should not move. It began in May 2014 and goes on: five full years."""
    words = ["--table", "revenue_outturn", "-s", "highways", "--draws", "99"]
    done = run("explore-york", *words)
    assert done.exit_code == 0, done.output
    assert "York: before 2007-08 to 2013-14, after 2015-16 to 2019-20" in done.stdout


def test_rows_and_tree_say_the_same_for_any_number_of_workers(built):
    words = ["--council", "Oldham", *ASKED, "--after", "2014:2018"]
    held = json.loads(run(*words, "--workers", "2", "--format", "json").stdout)
    assert held["choices"][0]["choice"] == "as asked"
    rows = pd.read_csv(StringIO(run(*words, "--format", "csv").stdout))
    same = rows[(rows["part"] == "summary") & (rows["what"] == "gap")]["value"].item()
    assert same == pytest.approx(held["choices"][0]["gap"])
    assert same == pytest.approx(held["summary"][0]["gap"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Give a PILOT of the register, or --council"),
        (["--council", "Oldham"], "needs --after"),
        (["--council", "Oldham", "--after", "2014:2018", "--baseline", "equl"], "'equal'"),
        (["no-such-pilot"], "There is no pilot 'no-such-pilot'"),
        (["explore-york", "--workers", "0"], "0 is not in the range x>=1"),
        (["explore-york", "--seed", "-1"], "-1 is not in the range x>=0"),
    ],
)
def test_the_command_refuses_with_a_sentence(built, words, said):
    done = run(*words, *ASKED)
    assert done.exit_code in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.output


def test_nothing_of_the_engine_reads_a_table(built):
    """What is sent to a cluster needs no file: estimate.py and below know arrays only."""
    folder = Path(panel.__file__).parent
    for name in ("estimate", "permutation", "baselines", "simplex", "kernel"):
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        assert "coopstats.datasets.load" not in text
        assert "coopstats.measures.measure" not in text
