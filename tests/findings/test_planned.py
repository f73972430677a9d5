"""The plan is carried out as it was committed, and nothing else is called planned."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from coopstats.comparisons.specifications import _by_gap, specifications
from coopstats.core.errors import UnknownName
from coopstats.findings import plan
from coopstats.findings.answers import did_pilots_hold_up as results
from coopstats.register.members import memberships
from coopstats.register.reader import rows_of

COMPARED = [
    row for row in plan.rows() if (row.form, row.estimator) == ("comparison", "did_all_pre")
]


def test_every_row_of_the_plan_is_carried_out_or_says_why_not():
    found = plan.outcomes()
    assert len(found) == len(rows_of("plan")) == 22
    assert [o.planned.pilot for o in found if o.comparison is None and not o.refused] == []
    assert {o.planned.pilot for o in found if o.comparison} == {row.pilot for row in COMPARED}


@pytest.mark.parametrize("row", COMPARED, ids=lambda row: f"{row.pilot} {row.line}")
def test_the_years_compared_are_the_plans_but_for_what_is_in_doubt(row):
    outcome = plan.outcome(row)
    left = {*row.left_out, *outcome.doubtful}
    before = [y for y in range(row.before[0], row.before[1] + 1) if y not in left]
    after = [y for y in range(row.after[0], row.after[1] + 1) if y not in left]
    for case in outcome.comparison.cases:
        assert list(case.before) == before
        assert list(case.after) == after
    assert outcome.comparison.choices.baseline == row.baseline


def test_a_figure_in_doubt_is_left_out_and_shown_beside():
    outcome = plan.outcome(plan.row("young-lambeth-co-operative"))
    assert outcome.doubtful == (2018,)
    assert outcome.comparison.cases[0].after == (2015, 2016)
    assert outcome.comparison.description
    assert not outcome.compared
    assert outcome.with_doubtful.cases[0].after == (2015, 2016, 2018)


def test_every_departure_from_the_plan_is_on_record():
    """Whoever leaves out a year of the plan finds this test red until deviations.csv says why."""
    listed = {(row["pilot"], row["table"], row["service"]) for row in rows_of("deviations")}
    left = [o.planned for o in plan.outcomes() if o.doubtful]
    departed = {(row.pilot, *row.line.split(":")) for row in left}
    assert departed - listed == set()
    assert departed


def test_what_a_row_promises_beside_it_is_made_and_printed():
    """Of every row whose reason promises another comparison; a new promise needs a new entry."""
    promising = [r for r in plan.rows() if re.search(r"beside it|with and without", r.reason)]
    assert len(promising) == 3
    for row in promising:
        [(words, other)] = plan.outcome(row).promised()
        gap = f"{abs(other.summary['gap'].iloc[0]):.2f}"
        assert any(s.startswith(words) and gap in s for s in results.sentences_on(row.pilot)), (
            row.pilot
        )
    network = plan.outcome(plan.row(plan.NETWORK))
    [(_, strict)] = network.promised()
    ever = {m.ecode for m in memberships() if m.ecode}
    assert {c for case in network.comparison.cases for c in case.donors} & ever
    assert not {c for case in strict.cases for c in case.donors} & ever
    [(_, without)] = plan.outcome(plan.row("libraries-unlimited")).promised()
    assert without.cases[0].after == (2016, 2017, 2018, 2019)


def test_figures_in_doubt_are_shown_beside_whatever_was_made_of_the_rest():
    for one in plan.outcomes():
        if one.doubtful and one.comparison:
            assert any(
                s.startswith("As planned, with") for s in results.sentences_on(one.planned.pilot)
            )


def test_the_library_mutuals_pooled_have_each_its_own_planned_years():
    cases = {case.ecode: case for case in plan.pooled("library mutuals").cases}
    rows = [row for row in plan.rows() if row.group == "library mutuals"]
    assert len(cases) == len(rows) == 4
    for row in rows:
        case = cases[row.treated[0].ecode]
        assert (case.before[0], case.before[-1]) == row.before
        assert (case.after[0], case.after[-1]) == row.after


def test_members_that_left_later_stay_members_of_their_year():
    treated = plan.members_as_treated(plan.row(plan.NETWORK))
    assert len(treated) == 9
    assert {one.first_full_year for one in treated} == {2012}
    assert {one.last_year for one in treated} == {None}
    assert not any(one.structural for one in treated)


def test_a_line_is_named_in_full_where_the_register_names_a_table():
    assert plan.full_line("teenage_conceptions") == "teenage_conceptions:conception_rate"
    assert plan.full_line("revenue_outturn", "core") == "revenue_outturn:core"


def test_a_pilot_that_is_not_in_the_plan_is_said_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'explore-york'"):
        plan.row("explore-yrok")


# ── every combination of choices ─────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def york():
    return plan.outcome(plan.row("explore-york")).comparison


def test_the_curve_holds_the_plan_once_and_its_gap(york):
    curve = specifications(york)
    own = curve[curve["planned"]]
    assert len(own) == 1
    assert own["gap"].item() == pytest.approx(york.summary["gap"].iloc[0], abs=1e-9)
    assert own["rank"].item() == york.summary["rank"].iloc[0]
    assert (curve["gap"].diff().dropna() > -1e-9).all()


def test_gaps_alike_but_for_rounding_keep_the_order_of_the_choices():
    gap = np.array([2.078, 2.0, 2.078, -3.0])
    for noise in (-1e-14, 1e-14):
        moved = pd.DataFrame({"gap": gap + np.array([noise, 0, 0, 0]), "choice": list("abcd")})
        assert "".join(_by_gap(moved)["choice"]) == "dbac"


def test_the_curve_crosses_every_choice(york):
    curve = specifications(york)
    choices = ["baseline", "prices", "donors", "before", "after"]
    assert len(curve) + curve.attrs["refused"] == curve[choices].nunique().prod()
    assert not curve.duplicated(choices).any()


def test_the_curve_is_the_same_on_two_workers(york):
    one, two = specifications(york), specifications(york, workers=2)
    assert one.equals(two)


def test_too_few_years_are_counted_as_refused():
    suffolk = plan.outcome(plan.row("suffolk-libraries")).comparison
    curve = specifications(suffolk)
    assert curve.attrs["refused"] > 0
    assert set(curve["baseline"]) == {"equal", "nearest"}


def test_a_placebo_line_has_the_years_of_the_primary_row():
    first = plan.row("explore-york")
    for one in plan.placebo_lines("explore-york"):
        assert one.planned == replace(first, order="placebo", line=one.planned.line)
