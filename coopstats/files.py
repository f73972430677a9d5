"""Writing without halves: a file is either its old self or whole and new."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from coopstats.errors import CoopstatsError


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step; a kill or a full disk leaves the old file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as problem:
        Path(name).unlink(missing_ok=True)
        raise CoopstatsError(
            f"{path} could not be written ({problem.strerror}); the old file is untouched. "
            "Free some space or check the folder's permissions, then run again."
        ) from problem
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
