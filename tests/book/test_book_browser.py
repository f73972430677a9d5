"""The book in a real browser: at three widths, by keyboard, without scripts, and by axe."""

import functools
import http.server
import json
import threading
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from books import small_book
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
         "--no-first-run", "--disable-background-networking", "--disable-component-update",
         "--disable-sync"]  # fmt: skip
KINDS = ["index.html", "councils.html", "pilots.html", "claims.html", "tables.html", "errata.html",
         "councils/lambeth.html", "councils/stevenage.html", "councils/hertfordshire.html",
         "councils/allerdale.html", "questions/how-deep.html", "questions/did-pilots-hold-up.html",
         "questions/who-were-the-pilots.html", "pilots/young-lambeth-co-operative.html",
         "claims/q10.html"]  # fmt: skip
pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="session")
def book(built_once):
    return small_book(built_once)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        """Nothing: the tests' output is for failures."""


@pytest.fixture(scope="session")
def site(book):
    """The book on a web server of this machine."""
    handler = functools.partial(Quiet, directory=str(book))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    assert CHROMIUM.exists(), f"{CHROMIUM} is missing: apt-get install chromium (.ci/run does it)."
    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield running
        running.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_is_wider_than_its_screen_and_axe_finds_nothing_serious(page, site, kind):
    for width in (360, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{site}/{kind}")
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        assert wide <= width, f"{kind} is {wide} wide at {width}"
    found = Axe().run(page).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_picture_has_a_name_and_nothing_comes_from_elsewhere(page, site, kind):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site}/{kind}")
    assert [url for url in asked if not url.startswith(site)] == []
    nameless = page.evaluate("""() => [...document.querySelectorAll('svg,img')].filter(one => {
        const by = (one.getAttribute('aria-labelledby') || '').split(' ').filter(Boolean);
        const named = by.map(id => document.getElementById(id)).filter(Boolean);
        const words = named.map(part => part.textContent).join('');
        return !(words || one.getAttribute('aria-label') || one.getAttribute('alt'));
    }).length""")
    assert nameless == 0


def test_a_council_is_found_by_keyboard(page, site):
    """By an old name, by a code; arrows lead into the list, Enter opens."""
    page.goto(f"{site}/councils.html")
    page.locator("#find").focus()
    page.keyboard.type("E09000022")
    shown = page.locator("#found li:visible")
    assert shown.count() == 1
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Lambeth"
    page.keyboard.press("Enter")
    page.wait_for_url("**/councils/lambeth.html")
    page.goto(f"{site}/councils.html")
    page.locator("#find").fill("telford")
    page.keyboard.press("Enter")
    page.wait_for_url("**/telford-and-wrekin.html")
    page.goto(f"{site}/councils.html")
    page.locator("#find").fill("no such council")
    assert shown.count() == 0
    assert page.locator("#count").text_content() == "0 found."


def test_the_book_works_without_scripts(browser, site, book):
    with_none = browser.new_context(java_script_enabled=False)
    page = with_none.new_page()
    page.goto(f"{site}/councils.html")
    listed = page.locator("#found li:visible").count()
    assert listed == len(list((book / "councils").glob("*.html")))
    assert page.locator("#find:visible").count() == 0
    page.get_by_role("link", name="Oldham", exact=True).click()
    assert page.locator("h1").text_content() == "Oldham"
    page.locator("summary").first.click()
    assert page.locator("details[open] table").count() == 1
    with_none.close()


def test_the_book_opens_from_disk(page, book):
    page.goto((book / "councils/lambeth.html").as_uri())
    assert page.locator("figure.chart svg:visible").count() >= 10
    assert page.evaluate("getComputedStyle(document.body).margin") == "0px"  # the style is there


def test_a_phone_gets_charts_that_can_be_read(page, site):
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto(f"{site}/councils/lambeth.html")
    size = page.evaluate("""() => { const text = document.querySelector('.narrow svg text');
        const svg = text.ownerSVGElement; const box = svg.getBoundingClientRect();
        return parseFloat(text.getAttribute('font-size')) * box.width / svg.viewBox.baseVal.width;
    }""")
    assert size >= 12


def test_every_link_inside_the_book_leads_somewhere(book):
    from html.parser import HTMLParser

    class Links(HTMLParser):
        def __init__(self):
            super().__init__()
            self.found, self.names = [], set()

        def handle_starttag(self, tag, attrs):
            named = dict(attrs)
            self.found += [named[a] for a in ("href", "src") if a in named]
            self.names |= {named["id"]} if "id" in named else set()

    read = {}
    for path in book.rglob("*.html"):
        if not path.name.endswith(".embed.html"):
            read[path.resolve()] = Links()
            read[path.resolve()].feed(path.read_text(encoding="utf-8"))
    lost = []
    for path, links in read.items():
        for link in links.found:
            file, _, name = link.partition("#")
            target = (path.parent / file).resolve() if file else path
            if not target.exists() or (name and name not in read[target].names):
                lost.append(f"{path.name}: {link}")
    assert len(read) > 80
    assert lost == []


def test_every_file_of_the_book_is_in_its_list(book):
    state = json.loads((book / "book.json").read_text(encoding="utf-8"))
    listed = {name for page in state.values() for name in page["files"]}
    there = {str(p.relative_to(book)) for p in book.rglob("*") if p.is_file()}
    assert there == {*listed, "book.json", "style.css", "find.js"}
