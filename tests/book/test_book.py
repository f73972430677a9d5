"""The parts of the book: names, escaping, files, and a folder that is whole or as it was."""

import csv
import io
import json
import re
import zipfile

import pandas as pd
import pytest
from books import only, small_book
from click.testing import CliRunner

import coopstats as cs
from coopstats import charts
from coopstats.book import chart_list, councils, files, locator, pages, question_pages, site, topics
from coopstats.book.pages import Making
from coopstats.charts import layout
from coopstats.charts.text import note_line
from coopstats.cli import main
from coopstats.core.errors import BuildRunning, ContractBroken, CoopstatsError, UnknownName
from coopstats.core.years import financial_year
from coopstats.register.councils import bodies

PLAIN = Making(pictures=False)
NASTY = '<script>alert("x")</script> & =SUM(A1)'


@pytest.fixture
def nasty():
    rows = pd.DataFrame({"council": ["=1+1", NASTY], "year": [2010, 2010], "value": [1.0, 2.0]})
    more = rows.assign(year=2011, value=[2.0, 3.0])
    return charts.line(
        pd.concat([rows, more]), slug="nasty", title=f"A {NASTY}", subtitle="x", unit="things",
        sources=NASTY, highlight=NASTY,
    )  # fmt: skip


@pytest.fixture
def few(built):
    """Two councils of the book."""
    both = [bodies()[cs.council(name).ecode] for name in ("Lambeth", "Stevenage")]
    with only(both):
        yield both


@pytest.fixture
def quick(monkeypatch):
    """Only the councils' tasks: questions take a minute."""
    every = site.tasks
    monkeypatch.setattr(site, "tasks", lambda: [t for t in every() if t.kind == "councils"])
    monkeypatch.setattr(question_pages, "answered", tuple)
    monkeypatch.setattr(pages, "lists", lambda: [pages._councils()])


# ── escaping ─────────────────────────────────────────────────────────────────────────────────────


def test_text_from_data_is_escaped_for_html_svg_and_csv(nasty):
    picture, _ = files.drawn(nasty)
    shown, _, _ = pages.figure(nasty, PLAIN, ahead=False)
    page = pages.render(
        "record.html", "pilots/x.html", NASTY, lead=NASTY, said=[NASTY], charts=[shown],
        verdict=NASTY, known=[(NASTY, NASTY)], links=[{"to": "x", "words": NASTY}],
    )  # fmt: skip
    for text in (picture, page, files.embed(nasty, picture)):
        assert "<script" not in text.lower()
    rows = list(csv.reader(io.StringIO(files.light(nasty, picture)["csv"].decode())))
    assert rows[1][0] == "'=1+1"
    assert json.loads(files.light(nasty, picture)["json"])["title"] == nasty.title


def test_any_name_makes_a_safe_file_name():
    assert councils.slug(NASTY) == "script-alert-x-script-sum-a1"
    assert councils.slug("../../etc") == "etc"
    assert councils.slug("日本") == "unnamed"
    names = [councils.page_of(body.ecode) for body in councils.councils()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in names)


# ── one chart as files ───────────────────────────────────────────────────────────────────────────


def test_a_chart_is_the_same_by_slug_in_python_and_on_the_page(built):
    one = cs.chart("lambeth-core")
    assert one.identity == councils.chart(cs.council("Lambeth").ecode, "core").identity


def test_a_slug_that_is_none_names_the_nearest(built):
    with pytest.raises(UnknownName, match="Did you mean 'lambeth-core'"):
        cs.chart("lambeth-cores")
    with pytest.raises(UnknownName, match="not a service of a shire district"):
        cs.chart("stevenage-youth")


def test_an_embed_stands_by_itself_or_points_to_an_address(built):
    one = cs.chart("lambeth-core")
    own = files.embed(one, one.svg())
    assert own.count("<figure") == 1
    assert "<svg" in own
    assert "<script" not in own
    outside = re.findall(r'(?:src|href)="([^"]+)"', own)
    assert outside == []
    there = files.embed(one, one.svg(), "https://example.org/book/")
    assert 'src="https://example.org/book/charts/lambeth-core.svg"' in there
    assert "<svg" not in there


def test_a_zip_has_everything_and_the_same_bytes_twice(built):
    one = cs.chart("lambeth-core")
    first, second = (files.export(one, "zip")[1] for _ in range(2))
    assert first == second
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    wanted = ["svg", "csv", "json", "embed.html", "web.png", "square.png", "print.png", "pdf"]
    assert set(names) == {"README.txt", *(f"lambeth-core.{ending}" for ending in wanted)}
    readme = zipfile.ZipFile(io.BytesIO(first)).read("README.txt").decode()
    assert one.citation in readme
    assert all(name in readme for name in names if name != "README.txt")


