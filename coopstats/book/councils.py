"""What a council's page shows: its charts, its table of changes, what is missing and why."""

from __future__ import annotations

import functools
import re
import unicodedata

import pandas as pd

from coopstats import charts
from coopstats.book.topics import (
    ALIKE,
    BASE,
    PRICES,
    SERVICES,
    SINCE,
    Numbers,
    Topic,
    alike,
    core_total,
    numbers,
    services,
    topics,
    totals,
)
from coopstats.charts.numbers import write
from coopstats.core.errors import UnknownName
from coopstats.core.phrases import listed
from coopstats.core.years import financial_year, named_year, years_span
from coopstats.datasets import doubt_words
from coopstats.measures.choosing import PRINCIPAL
from coopstats.register import breaks
from coopstats.register.councils import CLASSES, Council, bodies

NOT_LIKE, DASH = "†", "–"  # crosses a noted break; no percentage can be given
SERVICES_TOPIC = "services"
NO_TWO_FIGURES = "no two figures of this council are held."


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


# ── charts of one council ────────────────────────────────────────────────────────────────────────


def chart(ecode: str, topic: str) -> charts.Chart | None:
    """One topic of one council beside the median of its class; None where it has no figure."""
    body, one, every = bodies()[ecode], topics()[topic], numbers(topic)
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
    printed, own = _moved(numbers(topic), ecode), _moved(alike(lines[0]), ecode)
    if DASH in (printed, own):
        return ()
    span = f"{financial_year(SINCE)} to {financial_year(PRICES)}"
    moved = [b for b in numbers(topic).not_like(ecode, SINCE, PRICES) if b.moves]
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
    one = core_total()
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


def _title(ecode: str, one: Topic, own: pd.DataFrame, every: Numbers) -> str:
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
    years = [named_year(row["year"], every.calendar) for row in (first, last)]
    return f"{what} {from_} in {years[0]}, {to} in {years[1]}"


def _sound(own: pd.DataFrame) -> pd.DataFrame:
    """The rows whose figure is not in doubt."""
    return own[own["doubt"] == ""]


def _span(own: pd.DataFrame, calendar: bool = False) -> str:
    return years_span((own["year"].min(), own["year"].max()), calendar)


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
        subtitle=f"Spending by service: {first.unit}, {_span(rows)}",
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
    return f"{name}: {fell} of {len(sound)} services cost less than in {named_year(base)}{apart}"


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
def _counted_services() -> dict[str, Numbers]:
    """Social care with the services that share a chart."""
    return {"social_care": numbers("social-care"), **services()}


def changes(ecode: str) -> pd.DataFrame:
    """Each service from 2010-11 to 2019-20: pounds a person, per cent, the class's median change.

    No percentage where a figure is in doubt, missing, or the first is nothing or below. A change
    that crosses a noted break is marked, and stands beside the change like for like where that can
    be made; where the line kept its meaning the two are the same.
    """
    rows = [_change(ecode, line, every) for line, every in _counted_services().items()]
    return pd.DataFrame([row for row in rows if row])


def _change(ecode: str, line: str, every: Numbers) -> dict[str, object] | None:
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
            dict.fromkeys(doubt_words.rules_in_words(d) for d in ends["doubt"].fillna("") if d)
        ),
    }  # fmt: skip


def _ends(own: pd.DataFrame) -> pd.DataFrame:
    return own.set_index("year").reindex([SINCE, PRICES])


def _marked(change: str, mark: str) -> str:
    return change if change == DASH else f"{change}{mark}"


def _moved(every: Numbers, ecode: str) -> str:
    """A council's change between the two years; a dash where a figure is in doubt."""
    if ecode not in every.rows:
        return DASH
    ends = _ends(every.rows[ecode])
    return DASH if any(ends["doubt"].fillna("")) else _per_cent(*ends["value"])


def _middle(every: Numbers, ecode: str) -> str:
    """The change of the median of a council's class."""
    return _per_cent(*_ends(every.medians[bodies()[ecode].council_class])["value"])


def changes_noted(ecode: str) -> list[str]:
    """What the mark in the table of changes means: each noted break that a change crosses."""
    every = [(line, held_) for line, held_ in _counted_services().items() if ecode in held_.rows]
    return [
        f"{NOT_LIKE} {SERVICES.get(line, 'Social care')}, not like for like: {b.in_full}"
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


def parts_of(chart_slug: str) -> tuple[str, str]:
    """A council's E-code and a topic, where the slug of a chart is made of them; else nothing."""
    for topic in sorted({*topics(), core_total().slug, SERVICES_TOPIC}, key=len, reverse=True):
        page = chart_slug.removesuffix(f"-{topic}")
        if page != chart_slug and page in by_slug():
            return by_slug()[page].ecode, topic
    return "", ""


def chart_of(ecode: str, topic: str) -> charts.Chart:
    """A council's chart of one topic. Raises UnknownName with the reason where it has none."""
    if topic == SERVICES_TOPIC:
        made = services_chart(ecode)
    elif topic == core_total().slug:
        made = total_chart(ecode)
    else:
        made = chart(ecode, topic)
    if made is None:
        why = _why_missing(ecode, topics()[topic]) if topic in topics() else NO_TWO_FIGURES
        raise UnknownName(f"{bodies()[ecode].name} has no chart {topic!r}: {why}")
    return made


def missing(ecode: str) -> list[str]:
    """Topics of which the council has no figure, and why, one sentence each."""
    reasons = [(one.title, _why_missing(ecode, one)) for one in topics().values()]
    return [f"{title}: {why}" for title, why in reasons if why]


def _why_missing(ecode: str, topic: Topic) -> str:
    """Why a council has no chart of a topic; nothing where it has one."""
    kind = bodies()[ecode].council_class
    if kind not in topic.classes:
        return f"not a service of a {CLASSES[kind]}."
    return NO_TWO_FIGURES if len(numbers(topic.slug).rows.get(ecode, ())) < 2 else ""


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
    return list(dict.fromkeys(f"{named_year(b.first_year)}: {b.sentence}" for b in found))
