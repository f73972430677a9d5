import functools

import numpy as np
import pandas as pd
import pytest

from coopstats.clean.contracts.contract import keep
from coopstats.clean.sheets.sheet import Sheet
from coopstats.clean.tables import councils
from coopstats.core.errors import ContractBroken, UnknownCouncil, UnreadableSource
from coopstats.core.sources import read_sources
from coopstats.register import reader


@functools.cache
def table():
    return keep(councils.promised(), councils.clean())


def body(ecode):
    return table().set_index("ecode").loc[ecode]


def test_every_body_of_the_register_has_one_row():
    assert list(table()["ecode"]) == sorted(reader.table_of("councils")["ecode"])


@pytest.mark.parametrize(
    ("ecode", "council", "year", "q", "r"),
    [
        ("E5017", "Lambeth", 2021, 10, 2),
        ("E5017", "Lambeth", 2023, 10, 2),
        ("E0701", "Hartlepool", 2021, 8, 19),
        ("E0701", "Hartlepool", 2023, 8, 18),
        ("E0702", "Middlesbrough", 2021, 9, 18),
        ("E0702", "Middlesbrough", 2023, 8, 17),
        ("E1203", "Dorset", 2021, -1, 0),
        ("E2901", "Northumberland", 2023, 4, 19),
    ],
)
def test_hexagons_stand_where_the_layout_puts_them(ecode, council, year, q, r):
    found = body(ecode)
    assert found["council"] == council
    assert (found[f"hex_{year}_q"], found[f"hex_{year}_r"]) == (q, r)


@pytest.mark.parametrize(("layout", "mapped"), [(2021, 309), (2023, 296)])
def test_a_layout_maps_every_lower_tier_council_of_its_year(layout, mapped):
    assert table()[f"hex_{layout}_q"].notna().sum() == mapped


def test_q_grows_eastwards_and_r_northwards():
    for layout in councils.LAYOUTS:
        middle = table().groupby("region", observed=True)[[f"hex_{layout}_q", f"hex_{layout}_r"]]
        q, r = (column for _, column in middle.mean().items())
        assert q["South West"] < q["South East"] < q["East of England"]
        assert r["South West"] < r["West Midlands"] < r["North West"] < r["North East"]


def test_what_a_body_became():
    assert body("E0920")["became"] == "Cumberland; Westmorland and Furness"
    assert body("E1221")["became"] == "Bournemouth, Christchurch and Poole; Dorset"
    assert body("E0832")["became"] == "Cornwall"
    assert pd.isna(body("E5017")["became"])


def test_codes_that_were_reissued_are_kept_beside_the_last():
    assert (body("E1937")["gss"], body("E1937")["former_gss"]) == ("E07000243", "E07000101")
    assert (body("E2901")["gss"], body("E2901")["former_gss"]) == ("E06000057", "E06000048")
    assert pd.isna(body("E5017")["former_gss"])


def test_a_misprinted_code_is_no_former_code():
    # the accounts print London region's code for the Greater London Authority
    assert body("E5100")["gss"] == "E61000001"
    assert pd.isna(body("E5100")["former_gss"])
    # and Northumberland county's for North Yorkshire
    assert pd.isna(body("E2721")["former_gss"])


def test_a_district_names_its_county():
    assert body("E1937")["county"] == "E1920"
    assert pd.isna(body("E5017")["county"])


def made(codes, names, headings=("code", "n", "q", "r", "region")):
    """A small hexJSON as transcribed; each code at q = its row, r = 5."""
    source = read_sources()["councils/2021"]
    text = np.full((len(codes) + 1, 5), None, dtype=object)
    text[0], text[1:, 0], text[1:, 1] = headings, codes, names
    number = np.full(text.shape, np.nan)
    number[1:, 2], number[1:, 3] = np.arange(len(codes)), 5
    return Sheet(source, "hex_2021.hexjson", 0, list(headings), number, text)


def test_a_small_layout_reads_as_it_should():
    codes, names = ["W06000001", "E09000022"], ["Isle of Anglesey", "Lambeth"]
    place = councils.hexagons(made(codes, names), 2021)
    assert place.to_dict("index") == {"E5017": {"hex_2021_q": 1, "hex_2021_r": 5}}


def test_a_hexagon_of_an_unknown_body_is_refused():
    with pytest.raises(UnknownCouncil, match="row 2: E09000099 'Lambeth'"):
        councils.hexagons(made(["E09000099"], ["Lambeth"]), 2021)


def test_a_hexagon_under_another_name_is_refused():
    with pytest.raises(UnknownCouncil, match="E09000022 'Lewisham'"):
        councils.hexagons(made(["E09000022"], ["Lewisham"]), 2021)


def test_two_hexagons_of_one_council_are_refused():
    with pytest.raises(UnreadableSource, match="E5017 stands in rows 2 and 3"):
        councils.hexagons(made(["E09000022"] * 2, ["Lambeth"] * 2), 2021)


def test_a_layout_without_places_is_refused():
    headings = ("code", "n", "x", "y", "region")
    with pytest.raises(UnreadableSource, match="none of the headings q is there"):
        councils.hexagons(made(["E09000022"], ["Lambeth"], headings), 2021)


def with_one(ecode, column, value):
    def spoil(frame):
        if isinstance(frame[column].dtype, pd.CategoricalDtype):
            frame[column] = frame[column].astype(object)
        frame.loc[frame["ecode"] == ecode, column] = value
        return frame

    return spoil


@pytest.mark.parametrize(
    ("sentence", "spoil"),
    [
        ("No body ends before it begins", with_one("E5017", "last_year", 2006)),
        ("A body that ended names what it became", with_one("E0920", "became", None)),
        ("A body that ended names what it became", with_one("E5017", "became", "Lewisham")),
        ("Shire districts name a shire county", with_one("E1937", "county", None)),
        ("Shire districts name a shire county", with_one("E1937", "county", "E5017")),
        ("Shire districts name a shire county", with_one("E5017", "county", "E1920")),
        ("Every council has an ONS code", with_one("E5017", "gss", None)),
        ("No two councils share a hexagon", lambda f: f.assign(hex_2021_q=f["hex_2021_q"] * 0)),
        ("Every district and single-tier council of 2021", with_one("E5017", "hex_2021_r", pd.NA)),
        ("Every district and single-tier council of 2023", with_one("E0920", "hex_2023_q", 40)),
        ("Every kind is one of those", with_one("E5017", "kind", "parish")),
        ("There is one row for each ecode", lambda f: pd.concat([f, f[:1]], ignore_index=True)),
        ("Years lie between", with_one("E5017", "first_year", 1066)),
    ],
)
def test_each_rule_of_the_contract_can_be_broken(sentence, spoil):
    spoilt = spoil(table().copy())
    kinds = {c: d for c, d in table().dtypes.items() if spoilt[c].dtype != d}
    spoilt = spoilt.astype({c: "category" if d == "category" else d for c, d in kinds.items()})
    with pytest.raises(ContractBroken, match=sentence):
        keep(councils.promised(), spoilt)
