"""Every chart of the answers shows what is noted of its numbers: doubts and changes of meaning.

Doubts are planted, in every year of every line, for the councils of the articles, so that no chart
of theirs can be right by luck; this needs a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

CHARTS = """
import json, sys
from coopstats.charts import caveats
from coopstats.charts.save import csv_text, words_text
from coopstats.measures import doubts
from coopstats.register import breaks
from coopstats.register.reader import table_of

listed = table_of("article_councils")
codes = set(listed["ecode"])
def planted(rows):
    if "ecode" not in rows:
        return {}
    pairs = zip(rows["ecode"].astype(str), rows["year"], strict=True)
    return {(code, int(year)): "jump" for code, year in pairs if code in codes}
doubts.of_rows = planted

from coopstats.findings.answers import (
    feared_lines, how_deep, described_pilots, what_services_did)

of_all = [b for _, b in breaks._recorded() if b.grade == "noted" and not b.ecode]
changed = {b.sentence for b in of_all if not b.same}
names = set(listed["council"])
places = {how_deep.place_of(name, how_deep.places()) for name in names}
names |= places | {how_deep._named(n, how_deep.place_of(n, how_deep.places())) for n in names}

def resting(chart):
    own = chart.frame["series"].isin(names)
    if "panel" in chart.frame:
        own |= chart.frame["panel"].isin(names) & (chart.frame["series"] == what_services_did.OWN)
    if chart.kind == "hex":  # a hexagon of a district is its county's
        own &= chart.frame["series"].isin(listed["council"])
    return chart.frame[own & chart.frame["y"].notna()]

told, drawn = [], set()
for question in (how_deep, feared_lines, what_services_did, described_pilots):
    for make in question.CHARTS:
        one = make()
        rows = resting(one)
        head = f"{one.title} {one.subtitle}".casefold()
        svg = one.svg() if len(rows) and one.kind not in drawn else ""  # one of each kind
        drawn |= {one.kind} if svg else set()
        told.append({
            "slug": one.slug, "kind": one.kind, "rests": len(rows),
            "unmarked": int((~rows.index.isin(one.doubtful.index)).sum()),
            "hollow": svg.count('fill="#FFFFFF" stroke=') if svg else len(rows),
            "wrote": "doubt" in csv_text(one),
            "said": "in doubt" in words_text(one) and "hollow" in words_text(one).casefold(),
            "crosses": any(s in note for note in one.notes for s in changed),
            "shown": bool(caveats.breaks_noted(one)) or caveats.LIKE_FOR_LIKE in head,
            "unlike": caveats.crosses_a_break(one),
        })
json.dump(told, sys.stdout)
"""


@pytest.fixture(scope="module")
def told(built_once):
    env = {**os.environ, "COOPSTATS_HOME": str(built_once)}
    made = subprocess.run(
        [sys.executable, "-c", CHARTS], capture_output=True, text=True, check=False, env=env
    )
    assert made.returncode == 0, made.stderr[-2000:]
    return json.loads(made.stdout)


def test_every_number_that_rests_on_a_figure_in_doubt_is_drawn_hollow_and_said(told):
    resting = [one for one in told if one["rests"]]
    assert {one["kind"] for one in resting} >= {"line", "dot", "scatter", "hex"}
    assert len(resting) > 35
    assert [one["slug"] for one in resting if one["unmarked"]] == []
    assert [one["slug"] for one in resting if not (one["said"] and one["wrote"])] == []
    assert [one["slug"] for one in resting if one["hollow"] < one["rests"]] == []


def test_every_chart_that_crosses_a_noted_break_shows_it(told):
    crossing = [one for one in told if one["crosses"]]
    assert len(crossing) > 25
    assert [one["slug"] for one in crossing if not one["shown"]] == []
    assert [one["slug"] for one in told if one["unlike"]] == []
