"""What a chart says, apart from how it is drawn: its numbers, its words, and what fits together.

Nothing here draws, and nothing that draws is imported. text.py writes a Spec as text, layout.py
turns it into a scene of lines and words, svg.py and png.py put a scene on paper; chart.py joins
them in a Chart, which is what users have.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from coopstats.charts.numbers import NUMBERS, places_for
from coopstats.core import files
from coopstats.core.doors import door, word_or_empty
from coopstats.core.errors import ContractBroken, UnknownName, did_you_mean

KINDS = {
    "line": ("series", "x", "y"),
    "bar": ("series", "y"),
    "dot": ("series", "y"),
    "scatter": ("series", "x", "y"),
    "hex": ("series", "y", "q", "r"),
    "timeline": ("series", "y", "until"),
}
NUMERIC = ("x", "y", "until", "low", "high", "q", "r")
OF_SIZES = ("-web", "-square", "-print", "-narrow")  # a size follows the slug in a file's name
KEYS = {"line": ["series", "x"], "hex": ["q", "r"], "timeline": ["series", "y"]}
LICENCE = "Contains public sector information licensed under the Open Government Licence v3.0."


@dataclass(frozen=True, eq=False, repr=False)
class Spec:
    """One chart: its words, its numbers, where they come from and what was done to them.

    `frame` is tidy: `series` (a council, a service …), `y` (the number), and by kind `x`, `q`, `r`;
    optional `low` and `high` (drawn as uncertainty), `panel` (small multiples), `gss`, `region`.
    In a timeline `y` to `until` is when something surely was, `low` to `high` when possibly.
    `doubt` is why a figure is in doubt: its mark is hollow, and a note and the CSV say so. `break`
    is what changed in the meaning of a figure: an upright line marks it on lines, and it is in the
    CSV; other kinds say "like for like" or "not like for like" in title or subtitle.
    A missing `y` is drawn and said as missing, never left out. `unit` is in words, `number` names
    how numbers print (see numbers.NUMBERS). `highlight` gets colour, the rest is grey context.
    On a map `bin_names` are kinds instead of amounts, and `y` is the place of its kind, 0 first.
    Raises ContractBroken or UnknownName, with one sentence, when the parts do not fit.
    """

    slug: str
    kind: str
    title: str
    subtitle: str
    frame: pd.DataFrame
    unit: str
    number: str = "count"
    sources: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    highlight: tuple[str, ...] = ()
    context: str = ""
    marks: Mapping[float, str] = field(default_factory=dict)
    x_title: str = ""
    x_number: str = "year"
    y_range: tuple[float, float] | None = None
    bins: tuple[float, ...] = ()
    bin_names: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    licence: str = LICENCE
    alt: str = ""

    def __post_init__(self) -> None:
        for name in ("sources", "notes", "highlight", "bin_names"):
            object.__setattr__(self, name, _texts(getattr(self, name)))
        kinds = range(len(self.bin_names) + 1) if self.bin_names else self.bins
        object.__setattr__(self, "bins", tuple(kinds))
        object.__setattr__(self, "marks", dict(self.marks))
        object.__setattr__(self, "names", dict(self.names))
        object.__setattr__(self, "frame", self.frame.reset_index(drop=True).copy())
        _check_words(self)
        _check_frame(self)
        _check_names(self)

    @functools.cached_property
    def identity(self) -> str:
        """Twelve characters that change when a number, its name or its unit does, and only then."""
        numbers = self.frame.drop(columns=["doubt", "break"], errors="ignore")
        parts = [self.kind, self.unit, self.number, numbers.columns.tolist()]
        rows = [[_exactly(cell) for cell in row] for row in numbers.itertuples(index=False)]
        told = json.dumps([parts, rows], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:12]

    @property
    def citation(self) -> str:
        """A line to cite the chart by."""
        return f"coopstats, “{self.title}”, chart {self.slug}, numbers {self.identity}."

    @functools.cached_property
    def extent(self) -> tuple[float, float]:
        """Least and greatest number drawn, uncertainty included."""
        names = [name for name in ("y", "low", "high") if name in self.frame]
        values = self.frame[names].to_numpy(dtype=float)
        return float(np.nanmin(values)), float(np.nanmax(values))

    @functools.cached_property
    def places(self) -> int:
        """Decimals of the numbers as drawn, the same all over the chart."""
        return places_for(self.number, [abs(y) for y in self.frame["y"].dropna()])

    @functools.cached_property
    def doubtful(self) -> pd.DataFrame:
        """The rows whose figure is in doubt."""
        return self.frame[odd(self.frame)]

    @functools.cached_property
    def panels(self) -> list[str]:
        """The small multiples in order of appearance; one nameless panel if there are none."""
        return list(dict.fromkeys(self.frame["panel"])) if "panel" in self.frame else [""]

    @functools.cached_property
    def _rows(self) -> dict[str, pd.DataFrame]:
        """The rows of each panel."""
        if "panel" not in self.frame:
            return {"": self.frame}
        return {name: self.frame[self.frame["panel"] == name] for name in self.panels}

    @door(name=word_or_empty)
    def panel(self, name: str) -> pd.DataFrame:
        """The rows of one panel. Raises UnknownName with the nearest."""
        if name not in self.panels:
            raise UnknownName(f"There is no panel {name!r}." + did_you_mean(name, self.panels))
        return self._rows[name]


def odd(rows: pd.DataFrame) -> list[bool]:
    """Which rows' figures are in doubt."""
    if "doubt" not in rows:
        return [False] * len(rows)
    return [not pd.isna(words) and str(words) != "" for words in rows["doubt"]]


