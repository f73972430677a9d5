from __future__ import annotations

import csv
import itertools
import json
import subprocess
import sys
from dataclasses import replace
from math import hypot, sqrt
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coopstats import charts
from coopstats.charts import bins, colours, fonts, hexes, plot, scales
from coopstats.charts.layout import SIZES, scene
from coopstats.charts.lint import look
from coopstats.charts.numbers import write
from coopstats.charts.png import SETTINGS, drawn
from coopstats.charts.scene import Dot, Line, Shape, Text
from coopstats.core.errors import ContractBroken, CoopstatsError, UnknownName

# Made-up shapes: no number in this file is a council's.
WORDS = {
    "slug": "made-up",
    "title": "Lambeth fell and York rose",
    "subtitle": "Made-up spending, £ per person, 2010-11 to 2012-13",
    "unit": "£ per person",
    "number": "gbp_per_head",
    "sources": ["A made-up return, 2010-11 to 2012-13"],
    "notes": ["In 2019-20 prices", "Divided by residents"],
}
PER_CENT = {**WORDS, "unit": "per cent change", "number": "per_cent"}
MONTHS = {**WORDS, "unit": "months", "number": "month"}
COUNCILS = ["Lambeth", "York", "Oldham", "Barnet", "Bexley", "Brent"]


def journeys(names=COUNCILS, years=(2010, 2011, 2012)):
    rows = [
        (name, year, 500.0 + 70 * i - 20 * j * (i + 1))
        for i, name in enumerate(names)
        for j, year in enumerate(years)
    ]
    return pd.DataFrame(rows, columns=["council", "year", "value"])


def changes(values=(-41.0, 3.5, -12.0, -25.0, -8.0, -30.0)):
    return pd.DataFrame({"council": COUNCILS[: len(values)], "value": values})


