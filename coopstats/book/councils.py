"""What a council's pages show: each topic measured once for all councils, then cut by council."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from coopstats import charts
from coopstats.charts.numbers import listed, write
from coopstats.core.years import financial_year
from coopstats.datasets import doubt_words
from coopstats.findings.answers import what_services_did
from coopstats.measures.choosing import PRINCIPAL
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.measures.prices import last_year
from coopstats.register import breaks
from coopstats.register.councils import CLASSES, Council, bodies

PRICES, BASE, SINCE = 2019, 2009, 2010
UPPER = ("L", "MD", "UA", "SC")
LOWER = ("L", "MD", "UA", "SD")
SERVICES = {
    "highways": "Highways",
    "cultural": "Culture",
    "environmental": "Environment",
    "planning": "Planning",
    "housing": "Housing",
}
OUTCOMES = ("conceptions", "low-income", "claimants", "income", "libraries", "recycling",
            "fly-tipping", "council-homes")  # fmt: skip


NOT_LIKE, DASH = "†", "–"  # crosses a noted break; no percentage can be given


@dataclass(frozen=True)
class Topic:
    """One chart of a council: `title` in a few words, how numbers print, which classes have it."""

    slug: str
    title: str
    number: str
    make: Callable[[], Measure]
    classes: tuple[str, ...] = PRINCIPAL
    scale: float = 1.0


def _money(table: str, line: str, first: int = 2007, **only: str) -> Measure:
    """A line in 2019-20 prices per person, in the years that can be set side by side."""
    taken = _real(table, line, first, **only)
    return taken.per_head(leave_out=True) if taken.adds_up else taken


def _real(table: str, line: str, first: int = 2007, **only: str) -> Measure:
    taken = measure(table, line, **only)
    kinds = sorted({*PRINCIPAL} & set(taken.amounts["council_class"]))
    held_years = max(first, taken.years[0]), min(taken.years[-1], last_year())
    return taken.where(council_class=kinds).between(*held_years).real(PRICES)


def _outcome(slug: str) -> Topic:
    shown = what_services_did.outcome(slug)
    return Topic(slug, shown.title, shown.number, functools.partial(what_services_did.series, slug),
                 scale=100.0 if shown.share else 1.0)  # fmt: skip


@functools.cache
def topics() -> dict[str, Topic]:
    """Every topic by name, in the order of a page."""
    listed = [
        Topic("core", "Core spending", "gbp_per_head",
              lambda: _money("revenue_outturn", "core")),
        Topic("social-care", "Social care", "gbp_per_head",
              lambda: _money("revenue_outturn", "social_care"), UPPER),
        Topic("reserves", "Unallocated reserves", "gbp_per_head",
              lambda: _money("reserves", "unallocated", date="31 March")),
        Topic("council-tax", "Band D council tax", "gbp_per_head",
              lambda: _money("council_tax", "band_d_excluding_parishes"), LOWER),
        Topic("youth", "Youth spending", "gbp_per_head",
              lambda: _money("children_spending", "youth", 2011), UPPER),
        Topic("library-budget", "Library budget", "gbp_per_head",
              lambda: _money("revenue_budget", "libraries"), UPPER),
        *map(_outcome, OUTCOMES),
    ]  # fmt: skip
    return {topic.slug: topic for topic in listed}


# ── which councils ───────────────────────────────────────────────────────────────────────────────


@functools.cache
def councils() -> tuple[Council, ...]:
    """Every principal council that was one in 2010-11 or began later, by name."""
    found = [b for b in bodies().values() if b.council_class in PRINCIPAL and b.last_year >= SINCE]
    return tuple(sorted(found, key=lambda b: (b.name, b.ecode)))


@functools.cache
def by_slug() -> dict[str, Council]:
    """Page name → council."""
    return {page_of(body.ecode): body for body in councils()}


@functools.cache
def _pages() -> dict[str, str]:
    names = [slug(body.name) for body in councils()]
    return {
        body.ecode: name if names.count(name) == 1 else f"{name}-{body.ecode.lower()}"
        for body, name in zip(councils(), names, strict=True)
    }


def page_of(ecode: str) -> str:
    """The name of a council's page: its own name, with its code where two share one."""
    return _pages()[ecode]


def slug(text: str) -> str:
    """Words as a file's name: only a-z, 0-9 and hyphens, whatever the words are."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "unnamed"


# ── one topic, all councils ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Held:
    """One topic of all councils: rows by E-code (year, value, doubt, break), medians by class.

    `line` is its table and line, as the register of breaks names them.
    """

    line: tuple[str, str | None]
    rows: dict[str, pd.DataFrame]
    medians: dict[str, pd.DataFrame]
    unit: str
    calendar: bool
    sources: tuple[str, ...]
    steps: tuple[str, ...]

    def not_like(self, ecode: str, first: int, last: int) -> list[breaks.Break]:
        """The noted breaks of a council's line between two years."""
        return breaks.crossed(*self.line, first, last, "noted", {breaks.EVERY_COUNCIL, ecode})


