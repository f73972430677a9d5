"""Where the project keeps things, decided here alone.

The home holds data/ and notebooks/ and is where things are written: the folder that COOPSTATS_HOME
names, else the clone that this package lies in, else the user's own data folder. Tables are read
from the home too, or, where there is neither COOPSTATS_HOME nor a clone, from those that an
installed package carries. Nothing is ever written into the package.
"""

from __future__ import annotations

import os
from pathlib import Path

from coopstats.core.errors import NotBuilt

VARIABLE = "COOPSTATS_HOME"
_SET = f"Set {VARIABLE} to a clone of the project, or run from one without it."
PACKAGE = Path(__file__).resolve().parents[1]
CARRIED = "built"  # the folder of an installed package that carries tables; a clone has none


def home() -> Path:
    """The folder to write in: COOPSTATS_HOME, else the clone, else the user's data folder.

    The last need not be there yet. Raises NotBuilt where COOPSTATS_HOME is no folder.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return PACKAGE.parent if _is_clone() else _of_the_user()
    if not os.path.isdir(named):
        raise NotBuilt(f"{VARIABLE} is {named!r}, which is no folder. {_SET}")
    return Path(named)


def _is_clone() -> bool:
    """Whether the package lies in a clone; beside an installed one there is no run.py of ours."""
    return all((PACKAGE.parent / name).is_file() for name in ("run.py", "pyproject.toml"))


def _of_the_user() -> Path:
    """The folder that this system gives a program for its user's data."""
    import platformdirs

    return platformdirs.user_data_path("coopstats", appauthor=False)


def refuse_without_raw() -> None:
    """NotBuilt where the home has no data/raw, so that nothing can be built in it."""
    if raw_dir().is_dir():
        return
    named = os.environ.get(VARIABLE)
    which = f"{VARIABLE} is {named!r}" if named else f"the project is looked for in {str(home())!r}"
    raise NotBuilt(f"{which}, which has no data/raw: there is nothing to build from. {_SET}")


def refuse_without_tables(table: str = "") -> None:
    """NotBuilt: no table is there, or not this one; with the command that builds it."""
    refuse_without_raw()
    what = f"The table {table} has not" if table else "No table has"
    command = f"coopstats build {table}".rstrip()
    raise NotBuilt(f"{what} been built yet. Run `{command}` (a minute at most), then again.")


def raw_dir() -> Path:
    """data/raw: the transcription, as printed."""
    return home() / "data" / "raw"


def processed_dir() -> Path:
    """data/processed: where tables are built, and what is kept of them."""
    return home() / "data" / "processed"


def tables_dir() -> Path:
    """The folder that tables are read from, which may be one that nobody may write in."""
    carried = PACKAGE / CARRIED
    if not os.environ.get(VARIABLE) and not _is_clone() and carried.is_dir():
        return carried
    return processed_dir()


def makes(table: str) -> bool:
    """Whether the project makes a table of this name, built or not."""
    return (PACKAGE / "clean" / "tables" / f"{table}.py").is_file()


def register_dir() -> Path:
    """The register: what we decided, as CSV files inside the package."""
    return PACKAGE / "register"
