"""Peers: who may stand beside a council, who may not and why, and who is most like it.

`peers("Lambeth", line="revenue_outturn:cultural")` lists every council of England with the rules
that leave it out. A structural pilot of the same service is never a donor; every other rule can be
switched off.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from coopstats.comparisons.treated import YEARS_AFTER, KnownPilots, Treated, known_pilots
from coopstats.core import paths
from coopstats.core.display import escaped
from coopstats.core.doors import (
    Reader,
    a,
    any_of,
    count,
    door,
    maybe,
    refuse_unknown,
    word,
    word_or_empty,
)
from coopstats.core.errors import NotComparable, UnknownCouncil, UnknownName, did_you_mean
from coopstats.core.years import financial_year, read_year, years_in_words
from coopstats.register.councils import CLASSES, bodies, council
from coopstats.register.reader import parts, rows_of

RULES = ("type", "treated", "member", "listed", "few_people", "reorganised", "missing")
STRICT = "never_member"  # not in the default: leaves out whoever was ever seen as a member
LABOUR_ONLY, NO_LONDON = "not_labour", "london"  # nor these: for questions of a reader's own
NEIGHBOURS = "not_a_neighbour"  # leaves out whoever is not on the list published about 2023
OPTIONAL = (STRICT, LABOUR_ONLY, NO_LONDON, NEIGHBOURS)
FIRM = ("treated", "missing")
COLUMNS = ["ecode", "council", "council_class", "rule", "reason", "never"]
KNOWN_BEFORE = 2010
CONTROL_OF = 2011  # who held it when the network began
FEWEST_PEOPLE = 15_000  # below it (City of London, Isles of Scilly) a figure per person is odd


@dataclass(frozen=True, eq=False)
class Peers:
    """The donors of one council, and everyone left out with the reasons.

    `frame` has every other council: `donor`, the first `rule` that leaves it out, every `reason`,
    `never` where no choice can make it a donor, and `distance`.
    """

    name: str
    frame: pd.DataFrame
    steps: tuple[str, ...] = ()

    @property
    def donors(self) -> tuple[str, ...]:
        """E-codes of those that may stand beside it, in order."""
        return tuple(self.frame.loc[self.frame["donor"], "ecode"])

    @door(count=count(1))
    def nearest(self, count: int = 10) -> pd.DataFrame:
        """The donors most alike in what was known before 2010, the nearest first."""
        return self.frame[self.frame["donor"]].sort_values("distance", kind="stable").head(count)

    @property
    def left_out(self) -> pd.DataFrame:
        """Councils of the same type that are left out, and why."""
        out = self.frame[~self.frame["donor"] & (self.frame["rule"] != "type")]
        return out[["ecode", "council", "rule", "reason"]]

    def __repr__(self) -> str:
        out = [f"  left out {r.council}: {r.reason}" for r in self.left_out.itertuples()]
        near = ", ".join(self.nearest(5)["council"])
        return "\n".join(
            [
                f"peers of {self.name}: {len(self.donors)} donors",
                f"  nearest  {near}",
                *out,
                *(f"  step     {step}" for step in self.steps),
            ]
        )

    def _repr_html_(self) -> str:
        head = f"<strong>Peers of {escaped(self.name)}</strong>: {len(self.donors)} donors"
        return f"<div>{head}{self.nearest().to_html(index=False)}</div>"


def _code(given: Any) -> str:
    """The E-code of a council, by its name or any code; a panel's own codes are E-codes."""
    return given if isinstance(given, str) and given in bodies() else council(word(given)).ecode


_READERS: dict[str, Reader] = {
    "pilot": lambda given: given if isinstance(given, Treated) else word(given),
    "line": word_or_empty,
    "years": any_of(read_year),
    "rules": any_of(word),
    "known": maybe(a(KnownPilots, "a KnownPilots")),
    "complete": maybe(any_of(_code)),
}


@door(**_READERS)
def peers(
    pilot: Treated | str,
    line: str = "",
    *,
    years: Sequence[int] = (),
    rules: Iterable[str] = RULES,
    known: KnownPilots | None = None,
    complete: Iterable[str] | None = None,
) -> Peers:
    """Every council beside the rules: donor or not, the first rule that leaves it out, why.

    `pilot` is a Treated, a pilot's id, or a council's name or code. Councils with a structural
    pilot of `line` are never donors; where none is named, those with one of any line that the
    pilot should move, and beside a council those with any. `years` are those compared (unless
    named those around a pilot's start, or 2010), `complete` the councils with a figure in each.
    Raises UnknownCouncil for neither a pilot nor a council, UnknownName for a rule that does not
    exist, NotComparable where published neighbours are asked of a council whose list is not held.
    """
    known = _held(line) if known is None else known
    pilot = pilot if isinstance(pilot, Treated) else _meant(pilot, known, tuple(years))
    span, years_said = _span(pilot, tuple(years))
    treated, line_said = _treated(pilot, line, known)
    reasons = {
        "listed": known.left_out(pilot),
        "treated": treated,
        **_reasons(_ecode(pilot), span, known, complete),
    }
    frame = _judged(_ecode(pilot), _rules(rules), reasons)
    return Peers(bodies()[_ecode(pilot)].name, frame, (*line_said, *years_said, LIKENESS))