@pytest.mark.parametrize(
    ("layout", "start"),
    [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("csv", b"series,"), ("json", b"{"),
     ("html", b"<figure"), ("zip", b"PK")],
)  # fmt: skip
def test_the_command_writes_a_chart_in_every_form(built, tmp_path, layout, start):
    words = ["chart", "export", "lambeth-core", "--format", layout, "--out", str(tmp_path)]
    done = CliRunner().invoke(main.main, words)
    assert done.exit_code == 0, done.stderr
    found = (tmp_path / f"lambeth-core.{layout}").read_bytes()
    assert found.startswith(start) or layout == "csv"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lambeth-cor"], "Did you mean 'lambeth-core'"),
        (["lambeth-core", "--format", "pgn"], "Did you mean 'png'"),
        (["lambeth-core", "--size", "sqare"], "Did you mean 'square'"),
    ],
)
def test_a_mistyped_word_is_one_sentence(built, tmp_path, words, said):
    done = CliRunner().invoke(main.main, ["chart", "export", *words, "--out", str(tmp_path)])
    assert done.exit_code == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_command_lists_and_shows(built):
    listed = CliRunner().invoke(main.main, ["chart", "list", "lambeth", "core", "--format", "csv"])
    assert "lambeth-core" in listed.stdout
    assert "oldham-core" not in listed.stdout
    shown = CliRunner().invoke(main.main, ["chart", "show", "lambeth-core"])
    assert "Cite as: coopstats" in shown.stdout


# ── what a page says ─────────────────────────────────────────────────────────────────────────────


def notes_of(chart):
    """The note line as drawn."""
    return note_line(chart, layout.drawn_notes(chart))


def test_a_figure_in_doubt_is_marked_on_the_chart_the_page_and_in_the_csv(built):
    """Lambeth's youth spending of 2017-18 is a printed nought."""
    code = cs.council("Lambeth").ecode
    one = councils.chart(code, "youth")
    assert set(one.doubtful["x"]) >= {2017.0, 2018.0}
    picture, _ = files.drawn(one)
    assert picture.count('fill="#FFFFFF" stroke=') >= 2
    assert "hollow marks are figures in doubt" in notes_of(one).casefold()
    rows = list(csv.DictReader(io.StringIO(files.light(one, picture)["csv"].decode())))
    assert [r["doubt"] for r in rows if r["year"] == "2017" and r["series"] == "Lambeth"] != [""]
    html = pages.council_page(code, PLAIN).html
    assert "Figures in doubt" in html
    assert "2017-18" in html


def test_a_figure_in_the_wrong_unit_is_marked_on_the_chart_and_told_in_plain_words(built):
    """Rother's unallocated reserves of 2023-24 are £2,000."""
    code = cs.council("Rother").ecode
    one = councils.chart(code, "reserves")
    assert list(one.doubtful["x"]) == [2023]
    assert one.doubtful["doubt"].item().endswith("probably printed in the wrong unit")
    assert "A hollow mark is a figure in doubt (Rother in 2023-24)" in notes_of(one)
    assert one.title.endswith("in 2022-23")  # no title ends at a figure in doubt
    assert "probably printed in the wrong unit" in pages.council_page(code, PLAIN).html


def test_a_percentage_on_a_figure_in_doubt_fails_the_lint():
    rows = pd.DataFrame({"council": ["A", "B"], "value": [-10.0, 5.0], "doubt": ["jump", ""]})
    one = charts.bar(rows, slug="x", title="x", subtitle="x", unit="per cent", number="per_cent",
                     sources="x")  # fmt: skip
    assert "A percentage on a figure in doubt: A (jump)." in charts.lint(one)
    sound = charts.bar(rows.assign(doubt=""), slug="x", title="x", subtitle="x", unit="per cent",
                       number="per_cent", sources="x")  # fmt: skip
    assert charts.lint(sound) == []


def test_no_percentage_is_given_on_a_figure_in_doubt_or_below_nothing(built):
    assert councils._per_cent(0, 5) == councils._per_cent(-3, 5) == councils._per_cent(3, -5) == "–"
    assert councils._per_cent(10, 5) == "−50%"
    for name in ("Lambeth", "Oldham", "Stevenage"):
        rows = councils.changes(cs.council(name).ecode)
        assert (rows.loc[rows["In doubt"] != "", "Change"] == "–").all()


def test_a_council_that_is_gone_says_what_is_missing(built):
    page = pages.council_page(cs.council("Allerdale").ecode, PLAIN).html
    assert "What is not here" in page
    assert "Became part of Cumberland" in page


def test_a_council_is_found_on_the_map_and_a_county_by_its_districts(built):
    assert "Lambeth on a map" in locator.of(cs.council("Lambeth").ecode)
    assert locator.of(cs.council("Hertfordshire").ecode).count("Z") == 309 + 10


def test_every_principal_council_has_a_page(built):
    codes = {body.ecode for body in councils.councils()}
    assert len(codes) > 350
    now = cs.councils(2010)
    principal = now[now["council_class"].isin(["L", "MD", "UA", "SC", "SD"])]
    assert set(principal["ecode"]) <= codes


def test_identity_changes_with_a_number_and_not_with_a_doubt():
    rows = pd.DataFrame({"council": "A", "year": [2010, 2011], "value": [1.0, 2.0]})
    made = [charts.line(r, slug="x", title="x", subtitle="x", unit="x") for r in
            (rows, rows.assign(doubt=["", "jump"]), rows.assign(value=[1.0, 2.1]))]  # fmt: skip
    assert made[0].identity == made[1].identity != made[2].identity