def honeycomb(side=6):
    cells = list(itertools.product(range(side), range(side)))
    frame = pd.DataFrame(cells, columns=["q", "r"])
    frame["council"] = [f"Place {q}-{r}" for q, r in cells]
    frame["region"] = ["north" if r >= side // 2 else "south" for _, r in cells]
    frame["value"] = np.linspace(-38, 4, len(frame))
    return frame


def spells():
    return pd.DataFrame(
        {
            "council": ["Barnet", "Oldham", "Oldham", "Redbridge"],
            "start": [2011.5, 2012.25, 2019.0, 2014.0],
            "until": [2015.75, 2013.5, 2020.5, 2014.0],
            "low": [2010.0, 2012.25, 2019.0, 2012.0],
            "high": [2019.0, 2013.5, 2020.5, 2014.0],
        }
    )


def one_of_each():
    return {
        "line": charts.line(journeys(), highlight=["Lambeth", "York"], **WORDS),
        "bar": charts.bar(changes(), highlight=["York"], **PER_CENT),
        "dot": charts.dot(changes(), highlight=["York"], **PER_CENT),
        "scatter": charts.scatter(
            changes().assign(score=range(6)), x="score", x_title="Score", **PER_CENT
        ),
        "hex": charts.hex_map(honeycomb(), **PER_CENT),
        "timeline": charts.timeline(spells(), low="low", high="high", **MONTHS),
    }


EACH = one_of_each()
KINDS = pytest.mark.parametrize("kind", list(EACH))


def of(kind, page):
    return [item for item in page.items if isinstance(item, kind)]


def bar_of(page, name):
    return next(s for s in of(Shape, page) if s.name.startswith(f"{name}:"))


# The text form


@KINDS
def test_a_number_that_moves_by_a_tenth_changes_the_text_form(kind):
    chart = EACH[kind]
    moved = chart.frame.copy()
    moved.loc[2, "y"] += 0.1 if kind != "line" else 1
    assert repr(replace(chart, frame=moved)) != repr(chart)


@KINDS
def test_the_text_form_carries_words_and_every_number(kind):
    chart = EACH[kind]
    told = " ".join(repr(chart).split())
    for part in (chart.title, chart.subtitle, chart.sources[0], "In 2019-20 prices."):
        assert part in told
    for value in chart.frame["y"]:
        printed = (f"{abs(value):.1f}", f"£{value:,.0f}", write(value, chart.number))
        assert any(words in told for words in printed)


def test_nbval_would_fail_on_a_moved_bar():
    # nbval compares text/plain for equality and skips image/png.
    before, after = (charts.bar(changes((-41.0, y)), **PER_CENT) for y in (3.5, 3.6))
    stored, run = (chart._repr_mimebundle_()[0] for chart in (before, after))
    assert set(stored) == {"text/plain", "image/png"}
    assert stored["text/plain"] != run["text/plain"]
    again = charts.bar(changes((-41.0, 3.5)), **PER_CENT)._repr_mimebundle_()[0]
    assert stored["text/plain"] == again["text/plain"]


def test_a_missing_number_is_said_not_left_out():
    chart = charts.bar(changes((-41.0, float("nan"), -3.0)), **PER_CENT)
    assert "York no figure" in repr(chart)
    assert "No figure for York." in chart.alt
    page = scene(chart)
    assert "no figure" in [text.words for text in page.texts]
    assert not [s for s in of(Shape, page) if s.name.startswith("York")]


@pytest.mark.parametrize(
    ("value", "number", "printed"),
    [
        (2010, "year", "2010-11"),
        (1999, "year", "1999-00"),
        (-32.4, "per_cent", "−32%"),
        (-0.2, "per_cent", "−0.2%"),
        (1_234.5, "gbp_per_head", "£1,234"),
        (540_000, "gbp", "£540,000"),
        (999_600, "gbp", "£1.00m"),
        (-45_600_000, "gbp", "−£45.6m"),
        (2_345_000_000, "gbp", "£2.35bn"),
        (12_345, "count", "12,345"),
        (float("nan"), "count", "no figure"),
    ],
)
def test_numbers_print_as_readers_expect(value, number, printed):
    assert write(value, number) == printed


def test_a_loss_rounded_to_nothing_has_no_minus():
    assert write(-0.2, "per_cent", places=0) == "0%"


# Identity


def test_identity_changes_with_numbers_and_not_with_words():
    chart = EACH["bar"]
    assert replace(chart, title="Other words", notes=("Other",)).identity == chart.identity
    moved = chart.frame.assign(y=chart.frame["y"] + 1e-6)
    assert replace(chart, frame=moved).identity != chart.identity
    assert replace(chart, unit="per cent of something else").identity != chart.identity


def test_identity_does_not_hang_on_the_last_bit():
    chart = EACH["bar"]
    nudged = chart.frame.assign(y=np.nextafter(chart.frame["y"], 99))
    assert replace(chart, frame=nudged).identity == chart.identity


def test_a_chart_and_the_frame_it_was_made_from_leave_each_other_alone():
    frame = pd.DataFrame({"series": ["Lambeth", "York"], "y": [-41, 3]}, index=[7, 8])
    chart = charts.Chart(kind="bar", frame=frame, **PER_CENT)
    assert frame["y"].dtype == "int64"
    frame.loc[7, "y"] = 99
    assert chart.frame["y"].tolist() == [-41, 3]


# Refusals


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"slug": "../x"}, "slug"),
        ({"title": " "}, "title"),
        ({"kind": "pie"}, "pie"),
        ({"number": "pounds"}, "pounds"),
        ({"highlight": ["Lambth"]}, "Lambeth"),
        ({"bins": [3, 1]}, "bins"),
        ({"frame": pd.DataFrame({"series": ["a"]})}, "'y'"),
        ({"frame": pd.DataFrame({"series": ["a"], "y": ["3"]})}, "text"),
        ({"frame": pd.DataFrame({"series": ["a"], "y": [np.inf]})}, "infinite"),
        ({"frame": pd.DataFrame({"series": ["a"], "y": [np.nan]})}, "no number"),
        ({"frame": pd.DataFrame({"series": ["a", "a"], "y": [1, 2]})}, "two rows"),
        ({"frame": pd.DataFrame({"series": ["", "a"], "y": [1, 2]})}, "no 'series'"),
        (
            {"frame": pd.DataFrame({"series": ["a"], "y": [1], "low": [2], "high": [1]})},
            "'low' is above 'high'",
        ),
    ],
)
def test_a_chart_that_cannot_be_is_refused_in_one_sentence(change, says):
    parts = {**PER_CENT, "kind": "bar", "frame": EACH["bar"].frame, **change}
    if "frame" in change:
        parts["highlight"] = []
    with pytest.raises(CoopstatsError) as refusal:
        charts.Chart(**parts)
    assert says in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_column_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(ContractBroken, match=r"'vale'.*'value'"):
        charts.bar(changes(), y="vale", **PER_CENT)


