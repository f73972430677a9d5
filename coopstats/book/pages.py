"""What each page says: from councils, pilots, claims and answers to the words of a template.

A page is text in a folder of the book, and the charts on it are files beside it; nothing here
writes. Text from data goes through the template's escaping.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from markupsafe import Markup

from coopstats.book import chart_list, councils, files, locator
from coopstats.book.question_pages import charts_of, module_name, page_name, title_of
from coopstats.charts import Chart
from coopstats.charts.layout import scene
from coopstats.charts.lint import look
from coopstats.charts.svg import svg
from coopstats.charts.text import x_words
from coopstats.core import paths
from coopstats.core.changelog import versions
from coopstats.core.sources import read_sources
from coopstats.datasets import doubt_words, overview, release
from coopstats.findings.answers import described_pilots, did_pilots_hold_up, what_services_did
from coopstats.findings.claims import claims
from coopstats.findings.verdicts import verdict
from coopstats.register.councils import CLASSES, Council, bodies
from coopstats.register.dates import day
from coopstats.register.members import memberships
from coopstats.register.pilots import Pilot, pilots
from coopstats.register.reader import table_of

LIGHT = ("svg", "csv", "json")
NARROW_KINDS = ("line",)  # the labels of bars and dots need the width
HEAVY = ("web.png", "square.png", "print.png", "pdf", "zip")
NAMES = {
    "svg": "SVG", "csv": "CSV", "json": "JSON", "web.png": "PNG", "square.png": "PNG square",
    "print.png": "PNG print", "pdf": "PDF", "zip": "all in one ZIP",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Page:
    """A page: where it is, its HTML, its charts' files, and what the lint finds in them."""

    path: str
    html: str
    files: dict[str, bytes] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    rows: list[chart_list.Row] = field(default_factory=list)  # its charts, for the list of all
    section: str = ""  # its part of the front page


@dataclass(frozen=True)
class Making:
    """How the book is made: an address for embeds, and whether pixels and PDF are made ahead."""

    base_url: str = ""
    pictures: bool = True


# ── templates ────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def _templates() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("coopstats.book"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, path: str, title: str, about: str = "", **words: Any) -> str:
    """A template filled; `root` leads from the page back to the book's first folder."""
    root = "../" * path.count("/")
    return _templates().get_template(template).render(
        title=title, about=about or title, root=root, names=NAMES, version=release.version(),
        **words,
    )  # fmt: skip


# ── charts on a page ─────────────────────────────────────────────────────────────────────────────


def figure(
    chart: Chart, making: Making, ahead: bool
) -> tuple[dict[str, Any], dict[str, bytes], list]:
    """What a template needs of a chart, its files, and its problems."""
    picture, problems = files.drawn(chart)
    made = files.light(chart, picture, making.base_url)
    heavy = ahead and making.pictures
    if heavy:
        made |= files.heavy(chart, picture, making.base_url)
    shown = {
        "slug": chart.slug, "title": chart.title, "picture": Markup(picture),
        "narrow": _narrow(chart), "files": [*LIGHT, *(HEAVY if heavy else ())],
        "rows": files.rows_of(chart), "citation": chart.citation, "licence": chart.licence,
    }  # fmt: skip
    named = {f"charts/{chart.slug}.{ending}": content for ending, content in made.items()}
    return shown, named, [f"{chart.slug}: {problem}" for problem in problems]


def _narrow(chart: Chart) -> Markup | str:
    """The same for a narrow column; nothing where it would not fit there."""
    if chart.kind not in NARROW_KINDS:
        return ""
    page = scene(chart, "narrow")
    if look(page):
        return ""
    return Markup(svg(page, name=f"{chart.slug}-narrow", title=chart.title, alt=chart.alt))


def _figures(
    made: Iterable[Chart], making: Making, ahead: bool
) -> tuple[list[dict[str, Any]], dict[str, bytes], tuple[str, ...]]:
    shown: list[dict[str, Any]] = []
    named: dict[str, bytes] = {}
    problems: list[str] = []
    for chart in made:
        one, own, wrong = figure(chart, making, ahead)
        shown.append(one)
        named |= own
        problems += wrong
    return shown, named, tuple(problems)


# ── councils ─────────────────────────────────────────────────────────────────────────────────────


@functools.cache
def of_articles() -> dict[str, str]:
    """The fifteen councils that the articles name, and as what."""
    rows = what_services_did.article_councils()
    return dict(zip(rows["ecode"], rows["role"], strict=True))


