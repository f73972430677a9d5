"""Fetching, against a server of our own on this machine: no test asks a publisher."""

import contextlib
import hashlib
import http.server
import json
import re
import sys
import threading
import time

import pytest
import spreadsheets
from click.testing import CliRunner

from coopstats.cli.main import main
from coopstats.core import sources
from coopstats.core.errors import CoopstatsError, UnknownName
from coopstats.publications import arrived, landing_pages
from coopstats.publications import fetch as fetching
from coopstats.publications.fetch import BESIDE, FETCHED, NEW_VINTAGE, NOT_BROUGHT, THERE
from coopstats.publications.web import CHUNK, Web


def book(seed):
    """A workbook of some 40 kB that zip cannot squeeze: TEST FIGURES, digests of their row."""
    digests = [hashlib.sha256(f"{seed} {row}".encode()).hexdigest() for row in range(800)]
    return spreadsheets.xlsx(
        {"RS": [["E-code", "Local authority"], *([d, d[::-1]] for d in digests)]}
    )


BOOK, REVISED = book("first"), book("revised")
CUT, KEPT = 10_000, CHUNK  # a cut answer loses less than the piece it broke off in
COLLECTION = "/government/collections/revenue"
OUTTURN = "/government/statistics/outturn-2010-to-2011"
FILE = "/media/1/RS_2010-11_data_by_LA.xlsx"