def test_an_unknown_size_is_refused():
    with pytest.raises(UnknownName, match="web, square, print"):
        scene(EACH["bar"], "huge")


# Files


def test_the_same_chart_gives_the_same_bytes(tmp_path):
    for folder in ("one", "two"):
        one_of_each()["hex"].save(tmp_path / folder, sizes=["square"])
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_save_writes_five_files_and_says_where(tmp_path):
    paths = EACH["bar"].save(tmp_path)
    assert sorted(paths) == ["csv", "json", "png", "svg", "txt"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in paths.values())
    words = paths["txt"].read_text(encoding="utf-8")
    for part in ("Alt text: Bar chart", "Source: A made-up", "Note: ", "Licence: ", "Cite as: "):
        assert part in words
    told = json.loads(paths["json"].read_text(encoding="utf-8"))
    assert told["identity"] == EACH["bar"].identity
    assert told["columns"] == {"series": "council", "y": "value"}


@pytest.mark.parametrize("fails_at", [0, 2, 4])
def test_a_failed_write_leaves_the_old_files_whole(tmp_path, monkeypatch, fails_at):
    EACH["bar"].save(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    calls, real = itertools.count(), Path.write_bytes

    def full_disk(self, content):
        if next(calls) == fails_at:
            real(self, content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        return real(self, content)

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space"):
        charts.bar(changes((-1.0, -2.0)), **PER_CENT).save(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_files_are_put_in_place_whole_and_never_written_over(tmp_path):
    path = EACH["bar"].save(tmp_path / "book")["csv"]
    held = tmp_path / "held.csv"
    held.hardlink_to(path)
    before = held.read_bytes()
    charts.bar(changes((-1.0, -2.0)), **PER_CENT).save(tmp_path / "book")
    assert held.read_bytes() == before
    assert path.read_bytes() != before


def test_csv_keeps_numbers_as_numbers_and_disarms_formulas(tmp_path):
    frame = pd.DataFrame(
        {"council": ["=SUM(A1)", "@x", "+1", "Fine, Town"], "value": [-1.5, 2, 3, 4]}
    )
    path = charts.bar(frame, sort=False, **PER_CENT).save(tmp_path)["csv"]
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines))
    assert rows == [
        ["council", "value"],
        ["'=SUM(A1)", "-1.5"],
        ["'@x", "2"],
        ["'+1", "3"],
        ["Fine, Town", "4"],
    ]


def test_svg_is_sound_xml_whatever_a_council_is_called():
    name = '<script>alert("x")</script> & \x07'
    chart = charts.bar(pd.DataFrame({"council": [name], "value": [3.0]}), **PER_CENT)
    root = ElementTree.fromstring(chart.svg())
    assert "script" not in {element.tag.split("}")[1] for element in root.iter()}
    assert root.get("role") == "img"
    named = {child.get("id"): child.text for child in root}
    assert named["made-up-title"] == chart.title


@KINDS
@pytest.mark.parametrize("size", list(SIZES))
def test_png_has_the_promised_pixels(kind, size):
    from io import BytesIO

    from PIL import Image

    picture = Image.open(BytesIO(EACH[kind].png(size)))
    promised = {"web": 1200, "square": 1080, "print": 2480}
    assert picture.size[0] == promised[size]
    if size != "web":
        assert picture.size[1] == {"square": 1080, "print": 1748}[size]


def test_charts_are_imported_and_written_as_svg_without_matplotlib():
    asked = (
        "import sys, pandas as pd; from coopstats import charts;"
        "c = charts.bar(pd.DataFrame({'council': ['a'], 'value': [1.0]}), slug='a', title='A',"
        "subtitle='s', unit='u', sources=['x']); c.svg(); repr(c); charts.lint(c);"
        "print('matplotlib' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


# Colour


def test_a_council_has_the_colour_of_the_register():
    assert colours.assign(["Lambeth", "Redbridge"]) == {
        "Lambeth": colours.own_colours()["lambeth"],
        "Redbridge": colours.own_colours()["redbridge"],
    }


def test_two_councils_of_one_colour_part_the_same_way_in_any_order():
    own = colours.own_colours()
    assert own["lambeth"] == own["newcastle upon tyne"]
    answers = [
        dict(sorted(colours.assign(order).items()))
        for order in itertools.permutations(["Newcastle upon Tyne", "Lambeth", "Oldham"])
    ]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["Lambeth"] == own["lambeth"]
    assert len(set(answers[0].values())) == 3


def test_the_register_of_colours_holds_the_fifteen_councils_and_only_palette_hues():
    assert len(colours.own_colours()) == 30
    assert set(colours.own_colours().values()) == set(colours.PALETTE)


@pytest.mark.parametrize("colour", [*colours.PALETTE, colours.GREY_TEXT, colours.INK])
def test_coloured_words_can_be_read_on_white(colour):
    assert colours.contrast(colour, colours.WHITE) >= 4.5


# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SEEN_BY = {
    "full colour": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


def lab(colour, eye):
    srgb = np.array(colours.channels(colour))
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    seen = np.clip(np.array(SEEN_BY[eye]) @ linear, 0, 1)
    xyz = np.array(to_xyz) @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", list(SEEN_BY))
def test_hues_stay_apart_for_every_eye(eye):
    pairs = itertools.combinations([*colours.PALETTE, colours.CONTEXT], 2)
    near = [
        (one, other) for one, other in pairs if np.linalg.norm(lab(one, eye) - lab(other, eye)) < 24
    ]
    assert near == []


@pytest.mark.parametrize("eye", list(SEEN_BY))
@pytest.mark.parametrize("ramp", [colours.FALLS, colours.RISES, colours.SINGLE])
def test_shades_of_a_map_darken_step_by_step_for_every_eye(eye, ramp):
    light = [lab(shade, eye)[0] for shade in ramp]
    assert all(a - b > 6 for a, b in itertools.pairwise(light))


def test_what_is_not_highlighted_is_grey():
    page = scene(EACH["bar"])
    assert bar_of(page, "York").fill == colours.own_colours()["york"]
    assert bar_of(page, "Barnet").fill == colours.CONTEXT
    lines = {line.name: line.colour for line in of(Line, scene(EACH["line"])) if line.name}
    assert lines["Oldham"] == colours.CONTEXT
    assert lines["Lambeth"] == colours.own_colours()["lambeth"]


def test_grey_lines_without_a_name_are_explained():
    names = [f"Borough {i}" for i in range(12)] + ["Lambeth"]
    words = {**WORDS, "context": "twelve other boroughs"}
    page = scene(charts.line(journeys(names), highlight=["Lambeth"], **words))
    said = [text.words for text in page.texts]
    assert "Grey: twelve other boroughs" in said
    assert not [words for words in said if words.startswith("Borough")]


# Bars, dots and lines


def test_bars_are_as_long_as_their_numbers_and_start_at_zero():
    page = scene(charts.bar(changes((-40.0, 20.0, -10.0)), **PER_CENT))
    ends = {n: sorted({x for x, _ in bar_of(page, n).points}) for n in COUNCILS[:3]}
    zero = ends["York"][0]
    assert ends["Lambeth"][1] == pytest.approx(zero)
    assert ends["Oldham"][1] == pytest.approx(zero)
    unit = (ends["York"][1] - zero) / 20
    assert zero - ends["Lambeth"][0] == pytest.approx(40 * unit)
    assert zero - ends["Oldham"][0] == pytest.approx(10 * unit)


def test_bars_start_at_zero_when_all_numbers_are_large():
    page = scene(charts.bar(changes((98.0, 99.0)), **PER_CENT))
    long, short = (
        max(x for x, _ in bar_of(page, n).points) - min(x for x, _ in bar_of(page, n).points)
        for n in ("York", "Lambeth")
    )
    assert long / short == pytest.approx(99 / 98)


def test_numbers_of_negative_bars_stand_left_of_the_bar():
    page = scene(charts.bar(changes((-40.0, -20.0)), **PER_CENT))
    number = next(text for text in page.texts if text.words == "−40%")
    assert number.box.right <= min(x for x, _ in bar_of(page, "Lambeth").points)


def strokes(chart):
    return len([line for line in of(Line, scene(chart)) if line.colour != colours.FAINT])


def test_uncertainty_is_drawn_on_bars_dots_and_lines():
    ranged = changes((-40.0, 20.0)).assign(least=[-45.0, 15.0], most=[-30.0, 22.0])
    for make in (charts.bar, charts.dot):
        plain = strokes(make(ranged, **PER_CENT))
        chart = make(ranged, low="least", high="most", **PER_CENT)
        assert strokes(chart) == plain + 6  # a whisker and its two ends, twice
        assert "(−45.0% to −30.0%)" in repr(chart)
    band = journeys(["Lambeth"]).assign(least=400.0, most=600.0)
    shapes = of(Shape, scene(charts.line(band, low="least", high="most", **WORDS)))
    assert [shape.opacity < 1 for shape in shapes] == [True]


def test_a_line_is_not_drawn_over_a_gap():
    frame = journeys(["Lambeth"], years=range(2010, 2017))
    frame.loc[3, "value"] = np.nan
    chart = charts.line(frame, **WORDS)
    pieces = [line for line in of(Line, scene(chart)) if line.name == "Lambeth"]
    assert [len(piece.points) for piece in pieces] == [3, 3]
    assert "No figure for Lambeth in 2013-14." in chart.alt


def test_a_line_is_not_drawn_from_one_piece_to_the_next():
    frame = journeys(["Lambeth"], years=range(2010, 2017))
    frame = frame.assign(piece=[1] * 3 + [2] * 4, least=frame["value"] - 1, most=frame["value"] + 1)
    page = scene(charts.line(frame, low="least", high="most", **WORDS))
    drawn = [line for line in of(Line, page) if line.name == "Lambeth"]
    assert [len(line.points) for line in drawn] == [3, 4]
    assert len(of(Shape, page)) == 2


def test_panels_without_a_year_in_common_have_axes_of_their_own():
    before = journeys(["Lambeth"], years=(2008, 2009, 2010)).assign(panel="before")
    after = journeys(["Lambeth"], years=(2014, 2015, 2016)).assign(panel="after")
    page = scene(charts.line(pd.concat([before, after]), panel="panel", **WORDS))
    left, right = ([x for x, _ in line.points] for line in of(Line, page) if line.name == "Lambeth")
    assert max(left) - min(left) == pytest.approx(max(right) - min(right), abs=4)
    said = [text.words for text in of(Text, page)]
    assert said.count("2008-09") == 1
    assert said.count("2014-15") == 1


def test_an_axis_without_zero_says_so_and_one_with_zero_does_not():
    far = journeys(["Lambeth"]).assign(value=[100.0, 97.0, 95.0])
    note = "The vertical axis does not start at zero."
    seen = " ".join(text.words for text in scene(charts.line(far, **WORDS)).texts)
    assert note in seen
    near = far.assign(value=[100.0, 60.0, 40.0])
    seen = " ".join(text.words for text in scene(charts.line(near, **WORDS)).texts)
    assert note not in seen


def test_a_zero_line_is_drawn_where_numbers_cross_it():
    crossing = journeys(["Lambeth"]).assign(value=[-5.0, 1.0, 5.0])
    page = scene(charts.line(crossing, **PER_CENT))
    zero = next(text for text in page.texts if text.words == "0%")
    level = [line for line in of(Line, page) if line.colour == colours.AXIS and line.width > 1]
    assert len(level) == 1
    assert abs(level[0].points[0][1] - zero.y) < 8


def test_small_multiples_share_one_scale():
    frame = journeys(["Lambeth"])
    both = pd.concat([frame.assign(part="a"), frame.assign(part="b", value=frame["value"] * 2)])
    page = scene(charts.line(both, panel="part", **WORDS))
    ticks = [text.words for text in page.texts if text.words.startswith("£")]
    assert ticks[: len(ticks) // 2] == ticks[len(ticks) // 2 :]
    lines = [line for line in of(Line, page) if line.name == "Lambeth"]
    rises = [abs(line.points[0][1] - line.points[-1][1]) for line in lines]
    assert rises[1] == pytest.approx(2 * rises[0])


@given(
    st.lists(st.tuples(st.floats(0, 300), st.floats(5, 40)), min_size=1, max_size=7),
)
def test_spread_keeps_order_and_room(blocks):
    places, heights = [p for p, _ in blocks], [h for _, h in blocks]
    moved = scales.spread(places, heights, 0, 300)
    order = sorted(range(len(blocks)), key=lambda i: (places[i], i))
    for above, below in itertools.pairwise(order):
        gap = moved[below] - moved[above] - (heights[above] + heights[below]) / 2
        assert gap >= -1e-6
    assert all(m - h / 2 >= -1e-6 for m, h in zip(moved, heights, strict=True))
    assert all(m + h / 2 <= 300 + 1e-6 for m, h in zip(moved, heights, strict=True))


def test_labels_with_room_stay_where_they_are():
    assert scales.spread([20, 100, 200], [10, 10, 10], 0, 300) == [20, 100, 200]


@given(st.floats(-1e9, 1e9), st.floats(1e-3, 1e9))
def test_ticks_hold_the_numbers(low, span):
    found = scales.ticks(low, low + span)
    slack = 1e-6 * span + 1e-9 * abs(low)
    assert found[0] <= low + slack
    assert found[-1] >= low + span - slack
    assert 2 <= len(found) <= 14


@pytest.mark.parametrize("values", [[5.0], [0.0, 0.0], [7.3, 7.3], [5.0, np.nan], [1e-9, 2e-9]])
def test_thin_numbers_are_drawn_all_the_same(values):
    frame = changes(values).assign(year=2010, score=1.0, q=range(len(values)), r=0)
    made = [
        charts.line(frame, **WORDS),
        charts.bar(frame, **WORDS),
        charts.dot(frame, **WORDS),
        charts.scatter(frame, x="score", x_title="Score", **WORDS),
        charts.hex_map(frame, **WORDS),
    ]
    assert [charts.lint(chart, tuple(SIZES)) for chart in made] == [[]] * 5


# The map


def test_a_timeline_draws_sure_thick_and_possible_thin():
    page = scene(EACH["timeline"])
    heights = {
        round(max(y for _, y in s.points) - min(y for _, y in s.points), 1)
        for s in of(Shape, page)
        if s.name.startswith("Barnet:")
    }
    assert len(heights) == 2
    assert [d.name for d in of(Dot, page)] == [
        "Redbridge: January 2014 to January 2014 (possibly January 2012 to January 2014)"
    ]
    assert sum(s.name.startswith("Oldham:") for s in of(Shape, page)) == 2


def test_a_timeline_says_what_is_possible_only_where_it_is_more():
    told = " ".join(repr(EACH["timeline"]).split())
    assert "Barnet July 2011 to October 2015 (possibly January 2010 to January 2019)" in told
    assert "Oldham April 2012 to July 2013 ·" in told


def test_a_timeline_of_many_names_drops_names_and_no_bar():
    rows = pd.DataFrame({"council": [f"Place {n}" for n in range(60)], "start": 2011.0,
                         "until": 2015.0})  # fmt: skip
    page = scene(charts.timeline(rows, **MONTHS), "square")
    assert look(page) == []
    assert len({s.name for s in of(Shape, page)}) == 60
    assert 10 < sum(t.words.startswith("Place") for t in page.texts) < 60


def test_a_timeline_needs_an_end():
    with pytest.raises(ContractBroken, match="'until'"):
        charts.timeline(spells().drop(columns="until"), **MONTHS)


KINDS_OF_COUNCIL = ("neither", "member", "pilot")


def of_kinds(kind=lambda i: i % 3):
    frame = honeycomb()
    return frame.assign(value=[float(kind(i)) for i in range(len(frame))])


def test_a_map_of_kinds_names_them_in_the_legend_and_the_words():
    chart = charts.hex_map(of_kinds(), bin_names=KINDS_OF_COUNCIL, highlight=["Place 1-1"],
                           **{**PER_CENT, "number": "count"})  # fmt: skip
    count = len(chart.frame)
    words = [t.words for t in scene(chart).texts]
    assert any(w.startswith("pilot (") for w in words)
    assert "Place 1-1" in words
    assert f"neither, {-(-count // 3)}" in repr(chart)
    assert "member, " in chart.alt
    assert "Place 0-1" in repr(chart)


def test_a_map_of_kinds_changes_its_words_when_a_council_changes_kind():
    one, other = (charts.hex_map(of_kinds(k), bin_names=KINDS_OF_COUNCIL, **PER_CENT)
                  for k in (lambda i: i % 3, lambda i: 1 if i == 2 else i % 3))  # fmt: skip
    assert repr(one) != repr(other)


def test_a_map_of_kinds_refuses_a_kind_it_has_no_name_for():
    with pytest.raises(ContractBroken, match="no place among its 2 kinds"):
        charts.hex_map(of_kinds(), bin_names=KINDS_OF_COUNCIL[:2], **PER_CENT)


def test_the_axis_of_a_narrow_dot_chart_has_both_its_ends():
    rows = pd.concat([changes((10.0, 90.0)).assign(panel=p) for p in ("one", "two", "three")])
    chart = charts.dot(rows, panel="panel", y_range=(0, 100), **PER_CENT)
    words = [t.words for t in scene(chart).texts]
    assert words.count("0%") == words.count("100%") == 3


def test_a_missing_number_leaves_a_dot_chart_its_width():
    full, gone = (scene(charts.dot(changes(v), y_range=(0, 100), **PER_CENT))
                  for v in ((10.0, 90.0), (10.0, 90.0, float("nan"))))  # fmt: skip

    def right(page):
        return max(d.x for d in of(Dot, page))

    assert right(gone) == pytest.approx(right(full), abs=30)


def test_hexagons_are_of_one_area_and_do_not_overlap():
    page = scene(EACH["hex"])
    cells = [shape for shape in of(Shape, page) if shape.name.startswith("Place")]
    assert len(cells) == 36
    areas = [area(shape.points) for shape in cells]
    assert areas == pytest.approx([areas[0]] * len(areas))
    wide = sqrt(areas[0] * 2 / sqrt(3))
    middles = [np.mean(shape.points, axis=0) for shape in cells]
    gaps = [hypot(*(a - b)) for a, b in itertools.combinations(middles, 2)]
    # Hexagons that touch have middles one width apart; none may be nearer.
    assert min(gaps) == pytest.approx(wide)


def area(points):
    pairs = zip(points, [*points[1:], points[0]], strict=True)
    return abs(sum(x * v - u * y for (x, y), (u, v) in pairs)) / 2


def test_north_is_up_and_odd_rows_stand_to_the_right():
    assert hexes.centre(0, 1)[1] < hexes.centre(0, 0)[1]
    assert hexes.centre(0, 1)[0] == hexes.centre(0, 0)[0] + 0.5
    assert hexes.centre(0, -1)[0] == 0.5


def test_a_border_is_drawn_where_regions_meet_and_nowhere_else():
    def borders(frame):
        return len(of(Line, scene(charts.hex_map(frame, **PER_CENT))))

    assert borders(honeycomb().assign(region="all")) == 0
    assert borders(honeycomb()) == 11  # two rows of six, half a cell apart


def test_the_legend_counts_every_council_once():
    frame = honeycomb()
    frame.loc[:2, "value"] = np.nan
    chart = charts.hex_map(frame, **PER_CENT)
    entries = bins.legend(chart)
    assert sum(count for *_, count in entries) == len(frame)
    assert entries[-1][1:] == ("no figure", 3)
    assert "No figure for Place 0-0, Place 0-1 and Place 0-2." in chart.alt


def test_falls_and_rises_part_at_zero():
    chart = charts.hex_map(honeycomb(), bins=(-40, -20, 0, 10), **PER_CENT)
    assert bins.shades(chart)[:2] == [colours.FALLS[-1], colours.FALLS[0]]
    assert bins.shades(chart)[2] in colours.RISES
    found = bins.bins(chart)
    assert [bins.bin_of(value, found) for value in (-40, -20.01, -20, 0, 10)] == [0, 0, 1, 2, 2]


def test_values_beyond_the_edges_open_the_outer_bins():
    chart = charts.hex_map(honeycomb(), bins=(-30, -10, 0), **PER_CENT)
    assert [words for _, words, _ in bins.legend(chart)] == [
        "below −30%",
        "−30% to −10%",
        "−10% to 0%",
        "0% or more",
    ]


def test_too_many_bins_are_refused():
    with pytest.raises(ContractBroken, match="give fewer edges"):
        charts.hex_map(honeycomb(), bins=range(-40, 5, 2), **PER_CENT).svg()


def test_names_on_a_map_keep_off_the_legend_and_the_page_edge():
    named = ["Place 0-5", "Place 0-4", "Place 5-5", "Place 5-0", "Place 2-3"]
    chart = charts.hex_map(honeycomb(), highlight=named, **PER_CENT)
    assert charts.lint(chart, tuple(SIZES)) == []


# The measuring of words


def test_the_table_of_widths_is_that_of_the_font_matplotlib_ships():
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font, LoadFlags

    for bold in (False, True):
        asked = font_manager.FontProperties(
            family=fonts.FAMILY, weight="bold" if bold else "normal"
        )
        font = FT2Font(font_manager.findfont(asked))
        assert font.units_per_EM == fonts.UNITS
        wrong = []
        for letter, widths in fonts._widths().items():
            glyph = font.load_char(ord(letter), flags=LoadFlags.NO_SCALE)
            if glyph.horiAdvance != widths[bold]:
                wrong.append((letter, glyph.horiAdvance, widths[bold]))
        assert wrong == []


@KINDS
def test_words_take_the_room_we_say_they_take(kind):
    page = scene(EACH[kind])
    with matplotlib.rc_context(SETTINGS):
        figure, canvas = drawn(page)
        renderer = canvas.get_renderer()
        artists = [artist for artist in figure.artists if hasattr(artist, "get_text")]
        extents = [artist.get_window_extent(renderer) for artist in artists]
    for text, extent in zip(page.texts, extents, strict=True):
        assert extent.width / page.scale == pytest.approx(text.box.width, rel=0.03, abs=1.5)


def test_wrapped_lines_fit_and_lose_no_word():
    words = "Redbridge and Lambeth both lost a third of what they spent on each resident"
    for wrap in (fonts.wrap, fonts.balanced):
        lines = wrap(words, 21, 400, bold=True)
        assert " ".join(lines) == words
        assert all(fonts.width(line, 21, True) <= 400 for line in lines)
    assert fonts.wrap("one two\N{NO-BREAK SPACE}three", 20, 90)[-1] == "two\N{NO-BREAK SPACE}three"


# The lint


@KINDS
def test_a_good_chart_passes_at_every_size(kind):
    assert charts.lint(EACH[kind], tuple(SIZES)) == []
    assert EACH[kind].check() is EACH[kind]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"subtitle": " "}, "no subtitle"),
        ({"unit": ""}, "no unit"),
        ({"sources": []}, "no source"),
        ({"alt": " "}, "no alt text"),
        ({"licence": ""}, "no licence"),
        ({"title": "one two three four five six seven eight nine ten a b c d e f"}, "16 words"),
        ({"y_range": (20.0, 60.0)}, "start at 20"),
        ({"highlight": COUNCILS[:5]}, "5 series"),
        ({"title": "Unpronounceable" * 8}, "runs off the page"),
    ],
)
def test_the_lint_bites(change, problem):
    chart = replace(EACH["bar"], **change)
    assert any(problem in found for found in charts.lint(chart))
    with pytest.raises(ContractBroken, match=problem) as refusal:
        chart.check()
    assert len(refusal.value.breaches) == len(charts.lint(chart))


