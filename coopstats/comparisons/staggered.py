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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coopstats.comparisons.panel import Panel, counts
from coopstats.comparisons.result import Result
from coopstats.core.errors import NotComparable, UnknownName, Verb, can, did_you_mean
from coopstats.register.councils import bodies

if TYPE_CHECKING:
    from coopstats.comparisons.question import Case
    from coopstats.measures.measure import Measure

FEWEST_FOR_ERRORS = 5
COLUMNS = {"outcome": "value", "unit": "unit", "time": "year", "first_treat": "first_year"}
NEVER = 0
FIRST_PLACE = 1
# Columns of years in what is answered.
YEARS_NAMED = ("first_year", "year", "label", "treated_group", "control_group", "time_start",
               "time_end")  # fmt: skip
OF_COUNTS = ("poisson",)
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
        error = f"error {self.error:.4g}"
        if np.isnan(self.error):
            few = self.treated < FEWEST_FOR_ERRORS
            error = "no error shown for so few" if few else "no error of the whole"
        return f"{self.name} ({self.library}): {self.gap:.4g}, {error}. {LABEL}"

    def __repr__(self) -> str:
        return f"{self.sentence}\n{self.by_event.to_string(index=False)}"


def long_frame(result: Result, line: str | None = None, people: bool = False) -> pd.DataFrame:
    """unit, year, value, first_year (0: never), kind (class) of the treated and their donors.

    The years are those that any council compares, before or after: years left out are not in it,
    and a year in which any pilot ran for a part is in nobody's. The estimators average over every
    year from a start on, so for starts of several years a council's window may be longer here than
    in the result. They know one pool of controls: where the treated have unlike donors, values
    are less the mean of a council's own donors, and of its class for a donor; a count keeps its
    value and has its people beside it. Raises NotComparable where a year would lie past the end of
    a pilot or a treated council has no figure, and where people are wanted and the line is no
    count or no people are held.
    """
    place = result.place(line)
    panel = result.estimate.question.panels[place]
    years = _years(result, panel)
    starts = {case.ecode: case.start for case in result.cases}
    codes = sorted({*starts, *(code for case in result.cases for code in case.donors)})
    wide = pd.DataFrame(panel.at(years)[panel.rows(codes)], index=codes, columns=years)
    _refuse_gap(wide.loc[list(starts)], panel)
    wide = wide.dropna()
    if not people and len({(case.stratum, case.donors) for case in result.cases}) > 1:
        wide = _beside_own(wide, result.cases)
    long = wide.rename_axis("unit").reset_index().melt("unit", var_name="year", value_name="value")
    frame = long.astype({"year": int}).assign(
        first_year=long["unit"].map(starts).fillna(NEVER).astype(int),
        kind=[bodies()[code].council_class for code in long["unit"]],
    )
    return _with_people(frame, result.measures[place]) if people else frame


def _refuse_gap(treated: pd.DataFrame, panel: Panel) -> None:
    for code, row in treated.iterrows():
        if row.isna().any():
            years = panel.named(int(year) for year in row.index[row.isna()])
            raise NotComparable(
                f"{panel.line} has no figure for {bodies()[str(code)].name} in {years}, which a "
                "second opinion needs.",
                could=[can(Verb.WINDOW)],
            )


def _beside_own(wide: pd.DataFrame, cases: Sequence[Case]) -> pd.DataFrame:
    """Each treated council less the mean of its own donors, each donor less that of its class."""
    kinds = pd.Series([bodies()[code].council_class for code in wide.index], index=wide.index)
    treated = {case.ecode: [code for code in case.donors if code in wide.index] for case in cases}
    donors = wide.drop(index=list(treated))
    apart = donors - donors.groupby(kinds[donors.index]).transform("mean")
    own = [wide.loc[code] - wide.loc[named].mean() for code, named in treated.items()]
    return pd.concat([apart, pd.DataFrame(own, index=list(treated))])


def _years(result: Result, panel: Panel) -> list[int]:
    compared = {year for case in result.cases for year in (*case.before, *case.after)}
    years = sorted(compared - {year for pilot in result.pilots for year in pilot.part_years})
    for pilot in result.pilots:
        if pilot.last_year is not None and pilot.last_year < years[-1]:
            raise NotComparable(
                f"{pilot.name} ended in {panel.named([pilot.last_year])}, and a second opinion "
                f"would take the years to {panel.named(years[-1:])} as its own.",
                could=[can(Verb.WINDOW)],
            )
    return years


