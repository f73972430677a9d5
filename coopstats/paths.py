"""Where the project keeps things: one home, set by COOPSTATS_HOME or found beside the package."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """The folder that holds data/ and notebooks/: COOPSTATS_HOME, else the package's parent."""
    return Path(os.environ.get("COOPSTATS_HOME") or PACKAGE.parent)


def raw_dir() -> Path:
    """data/raw: the transcription, as printed."""
    return home() / "data" / "raw"


def processed_dir() -> Path:
    """data/processed: the built tables."""
    return home() / "data" / "processed"


def register_dir() -> Path:
    """The register: what we decided, as CSV files inside the package."""
    return PACKAGE / "register"