def council_page(ecode: str, making: Making) -> Page:
    """Everything that is held of one council."""
    body, path = bodies()[ecode], f"councils/{councils.page_of(ecode)}.html"
    made = councils.charts_of(ecode)
    shown, named, problems = _figures(made.values(), making, ecode in of_articles())
    html = render(
        "council.html", path, body.name,
        about=f"{body.name}: spending, cuts, reserves, council tax and outcomes, each traced.",
        kind=_upper(CLASSES[body.council_class]), region=body.region,
        of_article=of_articles().get(ecode, ""), links=_links(body), known=_known(body),
        records=_records(ecode),
        locator=locator.of(ecode), changes=councils.changes(ecode).to_dict("records"),
        noted=councils.changes_noted(ecode),
        charts=shown, doubts=_doubts(made), broken=councils.broken(ecode),
        missing=councils.missing(ecode),
    )  # fmt: skip
    return Page(path, html, named, problems, chart_list.rows_of(made.values(), path))


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _links(body: Council) -> list[dict[str, str]]:
    """To the county, to what it became, to what it was."""
    county = [body.county] if body.county else []
    related = [("Its county council: ", county), ("Became part of ", body.successors),
               ("Was before ", body.predecessors)]  # fmt: skip
    return [
        {"to": f"{councils.page_of(code)}.html", "words": f"{words}{bodies()[code].name}"}
        for words, codes in related
        for code in codes
        if code in {one.ecode for one in councils.councils()}
    ]


def _known(body: Council) -> list[tuple[str, str]]:
    """Codes, spellings and membership, in reading order."""
    written = {s.casefold(): s for s in reversed(body.spellings) if s != body.name}
    member = [f"{day(m.first_seen)} to {day(m.last_seen)}" for m in memberships(body.ecode)]
    facts = [
        ("codes", ", ".join(body.codes)),
        ("also written", "; ".join(sorted(written.values()))),
        ("seen in the network", "; ".join(member) or "never seen as a member"),
    ]
    return [(what, words) for what, words in facts if words]


def _records(ecode: str) -> list[dict[str, str]]:
    """Links to its pilots and to the claims that name it."""
    own = [{"to": f"../pilots/{p.slug}.html", "words": f"{p.name} ({p.level}, {p.start})"}
           for p in pilots() if p.ecode == ecode]  # fmt: skip
    named = [{"to": f"../claims/{c.claim.lower()}.html", "words": f"Claim {c.claim}: “{c.quote}”"}
             for c in claims() if ecode in c.councils]  # fmt: skip
    return [*own, *named]


def _doubts(made: dict[str, Chart]) -> list[dict[str, str]]:
    """Figures in doubt on the page's charts: chart, year, rule."""
    return [
        {"Chart": chart.subtitle.split(":")[0], "Line": getattr(row, "panel", ""),
         "Year": x_words(chart, row.x), "Rule": doubt_words.rules_in_words(row.doubt)}
        for chart in made.values()
        for row in chart.doubtful.itertuples()
    ]  # fmt: skip


# ── questions, pilots, claims ────────────────────────────────────────────────────────────────────


def question_page(question: ModuleType, making: Making) -> Page:
    """An answer and all of its charts."""
    path, made = f"questions/{page_name(question)}.html", charts_of(question)
    shown, named, problems = _figures(made, making, True)
    html = render(
        "question.html", path, title_of(question), charts=shown,
        answer=list(question.answer()), notebook=_notebook(question),
    )  # fmt: skip
    rows = chart_list.rows_of(made, path, question)
    return Page(path, html, named, problems, rows, section(question, making))


def _notebook(question: ModuleType) -> str:
    """The notebook that shows a question: the one that imports its module."""
    from coopstats.findings import notebooks

    name, folder = module_name(question), paths.home() / "notebooks"
    every = notebooks.chosen() if folder.is_dir() else []
    found = [p.name for p in every if name in p.read_text(encoding="utf-8")]
    return found[0] if found else ""


def section(question: ModuleType, making: Making) -> str:
    """A question's part of the front page: its answer and its first chart."""
    first = charts_of(question)[:1]
    shown = [figure(chart, making, True)[0] for chart in first]
    return render(
        "section.html", "index.html", title_of(question), page=page_name(question),
        answer=list(question.answer()), charts=shown,
    )  # fmt: skip


def front_page(sections: Iterable[str]) -> Page:
    """The answers, each with its first chart, from the parts that `section` gave."""
    title = "Cuts and co-operatives in English councils"
    return Page("index.html", render("front.html", "index.html", title,
                                     sections=[Markup(part) for part in sections]))  # fmt: skip


def pilot_page(pilot: Pilot, making: Making) -> Page:
    """A pilot: what the comparison says, its charts, and what is on record."""
    path = f"pilots/{pilot.slug}.html"
    shown, named, problems = _figures(_charts_of_pilot(pilot.slug), making, True)
    html = render(
        "record.html", path, pilot.name, lead=_upper(pilot.came_to), charts=shown, verdict="",
        said=_pilot_sentences(pilot.slug), known=pilot.facts(), links=_council_links([pilot.ecode]),
    )  # fmt: skip
    return Page(path, html, named, problems, _rows_of_pilot(pilot.slug, path))