def test_the_lint_sees_words_that_collide():
    page = scene(EACH["bar"])
    assert look(page) == []
    first = page.texts[0]
    page.add(replace(first, x=first.x + 5, y=first.y + 2, words="over it"))
    assert any("collide" in problem for problem in look(page))


def test_the_lint_sees_words_too_faint_to_read():
    page = scene(EACH["bar"])
    page.add(Text(300, page.height - 100, "pale", 12, colours.CONTEXT))
    assert any("contrast of 2" in problem for problem in look(page))


def test_marks_too_near_each_other_collide():
    chart = charts.line(journeys(), marks={2010: "The first long words", 2010.2: "Others"}, **WORDS)
    assert any("collide" in problem for problem in charts.lint(chart))


def test_many_rows_on_a_small_page_keep_the_names_that_matter():
    names = [f"Borough number {i}" for i in range(40)]
    frame = pd.DataFrame({"council": names, "value": np.linspace(-40, -5, 40)})
    chart = charts.bar(frame, highlight=[names[17]], **PER_CENT)
    assert charts.lint(chart, ("square",)) == []
    said = {text.words for text in scene(chart, "square").texts}
    assert {names[0], names[17], names[39]} <= said
    assert not set(names) <= said
    assert set(names) <= {text.words for text in scene(chart, "web").texts}
    assert len([s for s in of(Shape, scene(chart, "square")) if s.name]) == 40


def test_dots_of_a_scatter_name_the_highlighted_only():
    frame = changes().assign(score=[1.0, 2, 3, 4, 5, 6])
    chart = charts.scatter(frame, x="score", x_title="Score", highlight=["York"], **PER_CENT)
    page = scene(chart)
    said = [text.words for text in page.texts]
    assert "York" in said
    assert "Barnet" not in said
    assert len(of(Dot, page)) == 6
    assert plot.colour_of(chart)["Barnet"] == colours.CONTEXT
