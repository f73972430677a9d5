"""The wire: one session with publishers' servers, on requests and urllib3's Retry.

What these two leave to us is here: a file that broke off is taken up where it did, and none is
waited for too long, taken if too large, or asked for too soon after the last. A web page is never
taken for a file.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coopstats.core.errors import NotFetched

if TYPE_CHECKING:
    import requests

CHUNK = 1 << 13  # what is lost, at most, of an answer that breaks off
TRY_AGAIN = (429, 500, 502, 503, 504)
LARGEST = 200_000_000  # bytes; the largest publication held has 4 million


class Web:
    """One session with publishers' servers: patient, polite, and taking up where it broke off.

    `timeout` is in seconds, to connect and between two pieces of an answer. `pauses` are slept
    before each new attempt at an answer that broke off; `backoff` is what urllib3 waits before it
    asks again a server that does not answer or is busy, doubled each time. One answer may take
    `longest` seconds in all and have `largest` bytes; two requests begin `apart` seconds apart.
    """

    def __init__(
        self,
        timeout: tuple[float, float] = (10, 60),
        pauses: tuple[float, ...] = (1, 4, 16, 60),
        backoff: float = 1,
        show_progress: bool = False,
        longest: float = 600,
        largest: int = LARGEST,
        apart: float = 0.5,
    ) -> None:
        self.timeout, self.pauses, self.show_progress = timeout, pauses, show_progress
        self.longest, self.largest, self.apart = longest, largest, apart
        self.last_asked = float("-inf")
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
        except (requests.RequestException, ValueError):
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

        had, coming = _size(part), _promised(answer)
        self._refuse_too_large(had + coming, answer.url, part)
        given_up = time.monotonic() + self.longest
        bar = tqdm(
            desc=name, total=had + coming if coming else None, initial=had, unit="B",
            unit_scale=True, leave=False, disable=not self.show_progress,
        )  # fmt: skip
        with bar, part.open("ab") as written:
            for piece in answer.iter_content(CHUNK):
                written.write(piece)
                bar.update(len(piece))
                had += len(piece)
                self._refuse_too_large(had, answer.url, part)
                if time.monotonic() > given_up:
                    raise NotFetched(
                        f"{answer.url} has taken more than {self.longest:.0f} seconds. What came "
                        "is kept: run again to take it up"
                    )

    def _refuse_too_large(self, size: int, address: str, part: Path) -> None:
        if size > self.largest:
            part.unlink(missing_ok=True)
            raise NotFetched(
                f"{address} has more than {self.largest:,} bytes, more than any publication"
            )

    def _answer(self, address: str, headers: dict[str, str]) -> requests.Response:
        """The answer to a request; NotFetched when there is none, or it is a refusal."""
        import requests

        time.sleep(max(0.0, self.last_asked + self.apart - time.monotonic()))
        self.last_asked = time.monotonic()
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


def _promised(answer: requests.Response) -> int:
    """How many bytes an answer says that it has; 0 where it does not say."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() else 0


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
