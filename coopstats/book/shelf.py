"""`cs.chart(slug)` and `cs.charts()`: the charts of the book, made only when they are asked for.

`coopstats.charts` is also the package that draws. Python lets a module have a class of its own
(Data model, 3.3.2.1), so the package can be called, and `from coopstats import charts` is one
thing everywhere.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from coopstats import charts
from coopstats.core.doors import door, word

if TYPE_CHECKING:
    import pandas as pd

    from coopstats.charts import Chart


class Charts(ModuleType):
    """The package of charts, which lists all charts of the book when it is called."""

    def __call__(self) -> pd.DataFrame:
        """Every chart that can be had: slug, title, what it is of."""
        from coopstats.book import catalogue

        return catalogue.charts()


@door(slug=word)
def chart(slug: str) -> Chart:
    """One chart of the book by its slug. Raises UnknownName with the nearest."""
    from coopstats.book import catalogue

    return catalogue.chart(slug)


charts.__class__ = Charts