def _charts_of_pilot(slug: str) -> list[Chart]:
    every = charts_of(did_pilots_hold_up) + charts_of(described_pilots)
    return [one for one in every if one.slug.startswith(f"{slug}-")]


def _rows_of_pilot(slug: str, path: str) -> list[chart_list.Row]:
    """For the list of charts: a pilot's own, which are on no question's page."""
    every = chart_list.rows_of(charts_of(described_pilots), path, described_pilots)
    return [row for row in every if row.slug.startswith(f"{slug}-")]


def _pilot_sentences(slug: str) -> list[str]:
    if any(o.comparison for o in did_pilots_hold_up.of(slug)):
        return list(did_pilots_hold_up.sentences_on(slug))
    return list(described_pilots.sentences_on(slug)) if described_pilots.of(slug) else []


def _council_links(ecodes: Iterable[str]) -> list[dict[str, str]]:
    shown = {one.ecode for one in councils.councils()}
    return [{"to": f"../councils/{councils.page_of(code)}.html", "words": bodies()[code].name}
            for code in ecodes if code in shown]  # fmt: skip


def claim_page(claim: Any) -> Page:
    """A claim with its verdict and what it rests on."""
    path = f"claims/{claim.claim.lower()}.html"
    html = render(
        "record.html", path, f"Claim {claim.claim}", about=f"“{claim.quote}”",
        lead=f"“{claim.quote}”", charts=[], known=claim.facts(), verdict=claim.verdict,
        said=_verdict_sentences(claim.claim),
        links=_council_links(claim.councils),
    )  # fmt: skip
    return Page(path, html)


def _verdict_sentences(name: str) -> list[str]:
    found = verdict(name)
    return [found.evidence, f"How sure: {found.confidence}.",
            *([f"What would change it: {found.change}."] if found.change else [])]  # fmt: skip


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


class Row(tuple):
    """Cells of a list, and where the first one leads."""

    to = ""


def _rows(listed: Iterable[tuple[str, tuple[str, ...]]]) -> list[Row]:
    made = []
    for to, cells in listed:
        row = Row(cells)
        row.to = to
        made.append(row)
    return made


def lists() -> list[Page]:
    """The pages that list: councils, pilots, claims, tables and sources, errata."""
    return [_councils(), _pilots(), _claims(), _tables(), _errata()]


def _councils() -> Page:
    shown = [
        {"page": councils.page_of(b.ecode), "name": b.name, "kind": CLASSES[b.council_class],
         "words": " ".join(dict.fromkeys([b.name, *b.spellings, *b.codes, b.ecode, b.region]))}
        for b in councils.councils()
    ]  # fmt: skip
    return Page("councils.html", render("councils.html", "councils.html", "Find a council",
                                        councils=shown))  # fmt: skip


def _pilots() -> Page:
    listed = [(f"pilots/{p.slug}.html", (p.name, p.council or p.scope, p.level, str(p.start)))
              for p in pilots()]  # fmt: skip
    html = render("listing.html", "pilots.html", "Pilots and programmes", rows=_rows(listed),
                  heads=("Pilot", "Council", "How far it went", "Start"), lead="")  # fmt: skip
    return Page("pilots.html", html)


def _claims() -> Page:
    listed = [(f"claims/{c.claim.lower()}.html", (c.claim, f"“{c.quote}”", c.verdict))
              for c in claims()]  # fmt: skip
    html = render("listing.html", "claims.html", "Claims of the articles", rows=_rows(listed),
                  heads=("Claim", "Quote", "Verdict"), lead="")  # fmt: skip
    return Page("claims.html", html)


def _tables() -> Page:
    breaks = table_of("breaks").fillna("")[["table", "service", "first_year", "grade", "sentence"]]
    sources = [
        {"Publication": s.title, "Publisher": s.publisher, "Licence": s.licence,
         "Vintage": s.vintage, "File": s.file}
        for s in read_sources().values()
    ]  # fmt: skip
    html = render(
        "tables.html", "tables.html", "Tables and sources", sources=sources,
        tables=overview.tables().fillna("").to_dict("records"), breaks=breaks.to_dict("records"),
    )  # fmt: skip
    return Page("tables.html", html)


HOW_TO_REPORT = (
    "A number looks wrong? `coopstats cite` gives the figure, its publication and its cell: open "
    "the publication and look at that cell.",
    "Then open an issue of the project with that output, what the cell shows, and what you "
    "expected and why.",
    "A number is never changed quietly: whatever changes is listed here with the reason.",
)


def _errata() -> Page:
    corrections = table_of("corrections").fillna("").to_dict("records")
    entries = [f"{one.name}: {entry}" for one in versions() for entry in one.entries]
    html = render("errata.html", "errata.html", "Errata", paragraphs=HOW_TO_REPORT,
                  corrections=corrections, changes=entries)  # fmt: skip
    return Page("errata.html", html)
