"""The bodies of the register: one legal body through time, with its codes, spellings and heirs.

A body is known by its MHCLG E-code, the only key that every finance file prints. councils.csv,
codes.csv, spellings.csv and successions.csv hold every English body with a row in the Revenue
Outturn Summaries of 2007-08 to 2023-24.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from coopstats.core.display import FactSheet
from coopstats.core.years import financial_year, read_year
from coopstats.register.reader import rows_of

CLASSES = {
    "L": "London borough",
    "MD": "metropolitan district",
    "UA": "unitary authority",
    "SC": "shire county",
    "SD": "shire district",
    "O": "other authority",
}


@dataclass(frozen=True, repr=False)
class Council(FactSheet):
    """One legal body. Years are financial years by their April, 2007 to 2023 as far as held.

    `gss` is the last ONS code it had (blank if none), `codes` every code of any system, and
    `first_year` 2007 or `last_year` 2023 mean "or earlier", "or later": the files end there.
    """

    ecode: str
    gss: str
    name: str
    council_class: str
    kind: str
    region: str
    subregion: str
    county: str
    first_year: int
    last_year: int
    codes: tuple[str, ...]
    spellings: tuple[str, ...]
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]

    def alive(self, year: int, last: int | None = None) -> bool:
        """Whether it existed in that financial year, or in any from it to `last`.

        The first and last held years extend.
        """
        start, end = years_held()
        first = read_year(year)  # no door: this is asked of every council in every year
        until = first if last is None else read_year(last)
        begins, ends = (min(max(y, start), end) for y in (first, until))
        return self.first_year <= ends and begins <= self.last_year

    @property
    def label(self) -> str:
        """Name with what tells it from namesakes: code, class, years."""
        return (
            f"{self.name} ({self.ecode}, {CLASSES[self.council_class]}, "
            f"{financial_year(self.first_year)} to {financial_year(self.last_year)})"
        )

    def facts(self) -> list[tuple[str, str]]:
        """What a reader wants to know, in reading order."""
        area = self.subregion or self.region
        county = f", in {bodies()[self.county].name}" if self.county else ""
        became = ", ".join(bodies()[e].label for e in self.successors)
        before = ", ".join(bodies()[e].label for e in self.predecessors)
        years = f"{financial_year(self.first_year)} to {financial_year(self.last_year)}"
        facts = [
            ("E-code", self.ecode),
            ("ONS code", self.gss or "never had one"),
            ("class", CLASSES[self.council_class] + county),
            ("region", area),
            ("accounts held", years),
            ("came from", before),
            ("became", became),
        ]
        return [(what, value) for what, value in facts if value]

    @property
    def heading(self) -> str:
        """Its name."""
        return self.name

    def __repr__(self) -> str:
        return f"<Council {self.label}>"


@cache
def bodies() -> dict[str, Council]:
    """Every body by its E-code."""
    codes = _gather("codes", "ecode", "code", codes_held())
    spelt = _gather("spellings", "ecode", "spelling")
    before = _gather("successions", "successor", "predecessor")
    after = _gather("successions", "predecessor", "successor")
    return {
        (e := row["ecode"]): Council(
            e, row["gss"], row["council"], row["class"], row["kind"], row["region"],
            row["subregion"], row["county"], int(row["first_year"]), int(row["last_year"]),
            codes[e], spelt[e], before.get(e, ()), after.get(e, ()),
        )
        for row in rows_of("councils")
    }  # fmt: skip


@cache
def years_held() -> tuple[int, int]:
    """The first and the last year of which the register has accounts."""
    rows = rows_of("councils")
    return min(int(r["first_year"]) for r in rows), max(int(r["last_year"]) for r in rows)


@cache
def codes_held() -> tuple[dict[str, str], ...]:
    """The rows of codes.csv but for the codes that were printed for a body by mistake."""
    return tuple(row for row in rows_of("codes") if row["system"] != "misprint")


def _gather(table: str, key: str, value: str, rows: Iterable[dict] | None = None) -> dict:
    """Key -> every value that stands beside it, in the file's order."""
    gathered: dict[str, list[str]] = {}
    for row in rows_of(table) if rows is None else rows:
        gathered.setdefault(row[key], []).append(row[value])
    return {k: tuple(values) for k, values in gathered.items()}
