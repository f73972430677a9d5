"""Arguments of public functions: each is read here by one reader, before any data is touched.

```python
from coopstats.core.doors import door, flag, one_of

@door(name=one_of(["web", "print"]), wide=flag)
def size(name="web", *, wide=False):
    return name, wide
```

A reader gives the value that the function works with, or raises UnknownName with what was read
and what to write. Only arguments that the caller gave are read; a default is as it is.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from coopstats.core.errors import UnknownName, did_you_mean
from coopstats.core.safe_text import quoted
from coopstats.core.years import read_span, read_year

Reader = Callable[[Any], Any]
Door = TypeVar("Door", bound=Callable[..., Any])


def door(**readers: Reader) -> Callable[[Door], Door]:
    """A function whose arguments are read by name; what has no reader goes in as it is.

    The reader of `**more` is given all of them as a dict.
    """

    def opened(function: Door) -> Door:
        signature = inspect.signature(function)
        assert readers.keys() <= signature.parameters.keys(), f"{function}: a reader for nothing"

        @functools.wraps(function)
        def read(*given: Any, **named: Any) -> Any:
            try:
                bound = signature.bind(*given, **named)
            except TypeError:
                return function(*given, **named)  # which says what is missing in Python's words
            for name, value in bound.arguments.items():
                if name in readers:
                    bound.arguments[name] = _read(readers[name], name, value)
            return function(*bound.args, **bound.kwargs)

        return read  # type: ignore[return-value]

    return opened


def _read(reader: Reader, name: str, value: Any) -> Any:
    try:
        return reader(value)
    except UnknownName as problem:
        raise UnknownName(f"{name}: {problem.what}", could=problem.could) from None


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def word(value: Any) -> str:
    """A word or name: text, and not nothing."""
    if not isinstance(value, str):
        raise UnknownName(f"{quoted(value)} is no word: write it in quotes.")
    if not value.strip():
        raise UnknownName(f"{value!r} is empty: give a word, or leave it out.")
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in value):
        raise UnknownName(f"{quoted(value)} has letters that no file can hold.")
    return str(value)


def word_or_empty(value: Any) -> str:
    """A word, or "" for none."""
    return value if isinstance(value, str) and value == "" else word(value)


def words(value: Any) -> tuple[str, ...]:
    """One word, or several in a list, each once."""
    return several(word)(value)


def one_of(known: Iterable[str]) -> Reader:
    """One word of a few."""
    names = tuple(known)

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in names:
            near = did_you_mean(value, names) if isinstance(value, str) else ""
            raise UnknownName(f"There is no {quoted(value)}. There are: {', '.join(names)}.{near}")
        return value

    return read


def several(reader: Reader) -> Reader:
    """One thing, or one or more in a list, tuple, set or column; each once, in a tuple."""

    def read(value: Any) -> tuple:
        listed = list(value) if _is_list(value) else [value]
        if not listed:
            raise UnknownName(f"{quoted(value)} is empty: give at least one, or leave it out.")
        return tuple(dict.fromkeys(map(reader, listed)))

    return read


def any_of(reader: Reader) -> Reader:
    """As `several`, or none at all."""
    return lambda value: () if _is_list(value) and not len(value) else several(reader)(value)


def _is_list(value: Any) -> bool:
    """Whether it is a collection whose members are meant, not one thing."""
    single = (str, bytes, bytearray, Mapping)
    return (
        isinstance(value, Iterable) and not isinstance(value, single) and hasattr(value, "__len__")
    )


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────


def flag(value: Any) -> bool:
    """True or False."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise UnknownName(f"{quoted(value)} is neither True nor False.")


def count(least: int) -> Reader:
    """A whole number, `least` or more."""

    def read(value: Any) -> int:
        try:
            if isinstance(value, bool):
                raise TypeError
            number = operator.index(value)
        except TypeError:
            raise UnknownName(f"{quoted(value)} is no whole number.") from None
        if not least <= number < 2**31:
            raise UnknownName(f"{number} cannot be: give a whole number from {least} on.")
        return number

    return read


def span(value: Any) -> tuple[int | None, int | None]:
    """Years from first to last: (2010, 2016), "2010:2016", or one; None is an open end."""
    if isinstance(value, str):
        return read_span(value)
    if not _is_list(value):
        year = read_year(value)
        return year, year
    ends = tuple(end if end is None else read_year(end) for end in value)
    if len(ends) != 2 or ends == (None, None):
        raise UnknownName(f"{quoted(value)} is no span of years: write (2010, 2016).")
    first, last = ends
    if first is not None and last is not None and last < first:
        raise UnknownName(f"{quoted(value)} runs backwards: write ({last}, {first}).")
    return first, last


def closed_span(value: Any) -> tuple[int, int]:
    """A span with both of its ends, the two in any order where they are a pair."""
    if _is_list(value) and all(end is not None for end in value):
        value = sorted(map(read_year, value))
    first, last = span(value)
    if first is None or last is None:
        raise UnknownName(f"{quoted(value)} has an open end: give the first and the last year.")
    return first, last


# ── other things ─────────────────────────────────────────────────────────────────────────────────


def maybe(reader: Reader) -> Reader:
    """None for none, or what the reader reads."""
    return lambda value: None if value is None else reader(value)


def a(kind: type | tuple[type, ...], said: str) -> Reader:
    """A thing of a kind; `said` is how one gets it."""

    def read(value: Any) -> Any:
        if not isinstance(value, kind):
            raise UnknownName(f"{quoted(value)} is not what is needed: {said}.")
        return value

    return read


def function(value: Any) -> Any:
    """Something to be called."""
    if not callable(value):
        raise UnknownName(f"{quoted(value)} cannot be called.")
    return value


def folder(value: Any) -> Path:
    """The path of a folder, as text or a Path; it need not be there."""
    if isinstance(value, str | Path):
        return Path(word(str(value)))
    raise UnknownName(f"{quoted(value)} is no path: write it in quotes.")


def refuse_unknown(named: Iterable[str], known: Iterable[str], what: str) -> None:
    """UnknownName with the nearest for the first name that is not known."""
    names = list(known)
    for name in named:
        if name not in names:
            raise UnknownName(
                f"There is no {what} {name!r}. There are: {', '.join(names)}."
                + did_you_mean(name, names)
            )
