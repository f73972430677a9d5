"""fetch: the original publications, brought from their publishers into a folder.

A file is known by the sha256 that SOURCES.toml records. What the folder already holds is left
alone, what has the recorded hash is put under the recorded name, and anything else that the
publisher gives is a new vintage: kept beside it under the date and the start of its hash, as in
RS_2010-11.2026-11-22.abcdef12.xls. No file is ever written over.

A landing page on GOV.UK is asked through its content API what it holds. Where a publication has a
known `address` of its own, that is tried first.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from coopstats.core.errors import CoopstatsError, NotFetched
from coopstats.core.sources import Source

if TYPE_CHECKING:
    import pandas as pd
    import requests

GOV_UK = "https://www.gov.uk"
API = "/api/content"
CHUNK = 1 << 13  # what is lost, at most, of an answer that breaks off
MOST_TRIED = 4  # files of a page that may be the one: more are for a person to choose from
TRY_AGAIN = (429, 500, 502, 503, 504)
SPREADSHEETS = (".xls", ".xlsx", ".xlsm", ".ods")

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


@dataclass(frozen=True)
class Attachment:
    """A file that a landing page offers; `page_title` is of the page that lists it."""

    title: str
    address: str
    page_title: str

    @property
    def filename(self) -> str:
        """The last part of its address."""
        return unquote(PurePosixPath(urlsplit(self.address).path).name)


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
            return [bring(source, folder, web) for source in sources]
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
    if digest == source.sha256:
        return
    with part.open("rb") as content:
        start = content.read(512).lstrip().lower()
    problem = "is a web page, not a file" if start.startswith(HTML) else _unreadable(source, part)
    if problem:
        part.unlink()
        raise NotFetched(f"{address} {problem}")


HTML = (b"<!doctype html", b"<html", b"<head")


def _unreadable(source: Source, part: Path) -> str:
    """What is wrong with a workbook; nothing where nothing is, or with files of other kinds."""
    if source.reader != "workbook":
        return "" if part.stat().st_size else "is empty"
    import io

    import python_calamine

    try:
        python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(part.read_bytes())).close()
    except (python_calamine.CalamineError, OSError, ValueError) as problem:
        return f"is not a whole workbook ({problem})"
    return ""


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


# ── which file of a landing page ─────────────────────────────────────────────────────────────────


def fitting_attachments(source: Source, web: Web) -> list[Attachment]:
    """The files of a publication's landing page that may be it; NotFetched if none or too many."""
    if not source.page.startswith(f"{GOV_UK}/"):
        raise NotFetched("its page is not on GOV.UK, whose pages can be asked what they hold")
    offered = list(attachments_of(source.page, _years_of(source.period), web))
    fitting = [a for a in offered if fits(a, source)]
    names = {*source.note.split(), PurePosixPath(source.address).name}
    known = [a for a in fitting if a.filename in names]
    fitting = list({a.address: a for a in known or fitting}.values())
    if not 0 < len(fitting) <= MOST_TRIED:
        what = " ".join(sorted(_wanted_words(source)))
        raise NotFetched(
            f"{len(fitting) or 'none'} of the {len(offered)} files of its page name {what!r} and "
            f"{source.period}"
        )
    return fitting


def attachments_of(page: str, years: set[int], web: Web) -> Iterator[Attachment]:
    """The files that a page offers; those of a collection's documents that name one of the years.

    With no years to look for, every document of a collection is asked.
    """
    content = web.json(_api_of(page))
    yield from _listed(content)
    for document in content.get("links", {}).get("documents", []):
        if not years or years & _years_of(document.get("title", "")):
            yield from _listed(web.json(_api_of(document.get("base_path", ""))))


def _api_of(page: str) -> str:
    return GOV_UK + API + urlsplit(page).path


def _listed(content: dict[str, Any]) -> Iterator[Attachment]:
    for attachment in content.get("details", {}).get("attachments", []):
        if attachment.get("url"):
            yield Attachment(
                attachment.get("title") or "",
                urljoin(GOV_UK, attachment["url"]),
                content.get("title") or "",
            )


def fits(attachment: Attachment, source: Source) -> bool:
    """Is it of the source's kind, about its subject, and of its year?"""
    ending = PurePosixPath(attachment.filename).suffix.lower()
    kinds = SPREADSHEETS if source.reader == "workbook" else (Path(source.file).suffix,)
    said = f"{attachment.title} {attachment.filename}"
    years = _years_of(source.period)
    own = _years_of(said) or _years_of(attachment.page_title)
    return ending in kinds and _wanted_words(source) <= _words(said) and (not years or years == own)


def _wanted_words(source: Source) -> set[str]:
    """What a file must name: the form's letters, "RS", or the words after the title's comma."""
    form = re.search(r"\(([A-Z]{2}[0-9]?)\)", source.title)
    if form:
        return {form[1].lower()}
    plain = re.sub(r"\(.*?\)", "", source.title)
    return _words(plain.partition(",")[2] or plain)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", text.lower()))


_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)[\s_]*(?:to|[-–/])[\s_]*(?:19|20)?(\d\d)(?!\d)")


def _years_of(text: str) -> set[int]:
    """The financial years that a text names: 2010 for 2010-11, 2010/11, 2010 to 2011."""
    pairs = [(int(first), int(second)) for first, second in _YEAR.findall(text)]
    return {first for first, second in pairs if second == (first + 1) % 100}


