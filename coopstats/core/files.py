"""Writing without halves: a file is either its old self or whole and new."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from coopstats.core.errors import CoopstatsError

# Names that Windows keeps for devices, whatever their ending.
DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)


def is_safe(name: str) -> bool:
    """Whether every system takes this as a file's name: in ASCII, without blanks, no device."""
    stem = name.partition(".")[0].casefold()
    return bool(re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*", name)) and stem not in DEVICES


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step; a kill or a full disk leaves the old file."""
    replace_all({path: content})


def replace_all(contents: Mapping[Path, bytes]) -> None:
    """Write several files, none of them unless there is room for all of them.

    Only a kill in the moment of the last renames can leave some old and some new, each whole.
    """
    path = None
    try:
        with contextlib.ExitStack() as removed_at_the_end:
            written = {}
            for path, content in contents.items():
                written[path] = removed_at_the_end.enter_context(_beside(path))
                written[path].write_bytes(content)
                written[path].chmod(0o644)
            for path, temporary in written.items():
                os.replace(temporary, path)
    except OSError as problem:
        raise _unwritten(path, problem) from problem


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A file to write in piece by piece, which becomes `path` if all went well, and else is gone.

    For what is too large to be held at once. Raises CoopstatsError where it cannot be written.
    """
    try:
        with _beside(path) as temporary:
            yield temporary
            temporary.chmod(0o644)
            os.replace(temporary, path)
    except OSError as problem:
        raise _unwritten(path, problem) from problem


def _unwritten(path: Path | None, problem: OSError) -> CoopstatsError:
    return CoopstatsError(
        f"{path} could not be written ({problem.strerror or problem}); the old file is untouched. "
        "Free some space or check the folder's permissions, then run again."
    )


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """An empty file in the same folder, gone at the end unless it was moved away."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
