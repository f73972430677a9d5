"""The picture of the house: it is of the real rooms and imports, and fit to read."""

import ast
import re

import pytest

from coopstats.charts.scene import Box
from coopstats.core import paths
from coopstats.core.errors import CoopstatsError
from coopstats.reproduce import architecture

HOME = paths.PACKAGE.parent


def imported(path):
    """What a module imports at any place, by its syntax tree."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_committed_picture_is_what_the_code_draws():
    kept = (HOME / architecture.PICTURE).read_text(encoding="utf-8")
    assert architecture.picture() == kept, "run `coopstats docs`"


def test_the_imports_are_those_of_the_syntax_tree():
    rooms = architecture.imports()
    for room, others in rooms.items():
        names = [n for m in (paths.PACKAGE / room).rglob("*.py") for n in imported(m)]
        parts = {n.split(".")[1] for n in names if n.startswith("coopstats.")}
        assert others == parts & set(rooms) - {room}, room


def test_every_room_stands_in_one_place_and_imports_only_what_is_below():
    house = architecture.parts()
    below = {"ground": [], "makers": ["ground"], "readers": ["ground"],
             "roof": ["ground", "makers", "readers"]}  # fmt: skip
    seen = []
    for part, under in below.items():
        lower = {room for name in under for floor in house[name] for room in floor}
        for floor in house[part]:
            for room in floor:
                assert architecture.imports()[room] <= lower, room
            lower |= set(floor)
            seen += floor
    folders = [p.name for p in paths.PACKAGE.iterdir() if (p / "__init__.py").exists()]
    assert sorted(seen) == sorted(folders)


def test_an_import_through_the_wall_or_in_a_circle_is_not_drawn(monkeypatch):
    real = architecture.imports()
    for room, other in (("measures", "clean"), ("core", "datasets")):
        wrong = {**real, room: {*real[room], other}}
        monkeypatch.setattr(architecture, "imports", lambda wrong=wrong: wrong)
        with pytest.raises(CoopstatsError, match=f"{room}"):
            architecture.parts()


def test_the_words_stand_on_the_page_and_clear_of_each_other():
    page = architecture.drawn()
    inside = Box(architecture.EDGE, 0, page.width - architecture.EDGE, page.height)
    assert [text.words for text in page.texts if not text.box.within(inside)] == []
    texts = page.texts
    pairs = [(a, b) for n, a in enumerate(texts) for b in texts[n + 1 :]]
    assert [(a.words, b.words) for a, b in pairs if a.box.overlaps(b.box, slack=0.5)] == []


def test_every_folder_says_in_a_few_lines_what_lives_there():
    for path in paths.PACKAGE.rglob("__init__.py"):
        said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if path.parent != paths.PACKAGE:
            lines = said.splitlines()
            assert re.fullmatch(r"[A-Z].*[.?]", lines[0]), path
            assert 3 <= len(lines) <= 8, path
