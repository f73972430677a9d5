"""A chart as users have it: a Spec that shows itself, and becomes SVG, PNG and files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from coopstats.charts import png, save
from coopstats.charts.layout import scene
from coopstats.charts.lint import check
from coopstats.charts.spec import Spec
from coopstats.charts.text import alt_text, text_form
from coopstats.core.doors import any_of, door, folder, word


class Chart(Spec):
    """A picture that knows its numbers; its parts are a Spec's, and `alt` is written if not given.

    Raises ContractBroken or UnknownName, with one sentence, when the parts do not fit.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.alt:
            object.__setattr__(self, "alt", alt_text(self))

    def __repr__(self) -> str:
        return text_form(self)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
        """Text that carries every number (nbval compares it) and a picture (nbval does not)."""
        picture = b64encode(self.png()).decode("ascii")
        shown = {"width": 720, "alt": self.alt}
        return {"text/plain": repr(self), "image/png": picture}, {"image/png": shown}

    @door(size=word)
    def svg(self, size: str = "web") -> str:
        """The picture as SVG text that stands by itself."""
        return save.picture(self, size)

    @door(size=word)
    def png(self, size: str = "web") -> bytes:
        """The picture as PNG; sizes are in layout.SIZES."""
        return png.png(scene(self, size))

    @door(folder=folder, sizes=any_of(word))
    def save(self, folder: str | Path, sizes: Iterable[str] = ()) -> dict[str, Path]:
        """Write svg, png, csv, txt and json (and a png for each further size); all or nothing."""
        return save.save(self, Path(folder), tuple(sizes))

    @door(sizes=any_of(word))
    def check(self, sizes: Iterable[str] = ("web",)) -> Chart:
        """The chart itself if the lint finds nothing; else ContractBroken, with all it found."""
        check(self, tuple(sizes))
        return self