@functools.cache
def held(topic: str) -> Held:
    """A topic's numbers, measured once."""
    one = topics()[topic]
    return _cut(one.make(), one.scale)


def _cut(taken: Measure, scale: float = 1.0) -> Held:
    frame = taken.frame.dropna(subset="value")
    frame["value"] *= scale
    frame = frame.assign(**{name: "" for name in ("break", "doubt") if name not in frame})
    middle = frame.groupby(["council_class", "year"], as_index=False)["value"].median()
    began = {year: breaks.beginning(taken.table, taken.service, year) for year in taken.years[1:]}
    middle = middle.assign(**{"break": middle["year"].map(began).fillna("")})
    kept = ["year", "value", "doubt", "break"]
    return Held(
        (taken.table, taken.service),
        {str(code): part[kept] for code, part in frame.groupby("ecode")},
        {
            str(kind): part[["year", "value", "break"]]
            for kind, part in middle.groupby("council_class")
        },
        "per cent" if scale == 100 else taken.unit,
        taken.calendar,
        taken.sources,
        taken.steps,
    )


@functools.cache
def totals() -> Held:
    """Core spending in pounds, for councils whose people are not held in all years."""
    return _cut(_real("revenue_outturn", "core"))


@functools.cache
def services() -> dict[str, Held]:
    """The services of the summary accounts, each as a topic."""
    return {line: _cut(_money("revenue_outturn", line)) for line in SERVICES}


ALIKE = {"core": "core", "social_care": "social-care"}  # lines with a like-for-like figure: topics


@functools.cache
def alike(line: str) -> Held:
    """A line like for like in the years of the table of changes, without what moved into it."""
    taken = measure("revenue_outturn", line)
    kinds = sorted({*PRINCIPAL} & set(taken.amounts["council_class"]))
    chosen = taken.where(council_class=kinds).between(SINCE, PRICES).like_for_like()
    return _cut(chosen.real(PRICES).per_head(leave_out=True))


# ── charts of one council ────────────────────────────────────────────────────────────────────────


def chart(ecode: str, topic: str) -> charts.Chart | None:
    """One topic of one council beside the median of its class; None where it has no figure."""
    body, one, every = bodies()[ecode], topics()[topic], held(topic)
    own = every.rows.get(ecode)
    if own is None or body.council_class not in one.classes or len(own) < 2:
        return None
    median = f"Median {CLASSES[body.council_class]}"
    middle = every.medians[body.council_class]
    middle = middle[middle["year"].between(own["year"].min(), own["year"].max())]
    rows = pd.concat([middle.assign(series=median, doubt=""), own.assign(series=body.name)])
    return charts.line(
        rows,
        series="series",
        slug=f"{page_of(ecode)}-{topic}",
        title=_title(ecode, one, own, every),
        subtitle=f"{one.title}: {every.unit}, {_span(own, every.calendar)}",
        unit=every.unit,
        number=one.number,
        x_number="calendar" if every.calendar else "year",
        highlight=body.name,
        sources=every.sources,
        notes=(*_twin(ecode, topic), *_of_one(every.steps)),
    )


def _twin(ecode: str, topic: str) -> tuple[str, ...]:
    """The change as printed and like for like, where both can be given."""
    lines = [line for line, of_topic in ALIKE.items() if of_topic == topic]
    if not lines:
        return ()
    printed, own = _moved(held(topic), ecode), _moved(alike(lines[0]), ecode)
    if DASH in (printed, own):
        return ()
    span = f"{financial_year(SINCE)} to {financial_year(PRICES)}"
    moved = [b for b in held(topic).not_like(ecode, SINCE, PRICES) if b.moves]
    return (
        f"From {span} the change is {printed} as printed and {own} without what joined the line "
        f"{breaks.not_like(moved)}.",
    )


OF_MANY = ("Left out", "Only ")  # steps about other councils


def _of_one(steps: tuple[str, ...]) -> tuple[str, ...]:
    """The steps that a reader of one council's chart needs."""
    return tuple(s for s in steps if not s.startswith(OF_MANY) and "of single councils" not in s)