def _ecode(pilot: Treated | str) -> str:
    return pilot.ecode if isinstance(pilot, Treated) else pilot


def _judged(ecode: str, rules: list[str], reasons: dict[str, dict[str, str]]) -> pd.DataFrame:
    """Every other council: whether it may be a donor, and the rules that leave it out."""
    reasons = reasons | {
        rule: _optional(rule) for rule in rules if rule in (LABOUR_ONLY, NO_LONDON)
    }
    if NEIGHBOURS in rules:
        reasons[NEIGHBOURS] = _strangers(ecode)
    rows = [
        _row(code, [rule for rule in rules if code in reasons[rule]], reasons)
        for code in sorted(bodies())
        if code != ecode
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    likeness = distances([ecode, *frame["ecode"]], of=1)[0, 1:]
    return frame.assign(donor=frame["rule"] == "", distance=likeness)


def _held(line: str) -> KnownPilots:
    """The register, of a line that a table has: another would leave nobody out, in silence."""
    from coopstats.datasets.table import about

    table, _, service = line.partition(":")
    if line:
        covers = about(table)["covers"]
        refuse_unknown([service] if service else [], covers, f"line of {table}")
    return known_pilots()


def _meant(word: str, known: KnownPilots, years: tuple[int, ...]) -> Treated | str:
    """The pilot with this id, or the E-code of this council in these years."""
    by_id = {one.id: one for one in known.pilots if one.id}
    if word in by_id:
        return by_id[word]
    try:
        return council(word, (min(years), max(years)) if years else None).ecode
    except UnknownCouncil as problem:
        said = f"{problem.what} Nor is it the id of a pilot with a first full year."
        raise UnknownCouncil(f"{said}{did_you_mean(word, by_id)}") from None


def _treated(
    pilot: Treated | str, line: str, known: KnownPilots
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Councils with a structural pilot of the line, or of any that could be meant, and a step."""
    if line:
        return _having("has a structural pilot of this service", known.treated(line)), ()
    if isinstance(pilot, Treated) and pilot.moves:
        found = {c: one for move in sorted(pilot.moves) for c, one in known.treated(move).items()}
        which = f"any line that {pilot.name} should move"
    else:
        found = {one.ecode: one for one in known.pilots if one.structural}
        which = "any line"
    said = f"No line was named: councils with a structural pilot of {which} are left out."
    return _having("has a structural pilot", found), (said,)


def _span(pilot: Treated | str, years: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The years compared: unless named those around a pilot's start, or 2010, and that is said."""
    if years:
        return years, ()
    if isinstance(pilot, Treated):
        first = min((pilot.first_full_year, *pilot.part_years)) - 1
        last = pilot.last_year or pilot.first_full_year + YEARS_AFTER - 1
        found = tuple(range(first, last + 1))
    else:
        found = (KNOWN_BEFORE,)
    return found, (
        f"No years were named: members and bodies are those of {years_in_words(found)}.",
    )


def _having(said: str, found: dict[str, Treated]) -> dict[str, str]:
    return {code: f"{said}: {one.name}" for code, one in found.items()}


def _row(code: str, rules: list[str], reasons: dict[str, dict[str, str]]) -> tuple:
    body = bodies()[code]
    first = rules[0] if rules else ""
    said = "; ".join(reasons[rule][code] for rule in rules)
    return code, body.name, body.council_class, first, said, bool({*rules} & {*FIRM})


def _rules(rules: Iterable[str]) -> list[str]:
    wanted = set(rules)
    every = (*RULES, *OPTIONAL)
    for rule in sorted(wanted - {*every}):
        raise UnknownName(
            f"No rule {rule!r} for donors. There are: {', '.join(every)}."
            + did_you_mean(rule, every)
        )
    return [rule for rule in every if rule in wanted or rule in FIRM]


def _reasons(
    ecode: str, years: tuple[int, ...], known: KnownPilots, complete: Iterable[str] | None
) -> dict[str, dict[str, str]]:
    """Rule → council → why it leaves that council out."""
    own = bodies()[ecode]
    ever = known.members_in(known.members)
    return {
        "type": {
            code: f"a {CLASSES[body.council_class]}, not a {CLASSES[own.council_class]}"
            for code, body in bodies().items()
            if body.council_class != own.council_class
        },
        "member": dict.fromkeys(
            known.members_in(years), "surely a member of the network in these years"
        ),
        "few_people": {
            code: f"{people:,.0f} residents in 2009: figures per person mean little"
            for code, people in sizes().items()
            if people < FEWEST_PEOPLE
        },
        "reorganised": _reorganised(years),
        "missing": _missing(complete),
        STRICT: dict.fromkeys(ever, "was seen as a member of the network"),
    }


@functools.cache
def _optional(rule: str) -> dict[str, str]:
    """Reasons by a rule that only a reader's own question uses."""
    if rule == NO_LONDON:
        return {c: "in London" for c, body in bodies().items() if body.council_class == "L"}
    from coopstats.datasets.load import load

    held = load("political_control", year=CONTROL_OF).drop_duplicates("ecode")
    labour = set(held.loc[held["control"].astype(str) == "labour", "ecode"].astype(str))
    return {c: f"not held by Labour after May {CONTROL_OF}" for c in bodies() if c not in labour}


def _strangers(ecode: str) -> dict[str, str]:
    """Everyone who is not on the list of nearest neighbours that was published of a council."""
    lists = {row["ecode"]: set(parts(row["neighbours"])) for row in rows_of("neighbours")}
    if ecode not in lists:
        raise NotComparable(
            f"The register holds published neighbours of pilots' and members' councils alone, not "
            f"of {bodies()[ecode].name}. Add its row to neighbours.csv, or leave out the rule "
            f"{NEIGHBOURS!r}."
        )
    said = "not on the list of nearest neighbours of about 2023, chosen after the event"
    return dict.fromkeys(set(bodies()) - lists[ecode], said)


def _reorganised(years: tuple[int, ...]) -> dict[str, str]:
    """Bodies that did not exist, or were not one body, in all of these years."""
    first, last = min(years), max(years)
    return {
        code: f"began or ended between {financial_year(first)} and {financial_year(last)}"
        for code, body in bodies().items()
        if not (body.alive(first) and body.alive(last))
    }


def _missing(complete: Iterable[str] | None) -> dict[str, str]:
    if complete is None:
        return {}
    absent = set(bodies()) - set(complete)
    return dict.fromkeys(absent, "no figure in one of the years compared")


# ── how alike ────────────────────────────────────────────────────────────────────────────────────


LIKENESS = (
    "Likeness is of what was known before 2010: core spending per person, deprivation, "
    "population, dependence on grants, region, within one class of council."
)


def distances(codes: Sequence[str], of: int | None = None) -> np.ndarray:
    """How unlike councils were before 2010: the first `of` of them (all) × all of them.

    The root of the mean squared difference, in standard deviations within the councils of one
    class, of core spending per person, deprivation, population (log) and dependence on grants,
    and 1 where the regions differ. A missing figure counts as the class's mean.
    """
    return _distances(paths.home(), tuple(codes), of)


@functools.lru_cache(maxsize=64)
def _distances(home: Path, codes: tuple[str, ...], of: int | None) -> np.ndarray:
    standard = _standard(home).reindex(list(codes)).to_numpy(dtype=float)
    regions = np.array([bodies()[code].region for code in codes])
    apart = np.square(standard[:of, None, :] - standard[None, :, :]).sum(axis=2)
    apart = apart + (regions[:of, None] != regions[None, :])
    return np.sqrt(apart / (standard.shape[1] + 1))


@functools.cache
def _standard(home: Path) -> pd.DataFrame:
    """What was known of every council, in standard deviations from the mean of its whole class."""
    facts = _known_before(home).reindex(sorted(bodies()))
    by_class = facts.groupby([bodies()[code].council_class for code in facts.index])
    spread = by_class.transform("std").replace(0.0, np.nan)
    return ((facts - by_class.transform("mean")) / spread).fillna(0.0)


def known_before() -> pd.DataFrame:
    """One row a council: core (pounds per person, 2009-10), deprivation 2010, people, grants."""
    return _known_before(paths.home())


@functools.cache
def _known_before(home: Path) -> pd.DataFrame:
    from coopstats.datasets.load import load

    base = KNOWN_BEFORE - 1
    core = load("revenue_outturn", service="core", year=base).set_index("ecode")["gbp"]
    rows = load("population", age="all", year=base)
    people = rows.drop_duplicates("ecode").set_index("ecode")["people"].astype(float)
    score = load("deprivation", year=KNOWN_BEFORE, item="average_score", domain="overall")
    score = score.drop_duplicates("ecode").set_index("ecode")["value"]
    for one in (core, people, score):
        one.index = one.index.astype(str)
    return pd.DataFrame(
        {
            "core": core.astype(float) / people,
            "deprivation": score.astype(float),
            "people": np.log(people),
            "grants": _grant_share(base),
        }
    ).astype(float)


GRANTS = ("revenue_support_grant", "redistributed_business_rates")
TAX = "council_tax_requirement"


def _grant_share(year: int) -> pd.Series:
    """Formula grant as a share of formula grant and council tax."""
    from coopstats.datasets.load import load

    rows = load("revenue_outturn", year=year, service=[*GRANTS, TAX])
    wide = rows.astype({"ecode": str, "service": str}).pivot_table(
        index="ecode", columns="service", values="gbp", aggfunc="sum"
    )
    grants = wide[list(GRANTS)].abs().sum(axis=1)
    return grants / (grants + wide[TAX].abs())


def sizes() -> dict[str, float]:
    """Each council's people in mid-2009, for strata of like size."""
    return np.exp(known_before()["people"].dropna()).round().to_dict()
