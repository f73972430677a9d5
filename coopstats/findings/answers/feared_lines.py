"""The lines that Redbridge feared for. Claims Q1, Q2 and Q19 of the articles.

"Front line services are at risk", said the first article, and named four: road cleansing and
enforcement, support for young people, mental health services, public conveniences. Which lines of
which accounts those are is in coopstats/register/claim_lines.csv. A budget is never called
spending here, and a line that changed its meaning is shown in pieces.
"""

from __future__ import annotations

import functools

import pandas as pd

from coopstats import charts
from coopstats.charts import caveats
from coopstats.charts.numbers import write
from coopstats.core.display import Sentences
from coopstats.core.errors import NotComparable
from coopstats.core.phrases import listed
from coopstats.core.years import financial_year
from coopstats.datasets.load import load
from coopstats.measures import prices, which
from coopstats.measures.measure import Measure
from coopstats.measures.of_table import measure
from coopstats.register import breaks
from coopstats.register.councils import council
from coopstats.register.reader import table_of

PRICES = 2019
IN_YEAR = 2010
OWN = "Redbridge"
BESIDE = ("Outer London boroughs", "Inner London boroughs")
PILOTS = ("Lambeth", "Lewisham")
CONTRAST = ("Hackney", "Newham", "Islington")


@functools.cache
def lines() -> pd.DataFrame:
    """The accounts' lines for each phrase of the article, from the register."""
    return table_of("claim_lines").set_index("title", drop=False)


def _line(title: str) -> pd.Series:
    return lines().loc[title]


@functools.cache
def boroughs(title: str) -> Measure:
    """One line in every London borough but the City, real pounds per person."""
    line = _line(title)
    taken = measure(line["table"], line["service"], basis=line["basis"]).where(council_class="L")
    held = taken.between(taken.years[0], min(taken.years[-1], prices.last_year()))
    return (
        held.without("City of London", "so few residents that a figure per person misleads")
        .real(PRICES)
        .per_head()
    )


def pieces(title: str) -> tuple[Measure, ...]:
    """The line in the pieces within which years can be compared, single years left out."""
    return tuple(piece for piece in boroughs(title).pieces() if len(piece.years) > 1)


def beside(piece: Measure) -> pd.DataFrame:
    """Redbridge, and outer and inner London added up, in one piece of a line."""
    own = piece.where(council=OWN).frame
    parts = piece.by("subregion", leave_out=True).frame
    names = {"outer London": BESIDE[0], "inner London": BESIDE[1]}
    return pd.concat([own, parts.assign(council=parts["council"].map(names))])


def changes(title: str) -> pd.DataFrame:
    """The change of a line over each of its pieces, place by place: council, span, per cent.

    A place whose first year is nothing, near nothing or below nothing has no percentage.
    """
    return pd.concat([_changes_of(piece) for piece in pieces(title)])


def _changes_of(piece: Measure) -> pd.DataFrame:
    first, last = piece.years[0], piece.years[-1]
    span = f"{financial_year(first)} to {financial_year(last)}"
    parts = piece.by("subregion", leave_out=True)
    value = {name: _change(piece.where(council=name)) for name in (OWN, *PILOTS, *CONTRAST)}
    for name, shown in zip(("outer London", "inner London"), BESIDE, strict=True):
        value[shown] = _change(parts.where(council=name))
    return pd.Series(value, name="value").rename_axis("council").reset_index().assign(span=span)


def _change(one: Measure) -> float:
    """The change of one place from the first to the last year, NaN where it has no percentage."""
    try:
        return float(one.change(one.years[0], one.years[-1]).frame["value"].iloc[0])
    except NotComparable:
        return float("nan")


DOUBTFUL, NOT_LIKE = "†", "‡"


