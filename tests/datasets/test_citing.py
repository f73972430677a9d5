"""Cite a number: nothing that an editor asks for is missing, and every word is the table's own."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from coopstats import trace
from coopstats.cli.main import main
from coopstats.core import paths
from coopstats.datasets import citation, release
from coopstats.datasets.load import load
from coopstats.datasets.table import about

pytestmark = pytest.mark.usefixtures("built")


def cited(*words, **only):
    return trace(*words, **only).cite()


def test_a_number_with_its_publication_cell_licence_and_version():
    assert repr(cited("revenue_outturn", "Lambeth", 2014, "cultural")).splitlines() == [
        "Lambeth, 2014-15, cultural: 17,561,000 pounds, nominal (reported: a figure other than "
        "zero was printed).",
        "Definition: table revenue_outturn (Revenue outturn: spending and financing by council, "
        "year and line); whole pounds, nominal; printed in £ thousand; basis "
        "net_current_expenditure; cultural: printed as “Cultural and related services”.",
        "Source: MHCLG, Revenue Outturn Summary (RS), individual local authority data, 2014-15 "
        "(2 February 2016), 'RS LA Data 2014-15 (1)', M335; OGL-UK-3.0; "
        "https://www.gov.uk/government/collections/local-authority-revenue-expenditure-and-"
        "financing, our copy via github BBC-Data-Unit/council-cuts-charts; sha256 "
        "23bc7b4c70917579.",
        f"By: The coopstats contributors, coopstats: cuts and co-operatives in English councils, "
        f"version 0.1.0, tables {release.digest(['revenue_outturn'])}.",
    ]


def test_a_derived_number_says_how_and_lists_its_cells():
    told = repr(cited("revenue_outturn", "Lambeth", 2014, "core"))
    assert "How: Derived: total service expenditure less education" in told
    assert "T335, G335, P335, Q335, K335;" in told
    assert told.count("Source: ") == 1


def test_two_publications_are_two_sources():
    told = repr(cited("budget_against_outturn", "Lambeth", 2014, "cultural"))
    assert told.count("Source: ") == 2
    assert "How: Outturn less budget." in told


def test_an_item_has_the_dictionary_s_words():
    told = repr(cited("teenage_conceptions", "Lambeth", 2014, "conceptions"))
    assert "conceptions: conceptions of women under 18." in told


def test_a_corrected_number_says_so():
    told = repr(cited("children_spending", "Northumberland", 2011, "safeguarding",
                      basis="net_revenue_expenditure"))  # fmt: skip
    assert "(corrected: replaced by a recorded correction" in told
    assert "Correction: printed 996676313, now 9798179:" in told


def test_many_cells_are_counted_and_not_all_listed():
    counted = cited("libraries", "Kent", 2016, "branches_open")
    cells = len({step.cell for step in counted.steps})
    assert cells > citation.MOST
    assert f" and {cells - citation.MOST} more;" in repr(counted)


@pytest.mark.parametrize("table", ["revenue_outturn", "household_waste", "reserves"])
def test_every_line_has_a_definition(table):
    rows = load(table, year=2014, council="Lambeth")
    line = "item" if "item" in rows else "service"
    only = {"date": "31 March"} if table == "reserves" else {}
    for name in rows[line].astype(str).unique():
        words = citation.definition(trace(table, "Lambeth", 2014, name, **only).figure)
        assert words.partition(f"{name}: ")[2], name


def test_reference_managers_read_the_publication_and_the_program():
    number = cited("revenue_outturn", "Lambeth", 2014, "cultural")
    publication, program = json.loads(number.json())
    (source,) = {step.source["sha256"] for step in number.steps}
    assert publication["type"] == "dataset"
    assert publication["publisher"] == "MHCLG"
    assert publication["version"] == "2 February 2016"
    assert "M335" in publication["note"]
    assert source in publication["note"]
    assert program["type"] == "software"
    assert "17,561,000 pounds, nominal" in program["note"]
    assert program["id"] != publication["id"]


def test_the_digest_changes_when_a_row_does_and_only_then(monkeypatch):
    said = about("deflator")
    before = release.digest(["deflator"])
    assert release.digest(["deflator"]) == before
    said["fingerprint"][0]["digest"] = "0"
    monkeypatch.setattr("coopstats.datasets.release.about", lambda _: said)
    assert release.digest(["deflator"]) != before


def test_the_command_prints_text_or_csl():
    words = ["cite", "revenue_outturn", "-c", "Lambeth", "-y", "2014", "-s", "cultural"]
    text = CliRunner().invoke(main, words)
    said = repr(cited("revenue_outturn", "Lambeth", 2014, "cultural"))
    assert " ".join(text.stdout.split()) == " ".join(said.split())  # within the terminal's width
    csl = CliRunner().invoke(main, [*words, "--format", "csl"])
    assert [item["type"] for item in json.loads(csl.stdout)] == ["dataset", "software"]
    unknown = CliRunner().invoke(main, ["cite", "revenue_outturn", "-c", "Lambet", "-y", "2014"])
    assert unknown.exit_code == 1
    assert "Lambeth" in unknown.stderr


def test_the_program_is_cited_with_the_version_of_its_own_citation_file():
    text = (paths.PACKAGE.parent / "CITATION.cff").read_text("utf-8")
    assert re.search(r"^version: (.*)$", text, re.MULTILINE)[1] == release.version()
    assert re.search(r'- name: "(.*)"', text)[1] == release.AUTHORS
    assert release.TITLE in text
