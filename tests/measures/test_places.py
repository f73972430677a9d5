"""Places made of councils: what is tied together, who an area is, how its rows are added up."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coopstats import bring, council, councils, load, measure
from coopstats.core.errors import NotComparable
from coopstats.measures import county_areas, groups, successors, wholes
from coopstats.register.councils import CLASSES, bodies, successions

PRINCIPAL = ("L", "MD", "UA", "SC", "SD")


def rows_of(codes, years, amount=1.0):
    """Invented amounts for real councils, in the years in which they were alive."""
    return pd.DataFrame(
        {"ecode": code, "year": year, "amount": amount, "people": float("nan")}
        for code in codes
        for year in years
        if bodies()[code].alive(year)
    )


def members_of(codes):
    return {code: (code,) for code in codes}


def hertfordshire():
    """The county and its districts."""
    return ["E1920", *(c for c, body in bodies().items() if body.county == "E1920")]


def everyone(years):
    found = [c for year in years for c in councils(year)["ecode"]]
    return sorted({c for c in found if bodies()[c].council_class in PRINCIPAL})


@pytest.mark.parametrize("year", range(2007, 2024))
def test_in_any_one_year_every_district_lies_in_its_county(year):
    codes = everyone([year])
    places = county_areas.two_tier(members_of(codes), [year])
    for code in codes:
        home = bodies()[code].county or code
        assert places.new[code] == places.new[home]
    tiers = {c for c in codes if bodies()[c].council_class in ("SC", "SD")}
    counties = {c for c in codes if bodies()[c].council_class == "SC"}
    assert len(set(places.new.values())) == len(codes) - len(tiers) + len(counties)


def test_successors_are_tied_only_when_they_came_within_the_years():
    codes = everyone([2018, 2019])
    over = county_areas.two_tier(members_of(codes), [2018, 2019])
    bournemouth, dorset = council("Bournemouth", 2018).ecode, council("Dorset", 2018).ecode
    assert over.new[bournemouth] == over.new[dorset]
    before = everyone([2018])
    alone = county_areas.two_tier(members_of(before), [2018])
    assert alone.new[bournemouth] != alone.new[dorset]


@pytest.mark.parametrize(
    ("names", "years", "called", "kind"),
    [
        (["Lambeth"], [2010], "Lambeth", "L"),
        (["E1920", "Stevenage"], [2010], "Hertfordshire area", "two-tier area"),
        (["E1221", "Bournemouth", "Poole"], [2010], "Dorset + Bournemouth + Poole area",
         "two-tier area"),
        (["Buckinghamshire"], [2021], "Buckinghamshire", "UA"),
    ],
)  # fmt: skip
def test_an_area_is_named_for_its_county(names, years, called, kind):
    codes = [council(n, years[0]).ecode for n in names]
    area = county_areas._area(codes, years[0])
    assert area["council"] == called
    assert area["council_class"] == kind


def test_a_county_that_became_unitary_is_one_place_by_its_new_name():
    codes = [c for c in everyone([2008, 2009]) if "Cornwall" in bodies()[c].name]
    places = county_areas.two_tier(members_of(codes), [2008, 2009])
    (place,) = set(places.new.values())
    assert "Cornwall" in places.identity[place]["council"]


def test_added_up_is_missing_when_a_part_is():
    codes = hertfordshire()
    rows = rows_of(codes, [2010, 2011])
    rows.loc[(rows["ecode"] == "E1937") & (rows["year"] == 2011), "amount"] = float("nan")
    places = county_areas.two_tier(members_of(codes), [2010, 2011])
    added, members = wholes.added_up(rows, members_of(codes), places)
    assert list(added["amount"].isna()) == [False, True]
    assert added["amount"].iloc[0] == len(codes)
    assert {place: set(parts) for place, parts in members.items()} == {"E1920": set(codes)}


def test_added_up_is_missing_when_a_part_has_no_row():
    codes = hertfordshire()
    rows = rows_of(codes, [2010, 2011])
    rows = rows[~((rows["ecode"] == "E1937") & (rows["year"] == 2011))]
    places = county_areas.two_tier(members_of(codes), [2010, 2011])
    added, _ = wholes.added_up(rows, members_of(codes), places)
    assert list(added["amount"].isna()) == [False, True]


def test_a_body_that_had_ended_is_no_missing_part():
    codes = [council(n, y).ecode for n, y in
             (("Taunton Deane", 2018), ("West Somerset", 2018), ("E3336", 2019))]  # fmt: skip
    rows = rows_of(codes, [2018, 2019])
    places, lost = successors.on(members_of(codes), rows, 2021, leave_out=False)
    added, _ = wholes.added_up(rows, members_of(codes), places)
    assert lost.empty
    assert list(added["amount"]) == [2, 1]


def test_every_successor_is_reached_in_the_last_year():
    for code in set(successions()["predecessor"]):
        heirs = successors._heirs(code, 2023)
        assert heirs
        assert all(bodies()[h].last_year == 2023 or not bodies()[h].successors for h in heirs)


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(("edition", "scored"), [(2010, 326), (2015, 125)])
def test_the_printed_score_is_that_of_the_place(edition, scored):
    rows = load("deprivation", year=edition, domain="overall", item="average_score")
    printed = rows.assign(ecode=rows["ecode"].astype(str)).set_index("ecode")["value"]
    singles = [c for c in printed.index if bodies()[c].council_class != "SC"]
    score, cited = groups.deprivation(members_of(singles), edition)
    assert score.to_dict() == printed[singles].to_dict()
    assert len(singles) == scored
    assert len(cited) == 1


@pytest.mark.usefixtures("built")
def test_a_place_of_several_councils_has_a_score_only_through_its_county():
    county = tuple(c for c, b in bodies().items() if "E1920" in (c, b.county))
    score, _ = groups.deprivation({"E1920": county, "pair": ("E5017", "E5018")}, 2015)
    own, _ = groups.deprivation({"E1920": ("E1920",)}, 2015)
    assert score["E1920"] == own["E1920"]
    assert pd.isna(score["pair"])


def test_counting_says_first_and_last_where_it_changes():
    rows = pd.DataFrame({"ecode": list("abca"), "year": [1, 1, 1, 2]})
    labels = pd.Series(["x", "x", "y", "x"])
    assert groups.counted(rows, labels) == "x 2 places, 1 at the end; y 1 place"


def test_classes_are_grouped_under_their_names():
    rows = pd.DataFrame({"ecode": ["E5017"], "council_class": ["L"], "region": ["London"]})
    labels, cited = groups.groups("council_class", rows, {"E5017": ("E5017",)})
    assert list(labels) == [CLASSES["L"]]
    assert cited == {}


@pytest.mark.usefixtures("built")
def test_a_part_of_england_is_not_called_england():
    """A table of London alone, or councils of some regions, and the sum of all."""

    def named(taken):
        return set(taken.by("england", leave_out=True).frame["council"])

    crime = measure("london_crime", "offences")
    assert named(crime.between(crime.years[0], crime.years[0])) == {"England (London alone)"}
    core = measure("revenue_outturn", "core").between(2014, 2014)
    assert named(core.where(region=["London", "North East"])) == {"England (2 of 9 regions)"}
    assert named(core) == named(core.where(council_class=PRINCIPAL)) == {"England"}
    assert named(core.where(council_class=PRINCIPAL).two_tier()) == {"England"}


@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "bill",
    [
        lambda: measure("council_tax", "band_d"),
        lambda: measure("deprivation", year=2015, domain="overall", item="average_score"),
    ],
)
def test_a_bill_and_a_score_are_not_added_up(bill):
    with pytest.raises(NotComparable, match="to add up would mean nothing"):
        bill().two_tier()


@pytest.mark.usefixtures("built")
def test_a_requirement_is_added_up():
    required = measure("council_tax", "council_tax_requirement").between(2015, 2015).two_tier()
    assert len(required.frame) < 250


# ── what has no row ──────────────────────────────────────────────────────────────────────────────


def brought(codes, years, **words):
    rows = rows_of(codes, years)[["ecode", "year", "amount"]]
    return bring(rows, council="ecode", value="amount", unit="jobs", adds_up=True, **words)


def kin_of(*names):
    return [council(name, year).ecode for name, year in names]


BCP = kin_of(("Bournemouth", 2018), ("Poole", 2018), ("E06000058", 2019))
CHRISTCHURCH = kin_of(("Christchurch", 2018))


@pytest.mark.parametrize(
    "added", [lambda m: m.on(2021), lambda m: m.between(2018, 2019).two_tier()], ids=["on", "two"]
)
def test_an_area_of_which_a_council_never_had_a_row_is_missing(added):
    """Bournemouth and Poole without Christchurch are not what they were with it."""
    short = added(brought(BCP, [2018, 2019])).frame.set_index("year")["value"]
    assert short.isna().to_dict() == {2018: True, 2019: False}
    whole = added(brought([*BCP, *CHRISTCHURCH], [2018, 2019])).frame.set_index("year")["value"]
    assert whole.to_dict() == {2018: 3.0, 2019: 1.0}


def test_a_group_of_which_a_council_has_no_row_is_refused_or_named():
    london = [c for c in everyone([2014]) if bodies()[c].council_class == "L"]
    assert brought(london, [2014]).by("region").frame["value"].item() == len(london)
    short = brought(london[1:], [2014])
    with pytest.raises(NotComparable, match=f"1 council without a row.*{bodies()[london[0]].name}"):
        short.by("region")
    rest = short.by("region", leave_out=True)
    assert rest.frame["value"].item() == len(london) - 1
    assert list(rest.left_out["ecode"]) == london[:1]
    assert bodies()[london[0]].name in " ".join(rest.steps)


def test_what_was_chosen_is_all_that_is_expected():
    two = brought(["E5017", "E5018", "E3001"], [2014]).where(council=["E5017", "E5018"])
    assert two.by("england").frame["value"].item() == 2


def test_a_row_of_a_successor_stands_for_its_predecessors():
    """Publishers print old years on new boundaries."""
    rows = pd.DataFrame({"ecode": BCP[2], "year": [2017, 2018, 2019], "amount": 1.0})
    held = bring(rows, council="ecode", value="amount", unit="jobs", adds_up=True)
    assert held.on(2021).frame["value"].tolist() == [1, 1, 1]
    assert held.two_tier().frame["value"].tolist() == [1, 1, 1]


ADDED = {"on": lambda m: m.on(2021, leave_out=True), "two": lambda m: m.two_tier(),
         "on 2018": lambda m: m.between(2018, 2018).on(2018)}  # fmt: skip
GROUPED = ["england", "region", "council_class"]


@given(lost=st.integers(0, 10**6), verb=st.sampled_from([*ADDED, *GROUPED]))
@settings(max_examples=40, deadline=None)
def test_a_sum_without_one_of_its_rows_is_never_finite(lost, verb):
    """Whichever row is deleted, what it was part of is missing or refused, and nothing else."""
    rows = rows_of(everyone([2018, 2019]), [2018, 2019])[["ecode", "year", "amount"]]
    gone = rows.iloc[lost % len(rows)]
    held = bring(rows.drop(index=gone.name), council="ecode", value="amount", unit="jobs",
                 adds_up=True, nested=False)  # fmt: skip
    if verb in GROUPED:
        with pytest.raises(NotComparable, match="without a row"):
            held.by(verb)
        return
    added = ADDED[verb](held)
    homes = {place for place, parts in added.members.items() if gone["ecode"] in parts}
    found = added.frame[added.frame["ecode"].isin(homes) & (added.frame["year"] == gone["year"])]
    assert found["value"].isna().all()


def test_a_county_spread_over_districts_needs_both_rows():
    codes = hertfordshire()
    districts = pd.DataFrame({"county": "E1920", "ecode": codes[1:], "year": 2014, "share": 0.1})
    rows = pd.DataFrame([wholes.identity(c) for c in codes]).assign(
        year=2014, amount=1.0, people=float("nan")
    )
    assert county_areas.spread(rows, districts)["amount"].notna().all()
    short = county_areas.spread(rows.drop(index=3), districts).set_index("ecode")["amount"]
    assert list(short.index[short.isna()]) == [codes[3]]
    assert county_areas.spread(rows.drop(index=0), districts)["amount"].isna().all()
