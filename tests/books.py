"""A small book for tests: every question, pilot and claim, and councils of every kind."""

from contextlib import contextmanager

import pytest
from filelock import FileLock

from coopstats.book import councils, site
from coopstats.book.pages import Making, of_articles

# A county, districts that are gone, a name that two bodies had, the longest, the smallest.
BESIDE = ["E1920", "E3520", "E1121", "E0931", "E0402", "E0421", "E0801", "E1204", "E5010", "E4001"]


def few():
    """The fifteen councils of the articles, and BESIDE."""
    codes = {*of_articles(), *BESIDE}
    return tuple(body for body in councils.councils() if body.ecode in codes)


@contextmanager
def only(bodies):
    """The book has these councils alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(councils, "councils", lambda: tuple(bodies))
        for cached in (councils.by_slug, councils._pages):
            cached.cache_clear()
        try:
            yield
        finally:
            for cached in (councils.by_slug, councils._pages):
                cached.cache_clear()


def small_book(home):
    """The small book of a home's tables, made by whichever test process comes first."""
    out = home.parent / "book"
    with FileLock(home.parent / "book.making"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(home))
        if not (out / site.STATE).exists():
            with only(few()):
                site.make(out, Making(pictures=False), workers=1)
    return out
