"""fetch: the original publications, brought from their publishers into a folder.

A file is known by the sha256 that SOURCES.toml records. What the folder already holds is left
alone, what has the recorded hash is put under the recorded name, and anything else that the
publisher gives is a new vintage: kept beside it under the date and the start of its hash, as in
RS_2010-11.2026-11-22.abcdef12.xls. No file is ever written over.

Where a publication has a known `address` of its own, that is tried first, then its landing page.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from coopstats.core.errors import CoopstatsError, NotFetched
from coopstats.core.safe_text import for_terminal
from coopstats.core.sources import Source
from coopstats.publications.arrived import problem_with
from coopstats.publications.landing_pages import SPREADSHEETS, fitting_attachments
from coopstats.publications.web import Web

if TYPE_CHECKING:
    import pandas as pd

THERE, FETCHED = "already there", "fetched"
NEW_VINTAGE, BESIDE = "new vintage", "kept beside"
NOT_BROUGHT = "not brought"


@dataclass(frozen=True)
class Outcome:
    """What became of one publication: where it is now, from which address, or why it is not."""

    source: Source
    what: str
    path: Path | None = None
    address: str = ""
    sha256: str = ""
    reason: str = ""


# ── bringing publications ────────────────────────────────────────────────────────────────────────


def fetch(
    sources: Iterable[Source], folder: Path, show_progress: bool = False, web: Web | None = None
) -> list[Outcome]:
    """Bring each publication into `folder`; one that cannot be brought is an outcome, not an error.

    Raises CoopstatsError when the folder cannot be written, or another fetch is at work in it.
    """
    web = web or Web(show_progress=show_progress)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _only_fetch(folder):
            return [_bring_or_say_why(source, folder, web) for source in sources]
    except OSError as problem:
        raise CoopstatsError(
            f"{problem.filename or folder} could not be written ({problem.strerror}). Free some "
            "space or check the folder's permissions, then run again: nothing is fetched twice."
        ) from problem


@contextlib.contextmanager
def _only_fetch(folder: Path) -> Iterator[None]:
    import filelock

    try:
        with filelock.FileLock(folder / ".fetch.lock", blocking=False):
            yield
    except filelock.Timeout as busy:
        raise CoopstatsError(
            f"Another `coopstats fetch` is writing {folder}. Wait until it has ended, then run "
            "again."
        ) from busy


def _bring_or_say_why(source: Source, folder: Path, web: Web) -> Outcome:
    """One publication; what its publisher gives can be so odd that no line of ours expects it."""
    try:
        return bring(source, folder, web)
    except (OSError, CoopstatsError):  # of the folder: it stops the others too
        raise
    except Exception as problem:
        reason = f"its publisher's answer is not understood ({type(problem).__name__}: {problem})"
        return Outcome(source, NOT_BROUGHT, reason=for_terminal(reason))


def bring(source: Source, folder: Path, web: Web) -> Outcome:
    """One publication: there already, fetched, a new vintage, or not to be had and why."""
    place = folder / source.file
    if place.exists() and digest_of(place) == source.sha256:
        return Outcome(source, THERE, place, sha256=source.sha256)
    if source.note.startswith("extract reshaped"):
        reason = f"the publisher has it in another form: ours is an {source.note.split(';')[0]}"
        return Outcome(source, NOT_BROUGHT, reason=f"{reason} ({source.carrier})")
    place.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for way in (_direct, _resolved):
        try:
            return way(source, place, web)
        except NotFetched as why:
            reasons.append(str(why))
    return Outcome(source, NOT_BROUGHT, reason="; ".join(filter(None, reasons)))


def _direct(source: Source, place: Path, web: Web) -> Outcome:
    """From an address of its own, where one is known."""
    if not source.address:
        raise NotFetched
    part, digest = _downloaded(source, place, source.address, web)
    return _settled(source, place, part, digest, source.address)


def _resolved(source: Source, place: Path, web: Web) -> Outcome:
    """From the file of its landing page that fits; where several do, the hash must decide."""
    fitting = fitting_attachments(source, web)
    refused = []
    for attachment in fitting:
        try:
            part, digest = _downloaded(source, place, attachment.address, web)
        except NotFetched as why:
            refused.append(str(why))
            continue
        if digest == source.sha256 or len(fitting) == 1:
            return _settled(source, place, part, digest, attachment.address)
        part.unlink()
    raise NotFetched(
        "; ".join(refused)
        or f"{len(fitting)} files of its page fit and none has the recorded sha256: "
        f"{', '.join(a.filename for a in fitting)}. Record the right one as `address`"
    )


def _downloaded(source: Source, place: Path, address: str, web: Web) -> tuple[Path, str]:
    """The whole file beside its place, and its sha256.

    A file put together from two answers may be of two editions: unless its hash is the recorded
    one it is fetched again, in one piece or to the same bytes.
    """
    key = hashlib.sha256(address.encode()).hexdigest()[:8]
    part = place.with_name(f".{place.name}.{key}.part")
    resumed = web.download(address, part, place.name)
    digest = digest_of(part)
    if resumed and digest != source.sha256:
        part.unlink()
        resumed = web.download(address, part, place.name)
        before, digest = digest, digest_of(part)
        if resumed and digest not in (before, source.sha256):
            part.unlink()
            raise NotFetched(f"{address} breaks off, and no two answers are the same file")
    _check_kind(source, part, address, digest)
    return part, digest


def _check_kind(source: Source, part: Path, address: str, digest: str) -> None:
    """Raise unless a file without the recorded hash at least is what its reader can open."""
    problem = "" if digest == source.sha256 else problem_with(source, part)
    if problem:
        part.unlink()
        raise NotFetched(f"{address} {problem}")


def _settled(source: Source, place: Path, part: Path, digest: str, address: str) -> Outcome:
    """The fetched file under its name: the recorded one, or one of its own beside it."""
    recorded = digest == source.sha256
    if recorded and not place.exists():
        os.replace(part, place)
        return Outcome(source, FETCHED, place, address, digest)
    what = BESIDE if recorded else NEW_VINTAGE
    return Outcome(source, what, _kept(place, part, digest, address), address, digest)


def _kept(place: Path, part: Path, digest: str, address: str) -> Path:
    """A file kept beside `place` under its date and hash, once however often it is fetched."""
    suffix = PurePosixPath(urlsplit(address).path).suffix.lower()
    suffix = suffix if suffix in SPREADSHEETS else place.suffix
    earlier = sorted(place.parent.glob(f"{place.stem}.*.{digest[:8]}.*"))
    if earlier and digest_of(earlier[0]) == digest:
        part.unlink()
        return earlier[0]
    today = datetime.date.today().isoformat()
    kept = place.with_name(f"{place.stem}.{today}.{digest[:8]}{suffix}")
    os.replace(part, kept)
    return kept


def digest_of(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def as_frame(outcomes: Iterable[Outcome], folder: Path) -> pd.DataFrame:
    """One row a publication: source, what became of it, where it is, from where, why not."""
    import pandas as pd

    rows = [
        {
            "source": o.source.id,
            "outcome": o.what,
            "file": o.path.relative_to(folder).as_posix() if o.path else "",
            "sha256": o.sha256,
            "address": for_terminal(o.address),
            "reason": o.reason,
            "page": o.source.page,
        }
        for o in outcomes
    ]
    return pd.DataFrame(rows)


def report(outcomes: list[Outcome]) -> list[str]:
    """What a person needs to hear: counts, then new vintages, then what is to be had by hand."""
    counts = {o.what: sum(other.what == o.what for other in outcomes) for o in outcomes}
    lines = [", ".join(f"{count} {what}" for what, count in counts.items())]
    for o in outcomes:
        if o.what == NEW_VINTAGE:
            lines.append(
                f"new vintage of {o.source.id}: kept as {o.path}. To use it, give it an entry of "
                "its own in data/raw/SOURCES.toml (CONTRIBUTING.md, 'Add a year')."
            )
        elif o.what == BESIDE:
            lines.append(
                f"{o.source.id}: {o.source.file} is there with other content than was recorded "
                f"and was left alone; the recorded file is kept as {o.path}."
            )
    for o in outcomes:
        if o.what == NOT_BROUGHT:
            lines.append(f"{o.source.id}: {o.reason}. Page: {o.source.page or 'not known'}")
    return lines