def table_of_changes() -> pd.DataFrame:
    """Every line's change, place by place, in per cent.

    "–" where no percentage can be given; † where the first or last figure is one that a rule
    finds odd (`coopstats check --doubts`); ‡ where a noted break lies on the way, so that the
    change is not like for like (the note of the line's chart says which).
    """
    rows = pd.concat([changes(title).assign(line=title) for title in lines().index])
    rows["shown"] = [
        _shown(row.line, row.council, row.span, row.value) for row in rows.itertuples()
    ]
    wide = rows.pivot(index=["line", "span"], columns="council", values="shown")
    return wide[[OWN, *BESIDE, *PILOTS, *CONTRAST]].reindex(lines().index, level=0)


def _shown(title: str, name: str, span: str, value: float) -> str:
    if pd.isna(value):
        return "–"
    ends = {int(year[:4]) for year in span.split(" to ")}
    doubt = DOUBTFUL if name not in BESIDE and ends & _doubtful(title, name) else ""
    line = _line(title)
    noted = breaks.crossed(line["table"], line["service"], min(ends), max(ends), "noted")
    mark = NOT_LIKE if breaks.not_like(noted) else ""
    return write(value, "per_cent", places=0, plus=True) + doubt + mark


def _doubtful(title: str, name: str) -> set[int]:
    """The years in which a rule finds a council's figure of this line odd."""
    line = _line(title)
    rows = load(line["table"], basis=line["basis"], service=line["service"],
                ecode=council(name).ecode)  # fmt: skip
    return set(rows.loc[rows["doubt"].notna(), "year"])


# ── charts ───────────────────────────────────────────────────────────────────────────────────────


def line_chart(title: str) -> charts.Chart:
    """One line in Redbridge beside outer and inner London, in its pieces."""
    parts = pieces(title)
    rows = pd.concat([_piece_rows(piece, len(parts) > 1) for piece in parts])
    line, what = _line(title), _what(title)
    basis = which.plain("basis", line["basis"])
    return charts.line(
        rows,
        slug=f"feared-{title.lower().replace(' ', '-')}",
        title=_finding(title, parts),
        subtitle=f"{title}: {what} per person, {basis}, {financial_year(PRICES)} prices",
        unit=f"pounds per person, {what}, {basis}",
        number="gbp_per_head",
        highlight=[OWN, *BESIDE],
        **({"panel": "panel"} if len(parts) > 1 else {}),
        sources=boroughs(title).sources,
        notes=(f"{_first_upper(line['note'])}.", *_doubts_noted(title), *_steps(parts)),
    )


def _steps(parts: tuple[Measure, ...]) -> list[str]:
    """What was done, and every break, in any of the pieces; the years are in the panels."""
    said = dict.fromkeys(step for piece in parts for step in piece.steps)
    return [step for step in said if len(parts) == 1 or not step.startswith("Only ")]


def _piece_rows(piece: Measure, named: bool) -> pd.DataFrame:
    rows = beside(piece)
    span = f"{financial_year(piece.years[0])} to {financial_year(piece.years[-1])}"
    return rows.assign(panel=span) if named else rows


def _doubts_noted(title: str) -> list[str]:
    """The boroughs whose figures a rule finds odd; they are in the sums as printed."""
    line = _line(title)
    rows = load(line["table"], basis=line["basis"], service=line["service"], council_class="L")
    odd = rows[rows["doubt"].notna()]
    if odd.empty:
        return []
    names = sorted(odd["council"].astype(str).unique())
    return [f"{len(odd)} figures are doubtful and left as printed ({listed(names)})."]


def _what(title: str) -> str:
    return "budget" if _line(title)["table"] == "revenue_budget" else "spending"


def _first_upper(words: str) -> str:
    return words[0].upper() + words[1:]


def _finding(title: str, parts: tuple[Measure, ...]) -> str:
    """What became of the line in Redbridge over its longest piece."""
    piece = max(parts, key=lambda p: len(p.years))
    own = caveats.sound(piece.where(council=OWN).frame).set_index("year")["value"]
    first, last = own.index[0], own.index[-1]
    return (
        f"{title} in Redbridge: {_pounds(own[first])} a person in {financial_year(first)}, "
        f"{_pounds(own[last])} in {financial_year(last)}"
    )


