"""Second opinions on staggered starts: other people's estimators, behind one door.

Callaway–Sant'Anna, Sun–Abraham, imputation and Goodman-Bacon come from diff-diff, the Poisson
event study from pyfixest (the extra `staggered`). Their errors rest on many treated councils, and
with a dozen they reject too often: so they are never the headline, and with fewer than five
treated councils no error is shown. Nothing else of these libraries is used: not their sensitivity
sets of relative magnitudes (too narrow), not LWDiD (wrong errors with one treated unit), not
did2s (fails on some panels), not their `load_` functions (made-up figures when offline).
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coopstats.errors import NotComparable, UnknownName, did_you_mean

if TYPE_CHECKING:
    from coopstats.compare.comparison import Comparison

FEWEST_FOR_ERRORS = 5
COLUMNS = {"outcome": "value", "unit": "unit", "time": "year", "first_treat": "first_year"}
NEVER = 0
LABEL = "Second opinion, not the headline: its errors assume many treated councils."


@dataclass(frozen=True, eq=False)
class SecondOpinion:
    """What a library says. `by_event` and `by_group` have columns for gap and error.

    `by_group_and_year` has a gap for each first treated year and year (Callaway–Sant'Anna alone).
    `error` is NaN, and the error columns too, where fewer than five councils are treated.
    """

    name: str
    library: str
    gap: float
    error: float
    treated: int
    by_event: pd.DataFrame
    by_group: pd.DataFrame
    by_group_and_year: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def sentence(self) -> str:
        """What it says in a sentence, with its label."""
        error = "no error shown for so few" if np.isnan(self.error) else f"error {self.error:.4g}"
        return f"{self.name} ({self.library}): {self.gap:.4g}, {error}. {LABEL}"

    def __repr__(self) -> str:
        return f"{self.sentence}\n{self.by_event.to_string(index=False)}"


def long_frame(comparison: Comparison, line: str | None = None) -> pd.DataFrame:
    """unit, year, value, first_year (0: never) of the treated and all their donors."""
    panels = comparison.estimate.question.panels
    panel = panels[comparison.lines.index(line or comparison.lines[0])]
    starts = {case.ecode: case.start for case in comparison.cases}
    codes = sorted({*starts, *(code for case in comparison.cases for code in case.donors)})
    wide = pd.DataFrame(panel.values[panel.rows(codes)], index=codes, columns=panel.years)
    wide = wide.dropna().rename_axis("unit").reset_index()
    frame = wide.melt("unit", var_name="year", value_name="value").astype({"year": int})
    return frame.assign(first_year=frame["unit"].map(starts).fillna(NEVER).astype(int))


def second_opinion(
    frame: pd.DataFrame, name: str = "callaway_santanna", anticipation: int = 0, **more: Any
) -> SecondOpinion:
    """The estimator of this name on a frame of unit, year, value, first_year.

    `anticipation` is the number of part years before the first full one. Raises NotComparable
    where it would mean nothing, UnknownName for another name or a library that is not installed.
    """
    if name not in ESTIMATORS:
        raise UnknownName(
            f"No second opinion {name!r}. There are: {', '.join(ESTIMATORS)}."
            + did_you_mean(name, ESTIMATORS)
        )
    _check(frame)
    with _quiet():
        return ESTIMATORS[name](frame, anticipation, **more)


def _check(frame: pd.DataFrame) -> None:
    if frame.duplicated(["unit", "year"]).any():
        raise NotComparable("A unit has two rows for one year.")
    starts = frame.groupby("unit")["first_year"].first()
    if not (starts == NEVER).any():
        raise NotComparable("No unit is never treated: there is nobody to compare with.")
    if not (starts != NEVER).any():
        raise NotComparable("No unit is treated.")
    sizes = frame.groupby("unit")["year"].nunique()
    if sizes.nunique() > 1:
        raise NotComparable("Some units lack years: these estimators are given whole panels only.")


def _callaway_santanna(
    frame: pd.DataFrame,
    anticipation: int,
    controls: str = "never_treated",
    draws: int = 0,
    seed: int = 0,
) -> SecondOpinion:
    """`draws` of the multiplier bootstrap; 0 for errors by formula."""
    found = (
        _library("diff_diff")
        .CallawaySantAnna(
            control_group=controls, n_bootstrap=draws, seed=seed, anticipation=anticipation
        )
        .fit(frame, **COLUMNS)
    )
    groups = found.aggregate("group").to_dataframe() if not draws else None
    events = found.aggregate("event_study") if not draws else None
    each = [(first, year, row["effect"]) for (first, year), row in found.group_time_effects.items()]
    told = _opinion("Callaway–Sant'Anna", found, frame, events, groups)
    return replace(
        told, by_group_and_year=pd.DataFrame(each, columns=["first_year", "year", "gap"])
    )


def _sun_abraham(frame: pd.DataFrame, anticipation: int) -> SecondOpinion:
    found = _library("diff_diff").SunAbraham(anticipation=anticipation).fit(frame, **COLUMNS)
    events = pd.DataFrame(
        [(int(e), row["effect"], row["se"]) for e, row in found.event_study_effects.items()],
        columns=["event_year", "gap", "error"],
    )
    return _opinion("Sun–Abraham", found, frame, events, None)


def _imputation(frame: pd.DataFrame, anticipation: int) -> SecondOpinion:
    found = _library("diff_diff").ImputationDiD(anticipation=anticipation).fit(frame, **COLUMNS)
    return _opinion("Imputation", found, frame, found.aggregate("event_study"), None)


def _goodman_bacon(frame: pd.DataFrame, anticipation: int) -> SecondOpinion:
    """What the two-way estimate is made of; the comparisons with the already treated mislead."""
    found = _library("diff_diff").BaconDecomposition().fit(frame, **COLUMNS)
    parts = found.to_dataframe()
    return SecondOpinion(
        "Goodman-Bacon", _version("diff-diff"), float(found.twfe_estimate), float("nan"),
        _treated(frame), pd.DataFrame(columns=["event_year", "gap", "error"]), parts,
    )  # fmt: skip


def _poisson(frame: pd.DataFrame, anticipation: int, exposure: str = "people") -> SecondOpinion:
    """Counts with council and year effects and people as exposure; gaps are log ratios."""
    base = -1 - anticipation
    event = np.where(frame["first_year"] == NEVER, base, frame["year"] - frame["first_year"])
    rows = frame.assign(event=event, exposed=np.log(frame[exposure]))
    found = _library("pyfixest").fepois(
        f"value ~ i(event, ref={base}) | unit + year",
        rows,
        vcov={"CRV1": "unit"},
        offset="exposed",
    )
    told = found.tidy().reset_index()
    years = told["Coefficient"].str.extract(r"(-?\d+)\]?$")[0].astype(int)
    events = pd.DataFrame(
        {"event_year": years, "gap": told["Estimate"], "error": told["Std. Error"]}
    )
    after = events[events["event_year"] >= 0]
    return SecondOpinion(
        "Poisson event study", _version("pyfixest"), float(after["gap"].mean()), float("nan"),
        _treated(frame), _without_errors(events, _treated(frame)), pd.DataFrame(),
    )  # fmt: skip


ESTIMATORS: dict[str, Callable[..., SecondOpinion]] = {
    "callaway_santanna": _callaway_santanna,
    "sun_abraham": _sun_abraham,
    "imputation": _imputation,
    "goodman_bacon": _goodman_bacon,
    "poisson": _poisson,
}


def _opinion(
    name: str, found: Any, frame: pd.DataFrame, events: Any, groups: pd.DataFrame | None
) -> SecondOpinion:
    treated = _treated(frame)
    return SecondOpinion(
        name,
        _version("diff-diff"),
        float(found.overall_att),
        float(found.overall_se) if treated >= FEWEST_FOR_ERRORS else float("nan"),
        treated,
        _without_errors(_by_event(events), treated),
        pd.DataFrame() if groups is None else groups,
    )


def _by_event(events: Any) -> pd.DataFrame:
    if events is None:
        return pd.DataFrame(columns=["event_year", "gap", "error"])
    if isinstance(events, pd.DataFrame):
        return events
    return pd.DataFrame({"event_year": events.event_time, "gap": events.att, "error": events.se})


def _without_errors(events: pd.DataFrame, treated: int) -> pd.DataFrame:
    few = treated < FEWEST_FOR_ERRORS
    return events.assign(error=np.nan) if few else events.reset_index(drop=True)


def _treated(frame: pd.DataFrame) -> int:
    return int(frame.loc[frame["first_year"] != NEVER, "unit"].nunique())


def _library(module: str) -> Any:
    if importlib.util.find_spec(module) is None:
        raise UnknownName(
            f"Second opinions need {module.replace('_', '-')}, which is not installed: "
            "pip install 'coopstats[staggered]'."
        )
    return importlib.import_module(module)


def _version(package: str) -> str:
    return f"{package} {importlib.metadata.version(package)}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the libraries' notices of what they will change in later versions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield
