"""What every built table promises: columns, their meaning, and rules in one English sentence each.

A contract is a pandera schema. The sentence of a rule is its error, its line in the data
dictionary and its name in the tests, so that the three cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from coopstats.clean.sheets.keys import numbered, order_of
from coopstats.core.errors import ContractBroken
from coopstats.core.flags import COMPUTED, FLAGS, NO_FIGURE

if TYPE_CHECKING:
    import pandera.pandas as pa


class Derivation(NamedTuple):
    """What a derived line is made of: the lines it is from, and how in words.

    A line that is `chained` is made of those of its own year and of all years before.
    """

    parts: tuple[str, ...]
    how: str
    chained: bool = False


IDENTITY = {
    "gss": "the last ONS code the council had; null for a body that never had one",
    "ecode": "the E-code of the finance publications",
    "council": "the council's name in coopstats/register/councils.csv",
    "council_class": (
        "L London borough, MD metropolitan district, UA unitary authority, SC shire county, "
        "SD shire district, O other authority"
    ),
    "region": "the ONS region",
}

PROVENANCE = {
    "flag": "; ".join(f"{name}: {meaning}" for name, meaning in FLAGS.items()),
    "source": "the publication's id in data/raw/SOURCES.toml",
    "sheet": "the sheet as printed",
    "cell": "the cell the figure was printed in; null where it was derived",
}

CALENDAR_YEAR = "the calendar year"
NAMING = (  # the columns that tell a person which row a breach is in
    "ecode", "year", "service", "source", "sheet", "cell", "pilot", "member", "subject", "about",
    "claim", "article", "table", "sought",
)  # fmt: skip

FINANCIAL_YEAR = "the April in which the financial year starts: 2010 is 2010-11"


def category(meaning: str, nullable: bool = False, checks: Any = None) -> pa.Column:
    """A column of repeated words."""
    import pandera.pandas as pa

    return pa.Column("category", checks=checks, nullable=nullable, description=meaning)


def identity(kind: Callable[..., pa.Column] = category) -> dict[str, pa.Column]:
    """The columns that say which council."""
    return {
        name: kind(meaning, nullable=name in ("gss", "region"))
        for name, meaning in IDENTITY.items()
    }


def provenance() -> dict[str, pa.Column]:
    """The columns that say what kind of figure it is and where it was printed."""
    columns = {n: category(m, nullable=n in ("sheet", "cell")) for n, m in PROVENANCE.items()}
    columns["flag"].checks = [
        rule("Every flag is one of those in the dictionary.", lambda f: f.isin(list(FLAGS)))
    ]
    return columns


def year(meaning: str = FINANCIAL_YEAR) -> pa.Column:
    """The year column."""
    import pandera.pandas as pa

    plausible = rule("Years lie between 1950 and 2030.", lambda y: y.between(1950, 2030))
    return pa.Column("int16", checks=[plausible], description=meaning)


def number(
    meaning: str, dtype: str = "float64", nullable: bool = True, checks: Any = None
) -> pa.Column:
    """A column of figures."""
    import pandera.pandas as pa

    return pa.Column(dtype, checks=checks, nullable=nullable, description=meaning)


def rule(sentence: str, holds: Callable[[Any], Any]) -> pa.Check:
    """A rule whose sentence is its error, its entry in the dictionary and its name in tests.

    It is asked of nulls too; an answer of <NA>, as comparing an Int64 gives, counts as kept.
    """
    import pandera.pandas as pa

    return pa.Check(holds, error=sentence, name=sentence, ignore_na=False)


def figure_or_reason(column: str) -> pa.Check:
    """The rule that ties a figure to its flag."""
    return rule(
        f"`{column}` is empty exactly where `flag` says that there is no figure.",
        lambda t: t[column].isna() == t["flag"].isin(NO_FIGURE),
    )


def zero_is_nothing(column: str) -> pa.Check:
    """The rule that a flag of zero is a figure of 0."""
    return rule(
        "A figure flagged zero is 0.",
        lambda t: ~(t["flag"] == "zero") | (t[column] == 0).fillna(False),
    )


def placed() -> pa.Check:
    """The rule that a printed figure can be found again."""
    return rule(
        "Every printed figure names its sheet and cell.",
        lambda t: (
            (t["sheet"].notna() & t["cell"].notna()) | t["flag"].isin([*COMPUTED, *NO_FIGURE])
        ),
    )


def one_row_each(key: list[str]) -> pa.Check:
    """The rule that names a table's key."""
    return rule(
        f"There is one row for each {', '.join(key)}.",
        lambda t: ~_duplicated(t[order_of(key)]),
    )