# ── the wire ─────────────────────────────────────────────────────────────────────────────────────


class Web:
    """One session with publishers' servers: patient, polite, and taking up where it broke off.

    `timeout` is in seconds, to connect and between two pieces of an answer. `pauses` are slept
    before each new attempt at an answer that broke off; `backoff` is what urllib3 waits before it
    asks again a server that does not answer or is busy, doubled each time.
    """

    def __init__(
        self,
        timeout: tuple[float, float] = (10, 60),
        pauses: tuple[float, ...] = (1, 4, 16, 60),
        backoff: float = 1,
        show_progress: bool = False,
    ) -> None:
        self.timeout, self.pauses, self.show_progress = timeout, pauses, show_progress
        self.session = _session(backoff)
        self.asked: dict[str, dict[str, Any] | NotFetched] = {}

    def json(self, address: str) -> dict[str, Any]:
        """What an address of the content API says, asked once."""
        if address not in self.asked:
            self.asked[address] = self._ask(address)
        said = self.asked[address]
        if isinstance(said, NotFetched):
            raise said
        return said

    def _ask(self, address: str) -> dict[str, Any] | NotFetched:
        import requests

        try:
            with self._answer(address, {}) as answer:
                said = answer.json()
        except NotFetched as why:
            return why
        except requests.RequestException:
            return NotFetched(f"{address} does not answer as GOV.UK's content API does")
        return said if isinstance(said, dict) else NotFetched(f"{address} is no page")

    def download(self, address: str, part: Path, name: str) -> bool:
        """Bring an address's file to `part`, from where it broke off; True if it ever broke off."""
        import requests

        resumed = False
        for pause in (*self.pauses, None):
            resumed = resumed or _size(part) > 0
            try:
                self._take(address, part, name)
                return resumed
            except requests.RequestException as broken:
                if pause is None:
                    raise NotFetched(
                        f"{address} broke off {len(self.pauses) + 1} times ({_plain(broken)}). "
                        "What came is kept: run again to take it up"
                    ) from broken
                time.sleep(pause)
        raise AssertionError("the last pause is None")

    def _take(self, address: str, part: Path, name: str) -> None:
        """One request for what is missing of a file."""
        had = _size(part)
        answer = self._answer(address, {"Range": f"bytes={had}-"} if had else {})
        if had and not _continues(answer, had):
            part.unlink()
            if answer.status_code != 200:
                answer.close()
                answer = self._answer(address, {})
        with answer:
            if "html" in answer.headers.get("Content-Type", ""):
                raise NotFetched(f"{address} is a web page, not a file")
            self._write(answer, part, name)

    def _write(self, answer: requests.Response, part: Path, name: str) -> None:
        """Add an answer to what there is of a file."""
        from tqdm import tqdm

        had, coming = _size(part), int(answer.headers.get("Content-Length") or 0)
        bar = tqdm(
            desc=name, total=had + coming if coming else None, initial=had, unit="B",
            unit_scale=True, leave=False, disable=not self.show_progress,
        )  # fmt: skip
        with bar, part.open("ab") as written:
            for piece in answer.iter_content(CHUNK):
                written.write(piece)
                bar.update(len(piece))

    def _answer(self, address: str, headers: dict[str, str]) -> requests.Response:
        """The answer to a request; NotFetched when there is none, or it is a refusal."""
        import requests

        try:
            answer = self.session.get(address, headers=headers, stream=True, timeout=self.timeout)
        except requests.RequestException as problem:
            raise NotFetched(f"{address} does not answer ({_plain(problem)})") from problem
        if answer.status_code >= 400 and not (headers and answer.status_code == 416):
            answer.close()
            raise NotFetched(f"{address} answers {answer.status_code} {answer.reason}".strip())
        return answer


def _size(part: Path) -> int:
    """How much of a file there is."""
    return part.stat().st_size if part.exists() else 0


def _continues(answer: requests.Response, had: int) -> bool:
    """Does the answer begin at the byte that was asked for?"""
    begins = answer.headers.get("Content-Range", "").startswith(f"bytes {had}-")
    return answer.status_code == 206 and begins


def _session(backoff: float) -> requests.Session:
    """A session that asks again, with longer and longer pauses, when a server is away or busy."""
    import importlib.metadata

    import requests
    from requests.adapters import HTTPAdapter
    from urllib3.util import Retry

    again = Retry(
        total=4, backoff_factor=backoff, backoff_max=60, retry_after_max=120,
        status_forcelist=TRY_AGAIN, raise_on_status=False, allowed_methods={"GET"},
    )  # fmt: skip
    session = requests.Session()
    session.max_redirects = 10
    # Bytes as they are kept: a squeezed answer could not be taken up at a byte of the file.
    session.headers["Accept-Encoding"] = "identity"
    session.headers["User-Agent"] = f"coopstats/{importlib.metadata.version('coopstats')}"
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=again))
    return session


def _plain(problem: BaseException) -> str:
    """The innermost reason of a chain of errors, without the objects' names."""
    while (inner := getattr(problem, "reason", None) or next(iter(problem.args), None)) is not None:
        if not isinstance(inner, BaseException):
            break
        problem = inner
    return str(problem).rpartition(": ")[2].strip("'\" ") or type(problem).__name__


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
            "address": o.address,
            "reason": o.reason,
            "page": o.source.page,
        }
        for o in outcomes
    ]
    return pd.DataFrame(rows)


def told(outcomes: list[Outcome]) -> list[str]:
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
