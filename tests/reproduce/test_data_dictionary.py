"""The data dictionary says all that contracts promise; links in documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from coopstats.clean.build import build
from coopstats.register import reader
from coopstats.reproduce import documents

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def dictionary():
    return documents.data_dictionary()


def section(dictionary, table):
    _, _, after = dictionary.partition(f"\n## {table}\n")
    return after.partition("\n## ")[0]


@pytest.mark.parametrize("table", build.TABLES)
def test_every_column_has_its_meaning(dictionary, table):
    promised = build.module(table).promised()
    told = section(dictionary, table)
    for name, column in promised.columns.items():
        assert f"| `{name}` |" in told
        assert column.description
        assert column.description.replace("|", "\\|") in told


@pytest.mark.parametrize("table", build.TABLES)
def test_every_rule_is_told_in_its_own_words(dictionary, table):
    promised = build.module(table).promised()
    rules = [c.error for c in promised.checks]
    rules += [c.error for column in promised.columns.values() for c in column.checks]
    assert rules
    for rule in rules:
        assert re.fullmatch(r"[A-Z`].*\.", rule), "a rule is a sentence"
        assert f"- {rule}" in section(dictionary, table)


@pytest.mark.parametrize("table", build.TABLES)
def test_key_and_unit_are_told(dictionary, table):
    promised = build.module(table).promised()
    told = section(dictionary, table)
    assert all(f"`{name}`" in told.partition("Key: ")[2] for name in promised.metadata["key"])
    assert promised.metadata.get("unit", "") in told


def test_every_printed_heading_stands_behind_its_name(dictionary):
    lines = reader.table_of("lines")
    money = lines[~lines["kind"].isin(["identity", "not_money"])]
    told = dictionary.partition("\n## Lines\n")[2]
    for row in money.itertuples():
        assert row.heading.replace("|", "\\|") in told


def test_a_page_that_is_old_or_missing_is_found(tmp_path, monkeypatch):
    pages = {"docs/page.md": "What the code says.\n"}
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    monkeypatch.setattr(documents, "pages", lambda: pages)
    assert documents.stale() == ["docs/page.md"]
    assert documents.write() == ["docs/page.md"]
    assert documents.stale() == []
    (tmp_path / "docs" / "page.md").write_text("What it said before.\n", encoding="utf-8")
    assert documents.stale() == ["docs/page.md"]


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", h.lower()).strip().replace(" ", "-") for h in headings]
    return {*plain, *re.findall(r'<a (?:id|name)="([^"]+)"', page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    lost = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and anchor not in anchors(there)):
            lost.append(link)
    assert lost == []


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_shown_is_a_command(page):
    from coopstats.cli.main import main

    shown = re.findall(r"(?:^|`)coopstats ([a-z_]+)\b(?! is\b)", page.read_text("utf-8"), re.M)
    assert set(shown) <= set(main.commands) | {"all"}