def _pounds(value: float) -> str:
    return write(value, "gbp_per_head", places=2)


def street_cleansing() -> charts.Chart:
    """Road cleansing."""
    return line_chart("Street cleansing")


def community_safety() -> charts.Chart:
    """Enforcement, read as community safety."""
    return line_chart("Community safety")


def parking() -> charts.Chart:
    """Enforcement, read as parking."""
    return line_chart("Parking")


def environmental_protection() -> charts.Chart:
    """Enforcement, read as environmental protection."""
    return line_chart("Environmental protection")


def young_people() -> charts.Chart:
    """Support for young people."""
    return line_chart("Services for young people")


def mental_health() -> charts.Chart:
    """Mental health services, in two unjoined pieces."""
    return line_chart("Mental health of adults")


def public_conveniences() -> charts.Chart:
    """Public conveniences."""
    return line_chart("Public conveniences")


def hackney_chart(base: int = 2009, end: int = 2019) -> charts.Chart:
    """Claim Q19: Hackney, Newham and Islington among the boroughs of inner London."""
    spend = _inner(base, end)
    changed = spend.change(base, end).frame
    middle = changed["value"].median()
    hackney = float(changed.loc[changed["council"] == "Hackney", "value"].iloc[0])
    return charts.dot(
        changed,
        slug="hackney-newham-islington",
        title=f"Hackney's spending per person {_moved(hackney)}, the middle of inner London's "
        f"{_moved(middle)}",
        subtitle=f"Core spending per person, change {financial_year(base)} to "
        f"{financial_year(end)}, real terms, inner London boroughs and Newham"
        f"{spend.change(base, end).apart_in}",
        unit="per cent",
        number="per_cent",
        highlight=list(CONTRAST),
        sources=spend.change(base, end).sources,
        notes=spend.change(base, end).steps,
    )


def _moved(change: float) -> str:
    return f"{'fell' if change < 0 else 'rose'} {abs(change):.0f}%"


@functools.cache
def _inner(base: int, end: int) -> Measure:
    """Core spending of inner London's boroughs and Newham, real pounds per person."""
    inner = load("councils")
    names = inner.loc[inner["subregion"] == "inner London", "council"].astype(str)
    wanted = sorted({*names, *CONTRAST} - {"City of London"})
    taken = measure("revenue_outturn", "core").where(council=wanted).between(base, end)
    return taken.real(PRICES).per_head()


CHARTS = (
    street_cleansing,
    community_safety,
    parking,
    environmental_protection,
    young_people,
    mental_health,
    public_conveniences,
    hackney_chart,
)


# ── sentences ────────────────────────────────────────────────────────────────────────────────────


def answer() -> Sentences:
    """The three sentences that open the notebook."""
    return Sentences([*in_year(), *front_line()[:1], *hackney()[:1]])


def grant(table: str) -> float:
    """Redbridge's Area Based Grant of 2010-11 in one table, in pounds."""
    rows = load(table, service="area_based_grant", ecode=council(OWN).ecode, year=IN_YEAR)
    return -float(rows["gbp"].iloc[0])


def in_year() -> Sentences:
    """Claim Q1: more than £4 million cut within the year."""
    budget, outturn = grant("revenue_budget"), grant("revenue_outturn")
    return Sentences(
        [
            f"Redbridge budgeted {_thousand(budget)} of Area Based Grant for "
            f"{financial_year(IN_YEAR)} and received {_thousand(outturn)}, "
            f"£{(budget - outturn) / 1e6:.1f}m less; other and capital grants are not separable in "
            "what we hold, so “more than £4 million” is neither supported nor contradicted by it."
        ]
    )


def _thousand(pounds: float) -> str:
    return f"£{pounds / 1e3:,.0f}k"


def fell(place: str = OWN) -> tuple[list[str], list[str]]:
    """The lines that fell in a place over every piece of theirs, and all that can be followed."""
    down, total = [], []
    for title in lines().index:
        rows = changes(title)
        own = rows[(rows["council"] == place) & rows["value"].notna()]
        total += [title] if len(own) else []
        down += [title] if len(own) and bool((own["value"] < 0).all()) else []
    return down, total


