"""What the flag of a figure says: how it came about, or why there is none."""

from __future__ import annotations

FLAGS = {
    "reported": "a figure other than zero was printed",
    "zero": "zero was printed",
    "derived": "computed by coopstats from printed figures of the same publication",
    "implied": "not published: what a printed count and a printed rate give, within their rounding",
    "combined": "printed for this council and another together, as in "
    "coopstats/register/combined_areas.csv or joint_services.csv",
    "missing": "the cell is blank",
    "not_applicable": "the publisher prints that the item does not apply to the body",
    "not_returned": "the body's return had not reached the publisher",
    "suppressed": "the publisher withholds the figure",
    "corrected": "replaced by a recorded correction; `coopstats trace` shows what was printed",
}

COMPUTED = ("derived", "implied")
NO_FIGURE = ("missing", "not_applicable", "not_returned", "suppressed")
