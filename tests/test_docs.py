"""The generated documents, and the numbers that stand in documents people write."""

import re
import shutil

import pytest

from coopstats import docs
from coopstats.errors import CoopstatsError


@pytest.fixture
def documents(built_once, tmp_path, monkeypatch):
    """A home with the real tables and copies of the documents."""
    shutil.copytree(built_once / "data", tmp_path / "data")
    for name in docs.BLOCKS:
        shutil.copy(docs.paths.PACKAGE.parent / name, tmp_path)
    monkeypatch.setenv("COOPSTATS_HOME", str(tmp_path))
    return tmp_path


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
    readme.write_text("# Another\n\n<!-- answer:start --><!-- answer:end -->\nEnd.\n", "utf-8")
    docs.write()
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("# Another\n\n<!-- answer:start -->\n\n- ")
    assert text.endswith("<!-- answer:end -->\nEnd.\n")


@pytest.mark.parametrize("text", ["", "<!-- answer:start -->", "<!-- answer:start -->\n" * 2])
def test_a_document_without_its_markers_is_refused(documents, text):
    (documents / "README.md").write_text(text, encoding="utf-8")
    with pytest.raises(CoopstatsError, match=r"README\.md must have <!-- answer:start -->"):
        docs.pages()
