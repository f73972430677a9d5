"""The publications whose sheets print ENGLAND below a row a body, and so can be tied out."""

from __future__ import annotations

from coopstats.clean import revenue_budget, revenue_outturn, social_care_spending
from coopstats.clean.accounts import Accounts

PUBLICATIONS = {
    "revenue_outturn": revenue_outturn,
    "revenue_budget": revenue_budget,
    "social_care_spending": social_care_spending,
}


def all_accounts() -> list[Accounts]:
    """Every sheet that can be tied out to its ENGLAND row."""
    return [read for module in PUBLICATIONS.values() for read in module.accounts()]