def _texts(words: str | Iterable[str]) -> tuple[str, ...]:
    given = (words,) if isinstance(words, str) else tuple(words)
    return tuple(dict.fromkeys(str(word).strip() for word in given if str(word).strip()))


def _exactly(cell: object) -> str:
    """Nine significant figures: more would change with the machine, fewer would hide a move."""
    if isinstance(cell, (int, float)) or hasattr(cell, "dtype"):
        return "" if pd.isna(cell) else f"{float(cell):.9g}"  # type: ignore[arg-type]
    return "" if pd.isna(cell) else str(cell)


def _refuse(spec: Spec, why: str) -> None:
    raise ContractBroken(f"Chart {spec.slug!r}: {why}")


def _check_words(spec: Spec) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,79}", spec.slug):
        _refuse(spec, "a slug is 1 to 80 of a-z, 0-9, - and _, because it becomes a file's name.")
    if not files.is_safe(spec.slug) or spec.slug.endswith(OF_SIZES):
        _refuse(spec, f"no slug is a device's name or ends in {', '.join(OF_SIZES)}: another "
                       "file has that name.")  # fmt: skip
    for name, value, known in (
        ("kind", spec.kind, KINDS),
        ("number", spec.number, NUMBERS),
        ("x_number", spec.x_number, NUMBERS),
    ):
        if value not in known:
            raise UnknownName(
                f"Chart {spec.slug!r}: {name} {value!r} is none of {', '.join(known)}."
                + did_you_mean(value, known)
            )
    if not spec.title.strip():
        _refuse(spec, "it has no title; give one that states the finding.")


def _check_frame(spec: Spec) -> None:
    frame = spec.frame
    missing = [name for name in KINDS[spec.kind] if name not in frame]
    if missing:
        _refuse(spec, f"a {spec.kind} chart needs the column {missing[0]!r}.")
    if frame.empty or frame["y"].isna().all():
        _refuse(spec, "there is no number to draw.")
    for name in [n for n in NUMERIC if n in frame]:
        _check_numbers(spec, name)
    for name in [n for n in ("break", "doubt") if n in frame]:
        spec.frame[name] = frame[name].astype(object).fillna("").astype(str)
    for name in [n for n in ("series", "panel") if n in frame]:
        if frame[name].isna().any() or (frame[name].astype(str).str.strip() == "").any():
            _refuse(spec, f"a row has no {name!r}.")
        spec.frame[name] = frame[name].astype(str)
    _check_once(spec)
    if {"low", "high"} <= set(frame) and (frame["low"] > frame["high"]).any():
        _refuse(spec, "'low' is above 'high' in some row.")


def _check_numbers(spec: Spec, name: str) -> None:
    column = spec.frame[name]
    if not pd.api.types.is_numeric_dtype(column):
        _refuse(spec, f"the column {name!r} holds text where numbers are needed.")
    spec.frame[name] = column.astype("float64")
    if spec.frame[name].abs().eq(float("inf")).any():
        _refuse(spec, f"the column {name!r} holds an infinite number.")
    if name in ("x", "q", "r") and spec.frame[name].isna().any():
        _refuse(spec, f"a row has no {name!r}, so it has no place on the chart.")


def _check_once(spec: Spec) -> None:
    key = KEYS.get(spec.kind, ["series"]) + (["panel"] if "panel" in spec.frame else [])
    twice = spec.frame[spec.frame.duplicated(key)]
    if len(twice):
        where = ", ".join(f"{name} {twice.iloc[0][name]}" for name in key)
        _refuse(spec, f"two rows for {where}.")


def _check_names(spec: Spec) -> None:
    known = set(spec.frame["series"])
    for name in spec.highlight:
        if name not in known:
            raise UnknownName(
                f"Chart {spec.slug!r}: {name!r} is to be highlighted but is not in the numbers."
                + did_you_mean(name, known)
            )
    if spec.bin_names and not spec.frame["y"].isin(range(len(spec.bin_names))).all():
        _refuse(spec, f"a 'y' is no place among its {len(spec.bin_names)} kinds.")
    if list(spec.bins) != sorted(set(spec.bins)) or len(spec.bins) == 1:
        _refuse(spec, "the edges of the bins must rise, and there must be two or more.")