def _duplicated(keys: pd.DataFrame) -> pd.Series:
    """As pandas' duplicated(keep=False), but at once where the rows are sorted, as they are."""
    number = numbered(keys, *keys)
    if (number[1:] > number[:-1]).all():
        return pd.Series(False, index=keys.index)
    return keys.duplicated(keep=False)


def contract(
    table: str,
    title: str,
    description: str,
    columns: dict[str, pa.Column],
    key: list[str],
    rules: list[pa.Check] | None = None,
    **metadata: Any,
) -> pa.DataFrameSchema:
    """A table's contract: exactly these columns, in this order, with these rules."""
    import pandera.pandas as pa

    return pa.DataFrameSchema(
        columns,
        checks=[one_row_each(key), *(rules or [])],
        strict=True,
        ordered=True,
        name=table,
        title=title,
        description=description,
        metadata={"key": key, **metadata},
    )


def keep(promised: pa.DataFrameSchema, table: pd.DataFrame) -> pd.DataFrame:
    """The table, if it keeps its contract; else ContractBroken with every breach at once."""
    import pandera.errors

    try:
        return _quick(promised).validate(table, lazy=True, inplace=True)
    except pandera.errors.SchemaErrors as broken:
        breaches = _breaches(broken.failure_cases, table)
        raise ContractBroken(_message(promised.name, breaches), breaches) from None


def _quick(promised: pa.DataFrameSchema) -> pa.DataFrameSchema:
    """The same contract, the type of its categories checked without listing their words.

    pandera compares two types of category word by word, and a table names its cells in hundreds of
    thousands of words.
    """
    import pandera.pandas as pa

    is_category = rule("dtype('category')", lambda c: isinstance(c.dtype, pd.CategoricalDtype))
    columns = {
        name: pa.Column(checks=[is_category, *column.checks], nullable=column.nullable)
        if str(column.dtype) == "category"
        else column
        for name, column in promised.columns.items()
    }
    return pa.DataFrameSchema(
        columns, checks=promised.checks, strict=True, ordered=True, name=promised.name
    )


def _breaches(cases: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """One row a breach: the rule, the column, what was found, and in which row."""
    known = [c for c in NAMING if c in table]
    of_row = cases["schema_context"] == "DataFrameSchema"
    cases = cases.assign(
        column=cases["column"].mask(of_row), failure_case=cases["failure_case"].mask(of_row)
    ).drop_duplicates(["check", "index", "column"])
    rows = table.reindex(cases["index"].where(cases["index"].notna(), -1))[known]
    said = cases[["check", "column", "failure_case"]].rename(
        columns={"check": "rule", "failure_case": "found"}
    )
    return pd.concat([said.reset_index(drop=True), rows.reset_index(drop=True)], axis=1)


def _message(table: str, breaches: pd.DataFrame) -> str:
    lines = [f"{table} breaks its contract:"]
    for sentence, rows in breaches.groupby("rule", sort=False):
        first = rows.iloc[0].drop("rule").dropna().to_dict()
        example = ", ".join(f"{name} {value}" for name, value in first.items())
        lines.append(f"  {sentence} Broken {len(rows)} times, first: {example}.")
    lines.append("The old table is kept. `.breaches` of this error lists them all.")
    return "\n".join(lines)
