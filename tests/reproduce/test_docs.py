"""The generated documents, and the numbers that stand in documents people write."""

import functools
import re
import shutil

import pytest

from coopstats.core.errors import CoopstatsError
from coopstats.reproduce import check
from coopstats.reproduce import documents as docs
from coopstats.reproduce.method import doubts as method_doubts
from coopstats.reproduce.method import published

BLOCKS = docs.BLOCKS


@functools.cache
def made_once(page, block):
    """What a block says of the real tables; the same in every copy of them."""
    return BLOCKS[page][block]()


@pytest.fixture
def documents(built_once, tmp_path, monkeypatch):
    """A home with the real tables and copies of the documents."""
    once = {
        page: {block: functools.partial(made_once, page, block) for block in blocks}
        for page, blocks in BLOCKS.items()
    }
    monkeypatch.setattr(docs, "BLOCKS", once)
    shutil.copytree(built_once / "data", tmp_path / "data")
    (tmp_path / "docs").mkdir()
    for name in docs.BLOCKS:
        shutil.copy(docs.paths.PACKAGE.parent / name, tmp_path / name)
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.slow
def test_a_number_changed_by_hand_is_found_and_written_anew(documents):
    docs.write()
    readme = documents / "README.md"
    sound = readme.read_text(encoding="utf-8")
    start = sound.index("<!-- answer:start -->")
    readme.write_text(
        sound[:start] + re.sub(r"\d+\.\d%", "99.9%", sound[start:], count=1), encoding="utf-8"
    )
    assert docs.stale() == ["README.md"]
    assert docs.write() == ["README.md"]
    assert readme.read_text(encoding="utf-8") == sound
    assert docs.stale() == []


def test_what_stands_outside_the_markers_is_left_alone(documents):
    docs.write()
    readme = documents / "README.md"
    tables = "<!-- tables:start -->\n<!-- tables:end -->\n"
    readme.write_text(
        f"# Another\n\n<!-- answer:start --><!-- answer:end -->\n{tables}End.\n", "utf-8"
    )
    docs.write()
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("# Another\n\n<!-- answer:start -->\n\n- ")
    assert "| `councils` |" in text
    assert text.endswith("<!-- tables:end -->\nEnd.\n")


@pytest.mark.parametrize("text", ["", "<!-- answer:start -->", "<!-- answer:start -->\n" * 2])
def test_a_document_without_its_markers_is_refused(documents, text):
    (documents / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(CoopstatsError, match=r"README\.md must have <!-- answer:start -->"):
        docs.pages()


def test_every_count_in_the_method_is_a_table_without_holes(built):
    for name in BLOCKS["METHOD.md"]:
        text = made_once("METHOD.md", name)
        assert text, name
        assert not re.search(r"\b(nan|None|NaT|<NA>)\b", text), (name, text)


def test_the_doubts_that_the_method_counts_are_those_that_check_lists(built):
    counted = method_doubts.doubts().set_index("table")["doubtful"].str.replace(",", "").astype(int)
    listed = check.doubts()
    of_services = listed["doubt"].astype(str).str.contains("|".join(method_doubts.OF_SERVICES))
    listed = listed[of_services & listed["table"].isin(method_doubts.judged())]
    listed = listed.groupby("table").size()  # the rules of every line are in another table
    assert counted.rename(index=lambda t: t.strip("`")).to_dict() == listed.to_dict()


def test_the_published_sums_are_those_of_the_tests_of_youth_and_spending_power(built):
    ours = published.published().groupby("id")["ours"].agg(" ".join)
    assert "£1,352m to £398m gross (−70.6%)" in ours["F1"]
    assert "(−74.0%)" in ours["F3"]
    assert "£1,450m to £409m gross (−71.8%)" in ours["F4"]
    assert "−4.7% by weight of spending power, −5.9% unweighted" in ours["I2"]
    assert ours["A8"] == "−23.1%"
    assert ours["I3"] == "£15.1m (£821m to £806m)"


def test_a_correction_of_the_register_is_on_the_errata_page(documents):
    docs.write()
    page = (documents / "docs" / "errata.md").read_text("utf-8")
    assert "N2426 | 996,676,313 | 9,798,179 |" in page


def test_a_number_that_changed_is_on_the_errata_page_and_an_old_page_is_found(
    documents, monkeypatch
):
    monkeypatch.setitem(docs.BLOCKS["docs/errata.md"], "changes", docs._changes)
    docs.write()
    page = documents / "docs" / "errata.md"
    assert "None since this record began" in page.read_text("utf-8")
    (documents / "CHANGELOG.md").write_text(
        "# Changelog\n\n## 0.2.0\n\n### Numbers that changed\n\n- `how_deep.1.2` 24.8 → 24.9: why\n"
        "\n## 0.1.0\n\n### Numbers\n\n- The first.\n",
        "utf-8",
    )
    assert docs.stale() == ["docs/errata.md"]
    docs.write()
    assert "### 0.2.0\n\n- `how_deep.1.2` 24.8 → 24.9: why" in page.read_text("utf-8")
    assert "The first." not in page.read_text("utf-8")
