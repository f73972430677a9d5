"""Is what was built still what was printed, and still what was accepted?"""

from __future__ import annotations

import pandas as pd

from coopstats import fingerprint
from coopstats.clean import tie_out
from coopstats.clean.headings import service_lines
from coopstats.clean.revenue_outturn import accounts
from coopstats.load import load

TOLERANCE = 1_000  # pounds: a total printed in whole £ thousand may differ by its rounding
ROUNDED_PARTS = 8_000  # pounds: fifteen parts each rounded to £ thousand


def tied_out() -> pd.DataFrame:
    """The columns that do not add up to the printed ENGLAND row, each with its recorded reason.

    In £ thousand. Raises TieOutFailed when the sheets and the record disagree.
    """
    return tie_out.check(accounts())


def columns_compared() -> int:
    """How many printed ENGLAND figures the authorities were added up against."""
    return sum(tie_out.compared(read) for read in accounts())


def service_totals() -> pd.DataFrame:
    """Councils whose service lines do not add up to their printed total service expenditure.

    In pounds: `printed`, `added`, `difference`; `rounding` says whether the rounding of the parts
    can explain it.
    """
    lines = [*service_lines("revenue_outturn"), "total_service_expenditure"]
    rows = load("revenue_outturn", service=lines)
    rows = rows[~((rows["service"] == "social_care") & (rows["flag"] == "derived"))]
    wide = rows.assign(gbp=rows["gbp"].astype("float64")).pivot(
        index=["year", "ecode", "council"], columns="service", values="gbp"
    )
    printed = wide.pop("total_service_expenditure").dropna()
    added = wide.sum(axis=1).reindex(printed.index)
    off = pd.DataFrame({"printed": printed, "added": added, "difference": printed - added})
    off = off[off["difference"].abs() > TOLERANCE].reset_index()
    return off.assign(rounding=off["difference"].abs() <= ROUNDED_PARTS)


def moved() -> pd.DataFrame:
    """Table-years whose numbers differ from data/processed/FINGERPRINT.csv."""
    return fingerprint.moved()
