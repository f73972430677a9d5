"""What the register promises: one English sentence a rule, each broken in its tests.

The rules need the built tables, to say that every table and line named in the register exists, so
they cannot live in `register/`. Rules for figures belong in `clean/contracts/`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from coopstats.clean.contracts.contract import keep
from coopstats.core.errors import ContractBroken
from coopstats.register.reader import rows_of
from coopstats.reproduce.promises import claims, pilots, plan

if TYPE_CHECKING:
    import pandera.pandas as pa

PROMISED: dict[str, Callable[[], pa.DataFrameSchema]] = {
    "pilots": pilots.promised_pilots,
    "evidence": pilots.promised_evidence,
    "network": pilots.promised_network,
    "articles": claims.promised_articles,
    "claims": claims.promised_claims,
    "claim_spans": claims.promised_claim_spans,
    "exclusions": plan.promised_exclusions,
    "neighbours": plan.promised_neighbours,
    "plan": plan.promised_plan,
    "searches": plan.promised_searches,
}
FILES = tuple(PROMISED)


def read(name: str) -> pd.DataFrame:
    """A file of the register as a frame of words."""
    return pd.DataFrame(rows_of(name))


def check() -> None:
    """Raise ContractBroken, with every breach of every file, unless all promises are kept."""
    found = breaches()
    if len(found):
        lines = [f"  {r.file}: {r.rule} ({r.row})" for r in found.itertuples()]
        raise ContractBroken("\n".join(["The register breaks its promises:", *lines]), found)


def breaches() -> pd.DataFrame:
    """Every breach: the file, the rule, and the row that breaks it."""
    return pd.concat([broken(name, read(name)) for name in FILES], ignore_index=True)


def broken(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The breaches of one file of the register, given as a frame of words."""
    try:
        keep(PROMISED[name](), rows)
        return pd.DataFrame(columns=["file", "rule", "row"])
    except ContractBroken as problem:
        found = pd.DataFrame() if problem.breaches is None else problem.breaches
        words = found.drop(columns=["rule"]).astype(object).where(found.notna(), None)
        said = [", ".join(str(v) for v in row if v is not None) for row in words.to_numpy()]
        return pd.DataFrame({"file": name, "rule": found["rule"], "row": said})
