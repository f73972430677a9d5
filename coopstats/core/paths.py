"""Where the project keeps things: one home, set by COOPSTATS_HOME or found beside the package."""

from __future__ import annotations

import os
from pathlib import Path

from coopstats.core.errors import NotBuilt

VARIABLE = "COOPSTATS_HOME"
_SET = f"Set {VARIABLE} to a clone of the project, or run from one without it."
PACKAGE = Path(__file__).resolve().parents[1]


def home() -> Path:
    """The folder that holds data/ and notebooks/: COOPSTATS_HOME, else the package's parent.

    Raises NotBuilt where COOPSTATS_HOME is no folder.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return PACKAGE.parent
    if not os.path.isdir(named):
        raise NotBuilt(f"{VARIABLE} is {named!r}, which is no folder. {_SET}")
    return Path(named)


def refuse_without_raw() -> None:
    """NotBuilt where the home has no data/raw, so that nothing can be built in it."""
    if raw_dir().is_dir():
        return
    named = os.environ.get(VARIABLE)
    which = f"{VARIABLE} is {named!r}" if named else f"the project is looked for in {str(home())!r}"
    raise NotBuilt(f"{which}, which has no data/raw: there is nothing to build from. {_SET}")


def raw_dir() -> Path:
    """data/raw: the transcription, as printed."""
    return home() / "data" / "raw"


def processed_dir() -> Path:
    """data/processed: the built tables."""
    return home() / "data" / "processed"


def register_dir() -> Path:
    """The register: what we decided, as CSV files inside the package."""
    return PACKAGE / "register"