def total_chart(ecode: str) -> charts.Chart | None:
    """Core spending in pounds of a council that has no figure per person."""
    body, every = bodies()[ecode], totals()
    own = every.rows.get(ecode)
    if own is None or len(own) < 2:
        return None
    one = Topic("core-total", "Core spending", "gbp", lambda: _real("revenue_outturn", "core"))
    return charts.line(
        own.assign(series=body.name),
        series="series",
        slug=f"{page_of(ecode)}-core-total",
        title=_title(ecode, one, own, every),
        subtitle=f"Core spending: {every.unit}, {_span(own, every.calendar)}",
        unit=every.unit,
        number="gbp",
        highlight=body.name,
        sources=every.sources,
        notes=(*_of_one(every.steps), "No people of this area are held in all years."),
    )


def _title(ecode: str, one: Topic, own: pd.DataFrame, every: Held) -> str:
    """The first and the last figure that are not in doubt."""
    what = f"{bodies()[ecode].name}: {one.title[:1].lower()}{one.title[1:]}"
    sound = _sound(own)
    if len(sound) < 2:
        return f"{what}, with figures in doubt"
    first, last = sound.iloc[0], sound.iloc[-1]
    from_, to = (write(row["value"], one.number) for row in (first, last))
    unlike = breaks.not_like(every.not_like(ecode, int(first["year"]), int(last["year"])))
    if unlike and list(own["year"].iloc[[0, -1]]) == [first["year"], last["year"]]:
        return f"{what} {from_}, then {to} (not like for like)"
    years = [_named(row["year"], every.calendar) for row in (first, last)]
    return f"{what} {from_} in {years[0]}, {to} in {years[1]}"


def _sound(own: pd.DataFrame) -> pd.DataFrame:
    """The rows whose figure is not in doubt."""
    return own[own["doubt"] == ""]


def _named(year: float, calendar: bool) -> str:
    return str(int(year)) if calendar else financial_year(year)


def _span(own: pd.DataFrame, calendar: bool) -> str:
    return f"{_named(own['year'].min(), calendar)} to {_named(own['year'].max(), calendar)}"


def services_chart(ecode: str) -> charts.Chart | None:
    """Each service of the summary accounts beside the median of its class, small multiples."""
    body, parts = bodies()[ecode], []
    median = f"Median {CLASSES[body.council_class]}"
    for line, every in services().items():
        own = every.rows.get(ecode)
        if own is None or len(own) < 2:
            continue
        middle = every.medians[body.council_class]
        middle = middle[middle["year"].isin(own["year"])].assign(series=median, doubt="")
        parts += [middle.assign(panel=SERVICES[line]),
                  own.assign(series=body.name, panel=SERVICES[line])]  # fmt: skip
    if not parts:
        return None
    first = services()["cultural"]
    rows = pd.concat(parts, ignore_index=True)
    return charts.line(
        rows,
        series="series",
        panel="panel",
        slug=f"{page_of(ecode)}-services",
        title=_services_title(ecode),
        subtitle=f"Spending by service: {first.unit}, {_span(rows, False)}",
        unit=first.unit,
        number="gbp_per_head",
        highlight=body.name,
        context=f"the {median[:1].lower()}{median[1:]}",
        sources=first.sources,
        notes=(*_uncounted(ecode), *_of_one(first.steps)),
    )


def _services_title(ecode: str) -> str:
    """How many services cost less at the end than in the base year, of those not in doubt."""
    ends, name = _service_ends(ecode), bodies()[ecode].name
    sound = {line: own for line, own in ends.items() if len(_sound(own)) == 2}
    if not sound:
        return f"{name}: spending by service"
    base, last = (int(next(iter(sound.values()))["year"].iloc[n]) for n in (0, -1))
    fell = sum(bool(own["value"].iloc[-1] < own["value"].iloc[0]) for own in sound.values())
    crossed = [b for line in sound for b in services()[line].not_like(ecode, base, last)]
    apart = " (not like for like)" if breaks.not_like(crossed) else ""
    return f"{name}: {fell} of {len(sound)} services cost less than in {_named(base, False)}{apart}"


def _service_ends(ecode: str) -> dict[str, pd.DataFrame]:
    """Each service's rows of the base year and the last, the same two years for all."""
    owned = {n: every.rows[ecode] for n, every in services().items() if ecode in every.rows}
    held = {n: own[own["year"] >= BASE] for n, own in owned.items() if len(own) > 1}
    years = [set(own["year"]) for own in held.values() if len(own) > 1]
    shared = sorted(set.intersection(*years)) if years else []
    if len(shared) < 2:
        return {}
    return {n: own[own["year"].isin([shared[0], shared[-1]])] for n, own in held.items()}


def _uncounted(ecode: str) -> tuple[str, ...]:
    """The services that the title cannot count, and why."""
    ends = _service_ends(ecode)
    odd = [SERVICES[line].lower() for line, own in ends.items() if len(_sound(own)) < 2]
    if not odd:
        return ()
    return (f"The title does not count {listed(odd)}: the first or the last figure is in doubt.",)


