"""Each rule of each contract, broken; the rules of the tables read from the accounts.

The other tables' rules are broken beside their own tests.
"""

import pandas as pd
import pytest

from coopstats.clean.build import build as building
from coopstats.clean.contracts.contract import keep
from coopstats.core.errors import ContractBroken
from coopstats.core.flags import FLAGS, NO_FIGURE
from coopstats.datasets.load import load

TABLES = ("revenue_outturn", "printed_totals", "reserves", "council_tax")


def put(column, value, row=0):
    """A breaker that puts one value into one row of the first few of a table."""

    def broken(table):
        if isinstance(table[column].dtype, pd.CategoricalDtype) and value is not None:
            known = table[column].cat.categories.union([value])
            table[column] = table[column].cat.set_categories(known)
        table.loc[row, column] = value
        return table

    return broken


def flagged_zero(table):
    table = put("flag", "zero")(table)
    table.loc[0, "gbp"] = 5
    return table


def bill(gbp):
    def broken(table):
        return put("gbp", gbp)(put("service", "band_d")(table))

    return broken


def twice(table):
    return pd.concat([table, table.iloc[[1]]], ignore_index=True)


SHARED = {
    "There is one row for each": twice,
    "`gbp` is empty exactly where": put("gbp", None),
    "Years lie between": put("year", 2031),
    "Every flag is one of": put("flag", "guessed"),
}
BREAKERS = {
    "revenue_outturn": {
        "A figure flagged zero is 0.": flagged_zero,
        "Every printed figure names its sheet and cell.": put("cell", None),
    },
    "printed_totals": {"A whole is England or a class": put("whole", "Wales")},
    "reserves": {"Reserves are dated": put("date", "1 May")},
    "council_tax": {"A Band D bill lies between": bill(5001.0)},
}
CASES = [
    (table, sentence, broken)
    for table in TABLES
    for sentence, broken in {**SHARED, **BREAKERS[table]}.items()
]


def promised(table):
    return building.module(table).promised()


def rules(table):
    """The sentence of every rule of a table."""
    schema = promised(table)
    checks = [*schema.checks, *(c for column in schema.columns.values() for c in column.checks)]
    return [check.error for check in checks]


@pytest.fixture
def few(built):
    """The first rows with figures of a table, whole enough to keep the contract."""

    def rows(table):
        found = load(table, year=2010).query("flag == 'reported'")
        return found.head(5).reset_index(drop=True)

    return rows


@pytest.mark.parametrize("table", TABLES)
def test_rows_as_built_keep_the_contract(few, table):
    assert len(keep(promised(table), few(table))) == 5


@pytest.mark.parametrize(("table", "sentence", "broken"), CASES)
def test_a_broken_rule_is_told_in_its_own_sentence(few, table, sentence, broken):
    with pytest.raises(ContractBroken) as refusal:
        keep(promised(table), broken(few(table)))
    (rule,) = {r for r in rules(table) if r.startswith(sentence)}
    assert rule in set(refusal.value.breaches["rule"])
    assert f"  {rule} Broken " in str(refusal.value)
    assert f"{table} breaks its contract:" in str(refusal.value)


@pytest.mark.parametrize("table", TABLES)
def test_every_rule_is_broken_above(table):
    tested = [s for t, s, _ in CASES if t == table]
    assert all(any(rule.startswith(s) for s in tested) for rule in rules(table))
    assert len(tested) == len(set(rules(table)))


@pytest.mark.parametrize("flag", NO_FIGURE)
def test_a_reason_for_no_figure_allows_none(few, flag):
    with pytest.raises(ContractBroken, match="`gbp` is empty exactly where"):
        keep(promised("reserves"), put("flag", flag)(few("reserves")))


@pytest.mark.parametrize("value", [-250.01, 5000.01])
def test_a_bill_beyond_the_bounds_is_refused(few, value):
    with pytest.raises(ContractBroken, match="A Band D bill lies between"):
        keep(promised("council_tax"), bill(value)(few("council_tax")))


@pytest.mark.parametrize("table", building.TABLES)
def test_a_column_too_many_too_few_or_out_of_order_is_refused(built, table):
    schema, rows = promised(table), load(table).head(3)
    first = rows.columns[0]
    for other in (
        rows.assign(extra=1),
        rows.drop(columns=first),
        rows[[*rows.columns[1:], first]],
    ):
        with pytest.raises(ContractBroken, match=f"{table} breaks its contract"):
            keep(schema, other)


def test_breaches_name_the_row(few):
    table = put("cell", None, row=2)(few("revenue_outturn"))
    with pytest.raises(ContractBroken) as refusal:
        keep(promised("revenue_outturn"), table)
    (breach,) = refusal.value.breaches.to_dict("records")
    for column in ("ecode", "year", "service"):
        assert breach[column] == table.loc[2, column]
        assert f"{column} {breach[column]}" in str(refusal.value)


def test_all_breaches_are_told_at_once(few):
    table = put("year", 1949, row=3)(put("flag", "guessed", row=1)(few("reserves")))
    with pytest.raises(ContractBroken) as refusal:
        keep(promised("reserves"), table)
    assert refusal.value.breaches["rule"].nunique() == 2


@pytest.mark.parametrize("table", building.TABLES)
def test_every_column_and_table_says_what_it_means(table):
    schema = promised(table)
    assert schema.title
    assert schema.description.endswith(".")
    for name, column in schema.columns.items():
        assert len(column.description) > 5, name
    for sentence in rules(table):
        assert sentence.endswith(".")
        assert sentence[0].isupper() or sentence[0] == "`"


def test_the_flags_are_told_apart_in_the_dictionary():
    assert set(NO_FIGURE) < set(FLAGS)
    assert len(set(FLAGS.values())) == len(FLAGS)