# ── the folder ───────────────────────────────────────────────────────────────────────────────────


def seen(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_book_with_nothing_changed_is_not_made_again(few, quick, tmp_path):
    out = tmp_path / "book"
    first = site.make(out, PLAIN, workers=1)
    before = seen(out)
    again = site.make(out, PLAIN, workers=1)
    assert first.anew > again.anew
    assert again.charts == first.charts > 10
    assert {n: c for n, c in seen(out).items() if n.name != site.STATE} == {
        n: c for n, c in before.items() if n.name != site.STATE
    }


def test_only_the_page_of_a_number_that_changed_is_made_again(few, quick, tmp_path, monkeypatch):
    out = tmp_path / "book"
    site.make(out, PLAIN, workers=1)
    made = []
    page = pages.council_page
    monkeypatch.setattr(pages, "council_page", lambda c, m: made.append(c) or page(c, m))
    every, code = topics.numbers("conceptions"), cs.council("Stevenage").ecode
    rows = {**every.rows, code: every.rows[code].assign(value=every.rows[code]["value"] + 1)}
    moved = type(every)(**{**vars(every), "rows": rows})
    numbers = topics.numbers
    for module in (topics, councils):
        monkeypatch.setattr(
            module, "numbers", lambda t: moved if t == "conceptions" else numbers(t)
        )
    site.make(out, PLAIN, workers=1)
    assert made == [code]


def test_a_maker_that_fails_leaves_the_old_book(few, quick, tmp_path, monkeypatch):
    out = tmp_path / "book"
    site.make(out, PLAIN, workers=1)
    before = seen(out)
    monkeypatch.setattr(site.kept, "code", lambda: "another")

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pages, "council_page", fails)
    with pytest.raises(OSError, match="No space"):
        site.make(out, PLAIN, workers=1)
    assert seen(out) == before
    assert [p.name for p in tmp_path.iterdir()] == ["book"]


def test_pages_of_councils_that_are_gone_disappear(few, quick, tmp_path):
    out = tmp_path / "book"
    site.make(out, PLAIN, workers=1)
    with only(few[:1]):
        site.make(out, PLAIN, workers=1)
    assert [p.name for p in (out / "councils").iterdir()] == ["lambeth.html"]
    assert not list((out / "charts").glob("stevenage-*"))


def test_nothing_but_a_book_is_replaced(few, quick, tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CoopstatsError, match="not a book of this project"):
        site.make(tmp_path, PLAIN, workers=1)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_second_of_two_makers_is_told(few, quick, tmp_path):
    out = tmp_path / "book"
    with site._alone(out), pytest.raises(BuildRunning, match="Another process"):
        site.make(out, PLAIN, workers=1)


def test_a_chart_that_is_not_fit_to_print_stops_the_book(few, quick, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "words", lambda chart: ["It has no title."])
    with pytest.raises(ContractBroken, match=r"lambeth-\w+: It has no title"):
        site.make(tmp_path / "book", PLAIN, workers=1)


@pytest.mark.slow
def test_the_book_has_a_page_for_each_question_pilot_and_claim(built_once):
    out = small_book(built_once)
    assert len(list((out / "questions").iterdir())) == len(question_pages.answered())
    assert len(list((out / "pilots").iterdir())) == len(cs.pilots())
    assert len(list((out / "claims").iterdir())) == len(cs.claims()) == 26
    front = (out / "index.html").read_text(encoding="utf-8")
    for question in question_pages.answered():
        assert question_pages.title_of(question) in front.replace("&#39;", "'")


def test_the_committed_list_has_what_the_pages_show(built_once):
    """Of every page of the small book: its charts' titles, units, digests and who makes them."""
    state = json.loads((small_book(built_once) / site.STATE).read_text(encoding="utf-8"))
    shown = {row[0]: chart_list.Row(*row) for page in state.values() for row in page["rows"]}
    assert len(shown) > 300
    known = chart_list.read()
    assert {slug: known.get(slug) for slug in shown} == shown


@pytest.mark.parametrize("name", ["Islington", "Lambeth", "Stevenage", "Buckinghamshire"])
def test_the_services_that_cost_less_are_counted_from_sound_figures_of_a_year_that_is_said(
    name, built
):
    """Islington's highways went from −£5 in 2007-08 to −£28, both of them in doubt."""
    code = cs.council(name).ecode if name != "Buckinghamshire" else cs.council(name, 2023).ecode
    chart = councils.services_chart(code)
    ends = councils._service_ends(code)
    base = min(own["year"].min() for own in ends.values())
    assert base == max(2009, chart.frame["x"].min())
    sound = [own for own in ends.values() if (own["doubt"] == "").all()]
    fell = sum(own["value"].iloc[-1] < own["value"].iloc[0] for own in sound)
    year = financial_year(int(base))
    assert chart.title.startswith(
        f"{name}: {fell} of {len(sound)} services cost less than in {year}"
    )
    counted = "The title does not count" in chart.notes[0]
    assert counted is (len(sound) < len(ends))
    assert charts.lint(chart) == []