@functools.cache
def _counted_services() -> dict[str, Held]:
    """Social care with the services that share a chart."""
    return {"social_care": held("social-care"), **services()}


def changes(ecode: str) -> pd.DataFrame:
    """Each service from 2010-11 to 2019-20: pounds a person, per cent, the class's median change.

    No percentage where a figure is in doubt, missing, or the first is nothing or below. A change
    that crosses a noted break is marked, and stands beside the change like for like where that can
    be made; where the line kept its meaning the two are the same.
    """
    rows = [_change(ecode, line, every) for line, every in _counted_services().items()]
    return pd.DataFrame([row for row in rows if row])


def _change(ecode: str, line: str, every: Held) -> dict[str, object] | None:
    own = every.rows.get(ecode)
    if own is None:
        return None
    ends = _ends(own)
    found = every.not_like(ecode, SINCE, PRICES)
    mark = NOT_LIKE if breaks.not_like(found) else ""
    twin = alike(line) if line in ALIKE else every if not mark else None
    return {
        "Service": SERVICES.get(line, "Social care"),
        **dict(zip(map(financial_year, (SINCE, PRICES)),
                   (write(value, "gbp_per_head") for value in ends["value"]), strict=True)),
        "Change": _marked(_moved(every, ecode), mark),
        "Like for like": _moved(twin, ecode) if twin else DASH,
        "Median of class": _marked(_middle(every, ecode), mark),
        "Median like for like": _middle(twin, ecode) if twin else DASH,
        "In doubt": "; ".join(
            dict.fromkeys(doubt_words.said(d) for d in ends["doubt"].fillna("") if d)
        ),
    }  # fmt: skip


def _ends(own: pd.DataFrame) -> pd.DataFrame:
    return own.set_index("year").reindex([SINCE, PRICES])


def _marked(change: str, mark: str) -> str:
    return change if change == DASH else f"{change}{mark}"


def _moved(every: Held, ecode: str) -> str:
    """A council's change between the two years; a dash where a figure is in doubt."""
    if ecode not in every.rows:
        return DASH
    ends = _ends(every.rows[ecode])
    return DASH if any(ends["doubt"].fillna("")) else _per_cent(*ends["value"])


def _middle(every: Held, ecode: str) -> str:
    """The change of the median of a council's class."""
    return _per_cent(*_ends(every.medians[bodies()[ecode].council_class])["value"])


def changes_noted(ecode: str) -> list[str]:
    """What the mark in the table of changes means: each noted break that a change crosses."""
    every = [(line, held_) for line, held_ in _counted_services().items() if ecode in held_.rows]
    return [
        f"{NOT_LIKE} {SERVICES.get(line, 'Social care')}, not like for like: {b.said}"
        + (f" {b.why_not}" if b.why_not else "")
        for line, held_ in every
        for b in held_.not_like(ecode, SINCE, PRICES)
        if not b.same
    ]


def _per_cent(first: float, last: float) -> str:
    """A change in per cent; a dash where the first is nothing, or either below or missing."""
    sound = first > 0 and last >= 0
    return write(100 * (last / first - 1), "per_cent", 0, True) if sound else DASH


def charts_of(ecode: str) -> dict[str, charts.Chart]:
    """Every chart that a council has, by topic."""
    core = chart(ecode, "core") or total_chart(ecode)
    made = {"core": core, "services": services_chart(ecode)}
    made |= {topic: chart(ecode, topic) for topic in topics() if topic != "core"}
    return {topic: one for topic, one in made.items() if one is not None}


def missing(ecode: str) -> list[str]:
    """Topics of which the council has no figure, and why, one sentence each."""
    body = bodies()[ecode]
    said = []
    for one in topics().values():
        if body.council_class not in one.classes:
            said.append(f"{one.title}: not a service of a {CLASSES[body.council_class]}.")
        elif len(held(one.slug).rows.get(ecode, ())) < 2:
            said.append(f"{one.title}: no two figures of this council are held.")
    return said


SHOWN_LINES = (
    ("revenue_outturn", "core"),
    ("revenue_outturn", "social_care"),
    *(("revenue_outturn", line) for line in SERVICES),
    ("children_spending", "youth"),
    ("revenue_budget", "libraries"),
)


def broken(ecode: str) -> list[str]:
    """Where the meaning of the lines shown changes for this council alone."""
    found = [one for table, line in SHOWN_LINES for one in breaks.breaks_of(table, line, (ecode,))]
    return list(dict.fromkeys(f"{_named(b.first_year, False)}: {b.sentence}" for b in found))