def front_line() -> Sentences:
    """Claim Q2: what became of the lines that the article named."""
    down, total = fell()
    stood = [t for t in total if t not in down]
    none = [t for t in lines().index if t not in total]
    said = [
        f"In Redbridge {len(down)} of the {len(total)} lines that can be followed fell per person "
        f"after inflation ({_titles(down)}){_but(stood)}."
    ]
    if none:
        said.append(
            f"No percentage can be given for {_titles(none)}: its base is near or below £0."
        )
    return Sentences(said)


ENFORCEMENT = ("Community safety", "Environmental protection")
YOUNG = "Services for young people"


def enforcement() -> Sentences:
    """Two readings of one word, each alone and together: money may have moved between them."""
    both = together()
    first, last = both.index[0], both.index[-1]
    moved = [_change(boroughs(title).where(council=OWN)) for title in ENFORCEMENT]
    said = [
        f"{t[0].lower()}{t[1:]} {_percent(by)}" for t, by in zip(ENFORCEMENT, moved, strict=True)
    ]
    return Sentences(
        [
            f"Two readings of “enforcement” in Redbridge's budgets: {listed(said)} per person "
            f"after inflation, {financial_year(first)} to {financial_year(last)}; together "
            f"{_pounds(both[first])} and {_pounds(both[last])}, so money may have moved between "
            "them."
        ]
    )


def together() -> pd.Series:
    """The lines of ENFORCEMENT added up, by year, as `_own` gives each."""
    first, second = map(_own, ENFORCEMENT)
    return (first + second).dropna()


def _own(title: str) -> pd.Series:
    """Redbridge's figures of a line by year, per person after inflation."""
    return boroughs(title).where(council=OWN).frame.set_index("year")["value"]


def last_held() -> Sentences:
    """What is held beyond the last year of the price index, in pounds of its day."""
    line = _line(YOUNG)
    held = measure(line["table"], line["service"], basis=line["basis"]).where(council=OWN)
    shown, (before, last) = boroughs(YOUNG).years[-1], held.years[-2:]
    value = held.frame.set_index("year")["value"]
    if last <= shown:
        return Sentences()
    return Sentences(
        [
            f"{YOUNG} are shown to {financial_year(shown)}, the last year of the price index; "
            f"{financial_year(last)} is held too: {_thousand(value[last])} in Redbridge, "
            f"{_thousand(value[before])} the year before, in pounds of their day."
        ]
    )


def _titles(titles: list[str]) -> str:
    return listed([t[0].lower() + t[1:] for t in titles])


def _but(stood: list[str]) -> str:
    return f", and {_titles(stood)} did not" if stood else ""


def inner_london(base: int = 2009, end: int = 2019) -> pd.Series:
    """The change of core spending per person in inner London's boroughs and Newham, per cent."""
    return _inner(base, end).change(base, end).frame.set_index("council")["value"]


def hackney(base: int = 2009, end: int = 2019) -> Sentences:
    """Claim Q19: efficiency without slashing services?"""
    changed = inner_london(base, end)
    own = changed["Hackney"]
    deeper = int((changed < own).sum())
    return Sentences(
        [
            f"Hackney's core spending per person changed by {_percent(own)} from "
            f"{financial_year(base)} to {financial_year(end)}. We rank it among {len(changed)} "
            f"boroughs, those of inner London with Newham: their median is "
            f"{_percent(changed.median())}, and {deeper or 'none'} of them "
            f"{'was' if deeper < 2 else 'were'} cut deeper."
        ]
    )


def _percent(change: float) -> str:
    return write(change, "per_cent", places=1, plus=True)


def sentences() -> Sentences:
    """Every sentence of this question, in the order of the notebook."""
    parts = (in_year, front_line, hackney, enforcement, last_held)
    return Sentences(sentence for part in parts for sentence in part())