class Server(http.server.ThreadingHTTPServer):
    """Answers from `answers`: a path to bytes, or to a function of the request."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.requests = {}, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        """Say nothing of a client that did not wait."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def asked(self, path):
        return [headers for asked, headers in self.requests if asked == path]

    def page(self, path, title, files=(), documents=()):
        """A landing page, as the content API says it."""
        said = {"title": title, "details": {}, "links": {}}
        if files:
            said["details"]["attachments"] = [
                {"title": t, "url": address, "attachment_type": "file"} for t, address in files
            ]
        if documents:
            said["links"]["documents"] = [{"title": t, "base_path": b} for t, b in documents]
        self.answers[f"/api/content{path}"] = json.dumps(said).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        answer = self.server.answers.get(self.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if answer is None:
                self.give(404, b"gone")
            elif callable(answer):
                answer(self)
            else:
                self.ranged(answer)

    def ranged(self, content):
        """The whole, or from the byte that was asked for on."""
        start = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if not start:
            self.give(200, content)
        elif int(start[1]) >= len(content):
            self.give(416, b"")
        else:
            at = int(start[1])
            says = {"Content-Range": f"bytes {at}-{len(content) - 1}/{len(content)}"}
            self.give(206, content[at:], **says)

    def give(self, status, content, length=None, kind="application/octet-stream", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = length is not None

    def log_message(self, *_said):
        pass


@pytest.fixture
def server(monkeypatch):
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(landing_pages, "GOV_UK", running.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture
def web():
    quick = Web(timeout=(2, 0.3), pauses=(0, 0), backoff=0, apart=0)
    yield quick
    quick.session.close()


def source_of(server, content=BOOK, **said):
    words = {
        "id": "revenue_outturn/2010-11", "table": "revenue_outturn", "period": "2010-11",
        "file": "revenue-outturn/RS_2010-11.xlsx", "publisher": "MHCLG", "licence": "OGL-UK-3.0",
        "title": "Revenue Outturn Summary (RS), individual local authority data",
        "page": server.url + COLLECTION, "reader": "workbook",
        "sha256": hashlib.sha256(content).hexdigest(),
    }  # fmt: skip
    return sources.Source(**{**words, **said})


def addressed(server, content=BOOK, **said):
    """A publication with an address of its own, and no page to ask."""
    return source_of(server, content, **{"address": server.url + FILE, "page": "", **said})


def published(server, content=BOOK):
    """A collection, a document a year, and in that of 2010-11 three files, one of them RS."""
    years = [("2009 to 2010", "2009-to-2010"), ("2010 to 2011", "2010-to-2011")]
    title = "Local authority revenue expenditure: {} individual local authority data - outturn"
    server.page(
        COLLECTION,
        "Local authority revenue expenditure",
        documents=[(title.format(y), f"/government/statistics/outturn-{s}") for y, s in years],
    )
    server.page(
        OUTTURN,
        title.format("2010 to 2011"),
        files=[
            ("Revenue outturn summary (RS) 2010 to 2011", server.url + FILE),
            ("Revenue outturn social care (RO3) 2010 to 2011", f"{server.url}/media/2/RO3.xlsx"),
            ("RS: notes", f"{server.url}/media/3/RS_notes.pdf"),
        ],
    )
    server.answers[FILE] = content


def only(outcomes):
    [outcome] = outcomes
    return outcome


def brought(source, folder, web):
    return only(fetching.fetch([source], folder, web=web))


def files_in(folder):
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and p.name != ".fetch.lock")


# ── where a file is ──────────────────────────────────────────────────────────────────────────────


def test_a_file_is_found_through_its_collection_and_put_under_its_name(server, web, tmp_path):
    published(server)
    outcome = brought(source_of(server), tmp_path, web)
    assert (outcome.what, outcome.address) == (FETCHED, server.url + FILE)
    assert (tmp_path / "revenue-outturn" / "RS_2010-11.xlsx").read_bytes() == BOOK
    assert files_in(tmp_path) == ["RS_2010-11.xlsx"]


def test_only_documents_that_name_the_year_are_asked(server, web, tmp_path):
    published(server)
    brought(source_of(server), tmp_path, web)
    assert not server.asked("/api/content/government/statistics/outturn-2009-to-2010")


def test_a_page_is_asked_once_for_many_publications(server, web, tmp_path):
    published(server)
    other = source_of(server, file="other.xlsx")
    fetching.fetch([source_of(server), other], tmp_path, web=web)
    assert len(server.asked(f"/api/content{COLLECTION}")) == 1


def test_a_known_address_is_tried_first_and_no_page_is_asked(server, web, tmp_path):
    published(server)
    source = source_of(server, address=server.url + FILE)
    assert brought(source, tmp_path, web).what == FETCHED
    assert [path for path, _ in server.requests] == [FILE]


def test_an_address_that_is_gone_gives_way_to_the_page(server, web, tmp_path):
    published(server)
    outcome = brought(source_of(server, address=f"{server.url}/old.xls"), tmp_path, web)
    assert (outcome.what, outcome.address) == (FETCHED, server.url + FILE)


def test_redirects_are_followed(server, web, tmp_path):
    published(server)
    server.answers["/uploads/1.xlsx"] = lambda r: r.give(302, b"", Location=server.url + FILE)
    outcome = brought(addressed(server, address=f"{server.url}/uploads/1.xlsx"), tmp_path, web)
    assert outcome.what == FETCHED


def test_a_ring_of_redirects_is_given_up(server, web, tmp_path):
    server.answers[FILE] = lambda r: r.give(302, b"", Location=server.url + FILE)
    outcome = brought(addressed(server), tmp_path, web)
    assert outcome.what == NOT_BROUGHT
    assert "does not answer (Exceeded 10 redirects" in outcome.reason


def test_where_two_files_fit_the_hash_decides(server, web, tmp_path):
    published(server)
    files = [("RS 2010-11", "/a/RS.xlsx"), ("RS 2010-11, old", "/b/1.xlsx")]
    server.page(OUTTURN, "outturn 2010 to 2011", files=files)
    server.answers |= {"/a/RS.xlsx": REVISED, "/b/1.xlsx": BOOK}
    outcome = brought(source_of(server), tmp_path, web)
    assert (outcome.what, outcome.address) == (FETCHED, f"{server.url}/b/1.xlsx")
    assert files_in(tmp_path) == ["RS_2010-11.xlsx"]


def test_where_two_files_fit_and_neither_is_the_recorded_one_a_person_must_say(
    server, web, tmp_path
):
    published(server)
    files = [("RS 2010-11", "/a/RS.xlsx"), ("RS 2010-11, old", "/b/1.xlsx")]
    server.page(OUTTURN, "outturn 2010 to 2011", files=files)
    server.answers |= {"/a/RS.xlsx": REVISED, "/b/1.xlsx": REVISED}
    outcome = brought(source_of(server), tmp_path, web)
    assert outcome.what == NOT_BROUGHT
    assert "none has the recorded sha256: RS.xlsx, 1.xlsx" in outcome.reason
    assert files_in(tmp_path) == []


def test_a_name_on_record_tells_files_that_fit_apart(server, web, tmp_path):
    published(server)
    files = [("RS 2010-11", "/a/RS.xlsx"), ("RS 2010-11, old", "/b/1.xlsx")]
    server.page(OUTTURN, "outturn 2010 to 2011", files=files)
    server.answers |= {"/a/RS.xlsx": REVISED, "/b/1.xlsx": REVISED}
    outcome = brought(source_of(server, note="published as 1.xlsx"), tmp_path, web)
    assert (outcome.what, outcome.address) == (NEW_VINTAGE, f"{server.url}/b/1.xlsx")


@pytest.mark.parametrize(
    ("title", "filename", "page", "is_it"),
    [
        ("Revenue outturn summary (RS) 2010 to 2011", "1.xls", "", True),
        ("Revenue outturn summary", "RS_2010-11_data_by_LA.ods", "", True),
        ("RS data", "2.xlsx", "Outturn 2010/11", True),
        ("RS 2011-12", "RS_2010_to_2011.xls", "", False),
        ("RS 2011 to 2012", "2.xls", "Outturn 2010 to 2011", False),
        ("RSX 2010-11", "2.xls", "", False),
        ("RO3 2010-11", "RO3.xls", "", False),
        ("RS 2010-11", "RS.pdf", "", False),
        ("RS", "RS.xls", "", False),
    ],
)
def test_a_file_fits_by_form_year_and_kind(server, title, filename, page, is_it):
    attachment = landing_pages.Attachment(title, f"{server.url}/{filename}", page)
    assert landing_pages.fits(attachment, source_of(server)) == is_it


def test_without_a_form_the_words_after_the_comma_must_be_there(server):
    title = "English Indices of Deprivation, upper-tier authority summaries"
    source = source_of(server, title=title, period="2015")
    wanted = landing_pages.Attachment(
        "File 11: upper-tier local authority summaries", "/1.xlsx", ""
    )
    other = landing_pages.Attachment("File 10: local authority district summaries", "/2.xlsx", "")
    assert (landing_pages.fits(wanted, source), landing_pages.fits(other, source)) == (True, False)


# ── what cannot be had ───────────────────────────────────────────────────────────────────────────


def test_what_is_not_on_gov_uk_is_left_to_a_person(server, web, tmp_path):
    outcome = brought(source_of(server, page="https://www.ons.gov.uk/x"), tmp_path, web)
    assert outcome.what == NOT_BROUGHT
    assert "not on GOV.UK" in outcome.reason


def test_an_extract_is_not_asked_of_the_publisher(server, web, tmp_path):
    note = "extract reshaped by the carrier; 20 are NA"
    outcome = brought(source_of(server, note=note, carrier="github someone"), tmp_path, web)
    assert outcome.what == NOT_BROUGHT
    assert outcome.reason.endswith("ours is an extract reshaped by the carrier (github someone)")
    assert server.requests == []


def test_a_page_that_is_gone_or_offers_nothing_that_fits_is_said(server, web, tmp_path):
    gone = brought(source_of(server), tmp_path, web)
    assert f"/api/content{COLLECTION} answers 404" in gone.reason
    published(server)
    web.asked.clear()
    none = brought(source_of(server, period="2011-12"), tmp_path, web)
    assert "none of the 0 files of its page name 'rs' and 2011-12" in none.reason


def test_a_page_that_is_no_json_is_said(server, web, tmp_path):
    server.answers[f"/api/content{COLLECTION}"] = b"<html>moved</html>"
    assert "does not answer as GOV.UK's" in brought(source_of(server), tmp_path, web).reason


def test_nobody_listens(server, web, tmp_path):
    address = "http://127.0.0.1:9/RS.xlsx"
    outcome = brought(addressed(server, address=address), tmp_path, web)
    assert re.search(r"127\.0\.0\.1:9/RS\.xlsx does not answer \(.*refused", outcome.reason)


def test_both_reasons_are_said_when_address_and_page_fail(server, web, tmp_path):
    outcome = brought(source_of(server, address=f"{server.url}/old.xls"), tmp_path, web)
    assert "/old.xls answers 404" in outcome.reason
    assert f"{COLLECTION} answers 404" in outcome.reason


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/vnd.ms-excel"])
def test_a_web_page_under_a_workbooks_name_is_no_workbook(server, web, tmp_path, kind):
    page = b"<!DOCTYPE html><html>Sorry</html>"
    server.answers[FILE] = lambda r: r.give(200, page, kind=kind)
    outcome = brought(addressed(server), tmp_path, web)
    assert (outcome.what, files_in(tmp_path)) == (NOT_BROUGHT, [])
    assert "is a web page, not a file" in outcome.reason


def test_a_web_page_is_no_table_of_commas_however_it_begins(server, web, tmp_path):
    server.answers[FILE] = lambda r: r.give(200, b"<!-- a --><p>Sorry", kind="text/html")
    outcome = brought(addressed(server, reader="csv", file="RS.csv"), tmp_path, web)
    assert (outcome.what, files_in(tmp_path)) == (NOT_BROUGHT, [])


def test_a_broken_workbook_is_no_new_vintage(server, web, tmp_path):
    server.answers[FILE] = BOOK[:-30]  # whole as an answer, cut as a file
    outcome = brought(addressed(server), tmp_path, web)
    assert (outcome.what, files_in(tmp_path)) == (NOT_BROUGHT, [])
    assert "is not a whole workbook" in outcome.reason


@pytest.mark.parametrize(
    ("reader", "content", "why"),
    [
        ("csv", b"%PDF-1.7 a report", "is a PDF, not a table in text"),
        ("csv", b"PK\x03\x04 a workbook", "is a zip, not a table in text"),
        ("organisations", b"name,postcode\0", "is no text"),
        ("csv", b"", "is empty"),
        ("parquet", b"PAR1 cut off", "is not a whole Parquet file"),
        ("stata", b"E-code,name", "is no Stata file"),
        ("hexjson", b"[1]", "is not hexJSON"),
        ("hexjson", b"{", "is not JSON"),
        ("csv", b"E-code,name\nE5017,Lambeth\n", ""),
        ("parquet", b"PAR1 whole PAR1", ""),
        ("hexjson", b'{"hexes": {}}', ""),
    ],
)
def test_what_arrives_is_of_the_kind_that_it_should_be(server, tmp_path, reader, content, why):
    (tmp_path / "part").write_bytes(content)
    assert arrived.problem_with(source_of(server, reader=reader), tmp_path / "part") == why


def test_one_odd_publication_does_not_stop_the_others(server, web, tmp_path):
    odd = source_of(server, id="odd/2009-10", file="odd/odd.xlsx", page=f"{server.url}/odd")
    server.answers["/api/content/odd"] = b'{"details": null}'
    published(server)
    both = fetching.fetch([odd, source_of(server)], tmp_path, web=web)
    assert [outcome.what for outcome in both] == [NOT_BROUGHT, FETCHED]
    assert "answer is not understood (AttributeError" in both[0].reason


def test_what_a_terminal_would_obey_is_spelt_out(server, web, tmp_path):
    def gone(request):
        request.send_response(404, "gone \x1b[31m")
        request.send_header("Content-Length", "0")
        request.end_headers()

    server.answers[FILE] = gone
    outcome = brought(addressed(server), tmp_path, web)
    assert "gone \\x1b[31m" in outcome.reason
    assert "\x1b" not in "".join(fetching.report([outcome]))


def test_an_address_that_no_server_can_be_asked_for_is_an_outcome(server, web, tmp_path):
    server.page(OUTTURN, "RS", files=[("RS 2010-11", "/a/RS\x1b[31m.xlsx")])
    outcome = brought(source_of(server, page=server.url + OUTTURN), tmp_path, web)
    assert outcome.what == NOT_BROUGHT
    assert "\x1b" not in outcome.reason


# ── servers that are slow, busy, or break off ────────────────────────────────────────────────────


def in_turn(*answers):
    """An answer that is another one each time; the last for good."""
    left = list(answers)
    return lambda request: (left.pop(0) if len(left) > 1 else left[0])(request)


def whole(content=BOOK):
    return lambda request: request.ranged(content)


def cut(content=BOOK, at=CUT):
    """The first bytes of what was promised, then a closed connection."""
    return lambda request: request.give(200, content[:at], length=len(content))


def test_a_busy_server_is_asked_again(server, web, tmp_path):
    busy = lambda r: r.give(503, b"", Retry_After="0")  # noqa: E731
    server.answers[FILE] = in_turn(busy, busy, whole())
    assert brought(addressed(server), tmp_path, web).what == FETCHED
    assert len(server.asked(FILE)) == 3


def test_a_server_that_stays_busy_is_given_up(server, web, tmp_path):
    server.answers[FILE] = lambda r: r.give(503, b"")
    assert "answers 503" in brought(addressed(server), tmp_path, web).reason
    assert len(server.asked(FILE)) == 5


def test_a_file_that_is_gone_is_not_asked_for_again(server, web, tmp_path):
    assert "answers 404" in brought(addressed(server), tmp_path, web).reason
    assert len(server.asked(FILE)) == 1


def test_a_broken_off_file_is_taken_up_where_it_broke(server, web, tmp_path):
    server.answers[FILE] = in_turn(cut(), whole())
    assert brought(addressed(server), tmp_path, web).what == FETCHED
    assert [h.get("Range") for h in server.asked(FILE)] == [None, f"bytes={KEPT}-"]
    assert (tmp_path / "revenue-outturn" / "RS_2010-11.xlsx").read_bytes() == BOOK


def test_a_server_that_cannot_take_up_starts_again(server, web, tmp_path):
    server.answers[FILE] = in_turn(cut(), lambda r: r.give(200, BOOK))
    assert brought(addressed(server), tmp_path, web).what == FETCHED


def test_a_server_that_takes_up_at_another_byte_is_made_to_start_again(server, web, tmp_path):
    off = lambda r: r.give(206, BOOK[9:], Content_Range=f"bytes 9-{len(BOOK) - 1}/*")  # noqa: E731
    server.answers[FILE] = in_turn(cut(), off, whole())
    assert brought(addressed(server), tmp_path, web).what == FETCHED
    assert [h.get("Range") for h in server.asked(FILE)] == [None, f"bytes={KEPT}-", None]


def test_what_came_is_kept_for_the_next_run(server, web, tmp_path):
    server.answers[FILE] = cut()
    outcome = brought(addressed(server), tmp_path, web)
    assert "broke off 3 times" in outcome.reason
    [part] = files_in(tmp_path)
    assert part.startswith(".RS_2010-11.xlsx.")
    assert not (tmp_path / "revenue-outturn" / "RS_2010-11.xlsx").exists()
    server.requests.clear()
    server.answers[FILE] = whole()
    assert brought(addressed(server), tmp_path, web).what == FETCHED
    assert [h["Range"] for h in server.asked(FILE)] == [f"bytes={KEPT}-"]
    assert files_in(tmp_path) == ["RS_2010-11.xlsx"]


def test_a_part_longer_than_the_file_is_thrown_away(server, web, tmp_path):
    server.answers[FILE] = cut(BOOK + BOOK, len(BOOK) + 10)
    brought(addressed(server), tmp_path, web)
    server.answers[FILE] = whole()
    assert brought(addressed(server), tmp_path, web).what == FETCHED


def test_two_editions_are_never_pieced_together(server, web, tmp_path):
    server.answers[FILE] = in_turn(cut(), whole(REVISED))
    outcome = brought(addressed(server), tmp_path, web)
    assert (outcome.what, outcome.sha256) == (NEW_VINTAGE, hashlib.sha256(REVISED).hexdigest())
    assert outcome.path.read_bytes() == REVISED


def test_a_server_that_falls_silent_is_not_waited_for(server, web, tmp_path):
    def silent(_request):
        time.sleep(0.6)

    server.answers[FILE] = silent
    started = time.monotonic()
    outcome = brought(addressed(server), tmp_path, web)
    assert "does not answer" in outcome.reason
    assert time.monotonic() - started < 5


def test_a_server_that_falls_silent_in_the_middle_is_taken_up(server, web, tmp_path):
    def stalls(request):
        cut()(request)
        request.wfile.flush()
        time.sleep(0.6)

    server.answers[FILE] = in_turn(stalls, whole())
    assert brought(addressed(server), tmp_path, web).what == FETCHED
    assert server.asked(FILE)[1]["Range"] == f"bytes={KEPT}-"


def test_a_file_that_comes_too_slowly_is_left(server, web, tmp_path):
    def drips(request):
        request.give(200, BOOK[:KEPT], length=len(BOOK))
        for at in range(KEPT, len(BOOK), KEPT):
            time.sleep(0.1)
            request.wfile.write(BOOK[at : at + KEPT])

    server.answers[FILE], web.longest = drips, 0.05
    outcome = brought(addressed(server), tmp_path, web)
    assert "has taken more than" in outcome.reason
    assert len(server.asked(FILE)) == 1
    assert all(name.endswith(".part") for name in files_in(tmp_path))


@pytest.mark.parametrize("promised", [True, False])
def test_a_file_larger_than_any_publication_is_not_taken(server, web, tmp_path, promised):
    def endless(request):
        request.send_response(200)
        if promised:
            request.send_header("Content-Length", str(10**12))
        request.end_headers()
        request.close_connection = True
        with contextlib.suppress(ConnectionError):
            while not promised:
                request.wfile.write(BOOK)

    server.answers[FILE], web.largest = endless, 100_000
    outcome = brought(addressed(server), tmp_path, web)
    assert "more than 100,000 bytes" in outcome.reason
    assert files_in(tmp_path) == []


def test_requests_are_not_asked_one_on_another(server, web, tmp_path):
    published(server)
    web.apart = 0.2
    started = time.monotonic()
    brought(source_of(server), tmp_path, web)
    assert len(server.requests) == 3
    assert time.monotonic() - started >= 0.4


def test_progress_names_the_file_and_its_size(server, web, tmp_path, capsys):
    published(server)
    web.show_progress = True
    brought(source_of(server), tmp_path, web)
    assert re.search(rf"RS_2010-11\.xlsx:.*/{len(BOOK) / 1000:.1f}k", capsys.readouterr().err)


# ── editions, and files that are there ───────────────────────────────────────────────────────────


def test_what_is_there_is_not_fetched_again(server, web, tmp_path):
    published(server)
    brought(source_of(server), tmp_path, web)
    server.requests.clear()
    assert brought(source_of(server), tmp_path, web).what == THERE
    assert server.requests == []


def test_another_hash_is_a_new_vintage_beside_the_old_one(server, web, tmp_path):
    published(server)
    brought(source_of(server), tmp_path, web)
    server.answers[FILE] = REVISED
    (tmp_path / "revenue-outturn" / "RS_2010-11.xlsx").write_bytes(b"edited")
    outcome = brought(source_of(server), tmp_path, web)
    digest = hashlib.sha256(REVISED).hexdigest()
    assert (outcome.what, outcome.sha256) == (NEW_VINTAGE, digest)
    assert re.fullmatch(rf"RS_2010-11\.20\d\d-\d\d-\d\d\.{digest[:8]}\.xlsx", outcome.path.name)
    assert outcome.path.read_bytes() == REVISED
    assert (tmp_path / "revenue-outturn" / "RS_2010-11.xlsx").read_bytes() == b"edited"


def test_a_new_vintage_is_kept_once(server, web, tmp_path):
    published(server, REVISED)
    first = brought(source_of(server), tmp_path, web).path
    earlier = first.rename(re.sub(r"20\d\d-\d\d-\d\d", "2001-01-01", str(first)))
    assert brought(source_of(server), tmp_path, web).path == earlier
    assert files_in(tmp_path) == [earlier.name]


def test_a_new_vintage_keeps_the_ending_that_it_was_published_under(server, web, tmp_path):
    published(server, REVISED)
    source = source_of(server, file="revenue-outturn/RS_2010-11.xls")
    assert brought(source, tmp_path, web).path.suffix == ".xlsx"


def test_the_recorded_file_is_kept_beside_one_that_was_edited(server, web, tmp_path):
    published(server)
    edited = tmp_path / "revenue-outturn" / "RS_2010-11.xlsx"
    edited.parent.mkdir()
    edited.write_bytes(b"edited")
    outcome = brought(source_of(server), tmp_path, web)
    assert (outcome.what, outcome.path.read_bytes()) == (BESIDE, BOOK)
    assert edited.read_bytes() == b"edited"


def test_two_at_once_in_one_folder_are_refused(server, web, tmp_path):
    published(server)
    with (
        fetching._only_fetch(tmp_path),
        pytest.raises(CoopstatsError, match="Another `coopstats fetch` is writing"),
    ):
        brought(source_of(server), tmp_path, web)


def test_a_folder_that_cannot_be_written_is_said(server, web, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(CoopstatsError, match=r"file could not be written \(.*Free some space"):
        brought(source_of(server), tmp_path / "file", web)


# ── the command ──────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def listed(home, server, monkeypatch):
    """A home whose SOURCES.toml has two publications; the second is on no page."""
    monkeypatch.setattr(Web.__init__, "__defaults__", ((2, 1), (0,), 0, False, 60, 10**7, 0))
    entries = []
    for period in ("2010-11", "2011-12"):
        said = source_of(server, id=f"revenue_outturn/{period}", period=period,
                         file=f"revenue-outturn/RS_{period}.xlsx")  # fmt: skip
        words = ("id", "table", "period", "file", "title", "publisher", "licence", "page",
                 "sha256", "reader")  # fmt: skip
        entries.append("\n".join(f"{w} = {json.dumps(getattr(said, w))}" for w in words))
    toml = home.folder / "data" / "raw" / "SOURCES.toml"
    toml.parent.mkdir(parents=True, exist_ok=True)
    toml.write_text("\n".join(f"[[source]]\n{entry}\n" for entry in entries), encoding="utf-8")
    sources.read_sources.cache_clear()
    published(server)
    return server


def run(*words):
    return CliRunner().invoke(main, ["fetch", *map(str, words)])


def test_the_command_lists_what_it_brought_and_what_it_could_not(listed, tmp_path):
    done = run("revenue_outturn", "--to", tmp_path / "originals", "--format", "csv")
    assert done.exit_code == 1
    assert "revenue_outturn/2010-11,fetched,revenue-outturn/RS_2010-11.xlsx" in done.stdout
    assert "1 fetched, 1 not brought" in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("revenue_outturn/2011-12: none of the 0 files")
    assert last.endswith(f"Page: {listed.url}{COLLECTION}")


def test_the_command_ends_well_when_all_is_there(listed, tmp_path):
    done = run("revenue_outturn/2010-11", "--to", tmp_path / "originals")
    assert (done.exit_code, done.stderr.strip()) == (0, "1 fetched")


def test_the_command_reports_a_new_vintage_and_what_to_do_with_it(listed, tmp_path):
    listed.answers[FILE] = REVISED
    done = run("revenue_outturn/2010-11", "--to", tmp_path / "originals")
    assert done.exit_code == 0
    assert "new vintage of revenue_outturn/2010-11: kept as" in done.stderr
    assert "Add a year" in done.stderr


def test_the_command_names_the_table_that_was_meant(listed, tmp_path):
    done = run("revenue_outtern", "--to", tmp_path / "originals")
    assert done.exit_code == 1
    assert "Did you mean 'revenue_outturn'" in done.stderr
    with pytest.raises(UnknownName):
        sources.sources_of("revenue_outtern")
