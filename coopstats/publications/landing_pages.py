"""Which file of a publication's landing page on GOV.UK is the publication.

The page is asked through GOV.UK's content API which files it offers. One fits by its kind, the
words that it must name, and its year.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from coopstats.core.errors import NotFetched
from coopstats.core.sources import Source
from coopstats.publications.web import Web

GOV_UK = "https://www.gov.uk"
API = "/api/content"
MOST_TRIED = 4  # files of a page that may be the one: more are for a person to choose from
SPREADSHEETS = (".xls", ".xlsx", ".xlsm", ".ods")


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
        what = " ".join(sorted(_subject_words(source)))
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
    yield from _attached(content)
    for document in content.get("links", {}).get("documents", []):
        if not years or years & _years_of(document.get("title", "")):
            yield from _attached(web.json(_api_of(document.get("base_path", ""))))


def _api_of(page: str) -> str:
    return GOV_UK + API + urlsplit(page).path


def _attached(content: dict[str, Any]) -> Iterator[Attachment]:
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
    return (
        ending in kinds and _subject_words(source) <= _words(said) and (not years or years == own)
    )


def _subject_words(source: Source) -> set[str]:
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