def _with_people(frame: pd.DataFrame, measured: Measure) -> pd.DataFrame:
    """With the people of each place and year, where the measure counts things."""
    if not counts(measured):
        raise NotComparable(
            f"{measured.title} is no count of things, such as births of co-operatives, and a "
            "Poisson event study is of counts and the people among whom they were counted."
        )
    first, last = int(frame["year"].min()), int(frame["year"].max())
    try:
        held = measured.between(first, last).per_head(leave_out=True)
    except NotComparable as problem:
        raise NotComparable(
            f"{measured.title}: nobody's people are held for all years from {first} to {last}.",
            could=[can(Verb.WINDOW)],
        ) from problem
    rows = held.amounts[["ecode", "year", "people"]]
    rows = rows.rename(columns={"ecode": "unit"}).astype({"unit": str, "year": int})
    joined = frame.merge(rows, how="left", on=["unit", "year"])
    lacking = set(joined.loc[joined["people"].isna(), "unit"])
    treated = lacking & set(joined.loc[joined["first_year"] != NEVER, "unit"])
    if treated:
        names = ", ".join(sorted(bodies()[code].name for code in treated))
        raise NotComparable(f"No people are held for all years from {first} to {last} of {names}.")
    return joined[~joined["unit"].isin(lacking)]


def second_opinion(
    frame: pd.DataFrame, name: str = "callaway_santanna", **more: Any
) -> SecondOpinion:
    """The estimator of this name on a frame of unit, year, value, first_year.

    Years between those of the frame are left out for everybody: the last year before them is next
    to the first after, and an event year counts the years there are. Raises NotComparable where it
    would mean nothing, UnknownName for another name or a library that is not installed.
    """
    if name not in ESTIMATORS:
        raise UnknownName(
            f"No second opinion {name!r}. There are: {', '.join(ESTIMATORS)}."
            + did_you_mean(name, ESTIMATORS)
        )
    _check(frame)
    years = sorted(frame["year"].unique())
    named = {place: int(year) for place, year in enumerate(years, start=FIRST_PLACE)}
    with _quiet():
        found = ESTIMATORS[name](_in_places(frame, years), **more)
    return replace(
        found,
        by_group=_named(found.by_group, named),
        by_group_and_year=_named(found.by_group_and_year, named),
    )


def _in_places(frame: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Years by their place among those there are, for the libraries count from year to year."""
    first = frame["first_year"].to_numpy()
    return frame.assign(
        year=FIRST_PLACE + np.searchsorted(years, frame["year"]),
        first_year=np.where(first == NEVER, NEVER, FIRST_PLACE + np.searchsorted(years, first)),
    )


def _named(frame: pd.DataFrame, named: dict[int, int]) -> pd.DataFrame:
    """The same with places of years turned back into years."""
    held = [column for column in YEARS_NAMED if column in frame]
    return frame.assign(**{column: frame[column].map(lambda y: named.get(y, y)) for column in held})


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
    controls: str = "never_treated",
    draws: int = 0,
    seed: int = 0,
) -> SecondOpinion:
    """`draws` of the multiplier bootstrap; 0 for errors by formula."""
    found = (
        _library("diff_diff")
        .CallawaySantAnna(control_group=controls, n_bootstrap=draws, seed=seed)
        .fit(frame, **COLUMNS)
    )
    groups = found.aggregate("group").to_dataframe() if not draws else None
    events = found.aggregate("event_study") if not draws else None
    each = [(first, year, row["effect"]) for (first, year), row in found.group_time_effects.items()]
    told = _opinion("Callaway–Sant'Anna", found, frame, events, groups)
    return replace(
        told, by_group_and_year=pd.DataFrame(each, columns=["first_year", "year", "gap"])
    )


def _sun_abraham(frame: pd.DataFrame) -> SecondOpinion:
    found = _library("diff_diff").SunAbraham().fit(frame, **COLUMNS)
    events = pd.DataFrame(
        [(int(e), row["effect"], row["se"]) for e, row in found.event_study_effects.items()],
        columns=["event_year", "gap", "error"],
    )
    return _opinion("Sun–Abraham", found, frame, events, None)


def _imputation(frame: pd.DataFrame) -> SecondOpinion:
    found = _library("diff_diff").ImputationDiD().fit(frame, **COLUMNS)
    return _opinion("Imputation", found, frame, found.aggregate("event_study"), None)


def _goodman_bacon(frame: pd.DataFrame) -> SecondOpinion:
    """What the two-way estimate is made of; the comparisons with the already treated mislead."""
    found = _library("diff_diff").BaconDecomposition().fit(frame, **COLUMNS)
    parts = found.to_dataframe()
    return SecondOpinion(
        "Goodman-Bacon", _version("diff-diff"), float(found.twfe_estimate), float("nan"),
        _treated(frame), pd.DataFrame(columns=["event_year", "gap", "error"]), parts,
    )  # fmt: skip


def _poisson(frame: pd.DataFrame, exposure: str = "people") -> SecondOpinion:
    """Counts with effects of council and of year, people as exposure; gaps are log ratios.

    The effects of years are each class's own where the frame has several kinds.
    """
    if exposure not in frame:
        raise NotComparable(f"A Poisson event study needs a column {exposure!r}, of exposure.")
    event = np.where(frame["first_year"] == NEVER, -1, frame["year"] - frame["first_year"])
    rows = frame.assign(event=event, exposed=np.log(frame[exposure]))
    several = "kind" in frame and frame["kind"].nunique() > 1
    found = _library("pyfixest").fepois(
        f"value ~ i(event, ref=-1) | unit + {'year^kind' if several else 'year'}",
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
    """Without the libraries' cautions of what they will change in later versions."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", FutureWarning)
        yield
