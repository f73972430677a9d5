"""Claims: exact stretches of texts that are not here, and a check that bites."""

import hashlib
from dataclasses import replace

import pytest

import coopstats as cs
import coopstats.register.articles as quoted
from coopstats.core.errors import UnknownName
from coopstats.register import reader
from coopstats.register.articles import articles, check, every_quote


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """Made-up articles that hold every quote in its place, and the register that knows them."""
    rows = {name: dict(row) for name, row in articles().items()}
    for name in rows:
        mine = [q for q in every_quote() if q.article == name]
        text = [" "] * max(q.end for q in mine)
        for q in mine:
            text[q.start : q.end] = q.text
        content = "".join(text).encode()
        (tmp_path / f"{name}.txt").write_bytes(content)
        rows[name]["sha256"] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(quoted, "articles", lambda: rows)
    return tmp_path


def test_every_claim_is_there_and_open():
    assert [c.claim for c in cs.claims()] == [f"Q{n}" for n in range(1, 27)]
    assert {c.decided for c in cs.claims()} == {
        "computed",
        "opinion",
        "not testable with public data",
    }


def test_the_form_is_right_without_the_articles():
    assert check() == []


def test_quotes_that_stand_where_they_should_are_no_problem(texts):
    assert check(texts) == []


def test_a_changed_article_is_found_by_hash_and_by_its_words(texts):
    path = next(texts.glob("004*.txt"))
    path.write_bytes(path.read_bytes().replace(b"council tax", b"council TAX"))
    wrong = " ".join(check(texts))
    assert "has the sha256" in wrong
    assert "Q16: at " in wrong


def test_a_moved_quote_is_found(texts, monkeypatch):
    moved = tuple(
        replace(q, start=q.start + 1, end=q.end + 1) if q.claim == "Q7" else q
        for q in every_quote()
    )
    monkeypatch.setattr(quoted, "every_quote", lambda: moved)
    assert [p for p in check(texts) if p.startswith("Q7: at ")]


def test_a_quote_of_another_length_is_found_without_the_articles(monkeypatch):
    longer = tuple(replace(q, end=q.end + 2) if q.claim == "Q7" else q for q in every_quote())
    monkeypatch.setattr(quoted, "every_quote", lambda: longer)
    assert [p for p in check() if p.startswith("Q7: ") and "characters" in p]


def test_a_folder_without_an_article_is_refused(tmp_path):
    with pytest.raises(UnknownName, match=r"has no 000_e90a51582031dd61\.txt"):
        check(tmp_path)


def test_an_ellipsis_joins_exact_stretches():
    claim = cs.claim("Q2")
    assert claim.quote == " … ".join(q.text for q in claim.quotes)
    assert len(claim.quotes) == 2
    assert {q.article[:3] for q in cs.claim("Q10").quotes} == {"002", "004"}


def test_a_claim_is_found_by_council_and_by_number():
    assert "Q19" in [c.claim for c in cs.claims("Hackney")]
    assert cs.claim("q10") is cs.claim("Q10")
    with pytest.raises(UnknownName, match="Did you mean"):
        cs.claim("Q99")
    assert "10 September 2010" in str(cs.claim("Q1"))


def test_no_claim_s_words_are_kept_but_its_quote():
    """The articles are other people's: only short quotes of them are in the register."""
    assert sum(len(row["text"]) for row in reader.rows_of("claim_spans")) < 3000
