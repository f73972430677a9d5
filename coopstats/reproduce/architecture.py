"""docs/architecture.svg: the rooms of the library on their floors, drawn from its real imports.

Which rooms there are and where the disk wall runs is read from `.importlinter`; on which floor a
room lies follows from what its modules import; what a room is for is its docstring's first line.
"""

from __future__ import annotations

import ast
import configparser
import functools
import re
from collections.abc import Iterable, Iterator

from coopstats.charts import colours, fonts
from coopstats.charts.scene import Box, Line, Scene, Shape, Text, rectangle
from coopstats.charts.svg import svg
from coopstats.core import paths
from coopstats.core.errors import CoopstatsError
from coopstats.core.phrases import listed, number_of

PICTURE = "docs/architecture.svg"
WIDE, EDGE, GAP, PAD = 700.0, 10.0, 8.0, 9.0
LEFT, WALL = 196.0, 104.0  # how wide the wing that makes the tables is, and the gap with the wall
BIG, SMALL, LINE, ROW, BETWEEN = 13.0, 11.5, 15.5, 33.0, 34.0
FILLS = {"roof": colours.WHITE, "makers": colours.FALLS[0], "readers": colours.RISES[0],
         "ground": colours.FAINT}  # fmt: skip
CAPTION = (
    "A room imports only rooms below it, never one on the other side of the wall.",
    "The right wing knows nothing of how the tables are made: it reads them from disk.",
)

IMPORT = re.compile(
    r"^ *(?:from|import) coopstats\.(\w+)|^ *from coopstats import ([\w, ]+)", re.MULTILINE
)
Floors = list[list[str]]


# ── what the code says ───────────────────────────────────────────────────────────────────────────


@functools.cache
def _laws() -> configparser.ConfigParser:
    laws = configparser.ConfigParser()
    laws.read_string((paths.PACKAGE.parent / ".importlinter").read_text(encoding="utf-8"))
    return laws


def _named(contract: str, option: str) -> list[str]:
    """The rooms that an option of a contract lists."""
    names = _laws()[f"importlinter:contract:{contract}"][option].split()
    return [name.removeprefix("coopstats.") for name in names]


@functools.cache
def imports() -> dict[str, set[str]]:
    """Room → the other rooms that its modules import at any place, for types too."""
    rooms = _named("rooms", "layers")
    return {
        room: {
            other
            for module in (paths.PACKAGE / room).rglob("*.py")
            for found in IMPORT.findall(module.read_text(encoding="utf-8"))
            for other in re.findall(r"\w+", " ".join(found))
            if other in rooms and other != room
        }
        for room in rooms
    }


def parts() -> dict[str, Floors]:
    """The parts of the house, each with its floors from below: roof, makers, readers, ground.

    The ground is what the makers of tables and their readers both need; the roof needs both.
    """
    makers, below = _named("wall", "forbidden_modules"), _named("wall", "source_modules")
    for room in below:
        if through := sorted(imports()[room] & set(makers)):
            raise CoopstatsError(f"{room} imports {listed(through)} through the disk wall.")
    ground = [room for room in below if any(room in imports()[maker] for maker in makers)]
    readers = [room for room in below if room not in ground]
    roof = [room for room in _named("rooms", "layers") if room not in (*makers, *below)]
    each = {"roof": roof, "makers": makers, "readers": readers, "ground": ground}
    return {part: _floors(rooms) for part, rooms in each.items()}


def _floors(rooms: Iterable[str]) -> Floors:
    """Rooms by floor: on the lowest are those that import no other of them."""
    left, floors = sorted(rooms), []
    while left:
        floors.append([room for room in left if not imports()[room] & set(left)])
        if not floors[-1]:
            raise CoopstatsError(f"{listed(left)} need each other: no floor is the lowest.")
        left = [room for room in left if room not in floors[-1]]
    return floors


def purpose(room: str) -> str:
    """The first line of a room's docstring."""
    tree = ast.parse((paths.PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    return (ast.get_docstring(tree) or "").partition("\n")[0].replace("`", "")


def _size(room: str) -> str:
    modules = [m for m in (paths.PACKAGE / room).rglob("*.py") if m.name != "__init__.py"]
    return number_of(len(modules), "module")


# ── the drawing ──────────────────────────────────────────────────────────────────────────────────


def picture() -> str:
    """The house as SVG."""
    return svg(drawn(), "architecture", "The rooms of coopstats, on their floors", _alt(parts()))


def drawn() -> Scene:
    """The house: the roof over two wings with the disk wall between, on the ground."""
    house = parts()
    right = Box(EDGE + LEFT + WALL, 0, WIDE - EDGE, 0)
    tall = sum(_height(floor, right) for floor in house["readers"]) + GAP * len(house["readers"])
    top = EDGE + len(house["roof"]) * (ROW + GAP)
    bottom = top + tall
    page = Scene(WIDE, bottom + len(house["ground"]) * (ROW + GAP) + LINE * len(CAPTION) + EDGE)
    _stack(page, house["roof"], "roof", EDGE)
    _readers(page, house["readers"], Box(right.left, top, right.right, bottom))
    _makers(page, house["makers"], Box(EDGE, top, EDGE + LEFT, bottom - GAP))
    _wall(page, Box(EDGE + LEFT, top, right.left, bottom - GAP))
    _stack(page, house["ground"], "ground", bottom)
    for n, words in enumerate(reversed(CAPTION)):
        page.add(Text(EDGE, page.height - EDGE - n * LINE, words, SMALL, colours.GREY_TEXT))
    return page


def _alt(house: dict[str, Floors]) -> str:
    def order(part: str) -> str:
        return listed([room for floor in house[part] for room in floor])

    return (
        f"From the ground up: {order('ground')}. On them stand two wings with a wall between: "
        f"{order('makers')} make the tables; {order('readers')} read them from disk. "
        f"Over both: {order('roof')}."
    )


def _stack(page: Scene, floors: Floors, part: str, top: float) -> None:
    """Floors that run under or over both wings, each room one line."""
    for n, floor in enumerate(reversed(floors)):
        y = top + n * (ROW + GAP)
        for room, box in _side_by_side(floor, Box(EDGE, y, WIDE - EDGE, y + ROW)):
            _box(page, box, part)
            base = box.top + ROW / 2 + BIG * 0.36
            page.add(
                Text(box.left + PAD, base, f"{room}/", BIG, bold=True),
                Text(box.left + 98, base, purpose(room), SMALL),
                Text(box.right - PAD, base, _size(room), SMALL, colours.GREY_TEXT, anchor="end"),
            )


def _readers(page: Scene, floors: Floors, box: Box) -> None:
    y = box.top
    for floor in reversed(floors):
        height = _height(floor, box)
        for room, each in _side_by_side(floor, Box(box.left, y, box.right, y + height)):
            _room(page, room, each, "readers")
        y += height + GAP


def _makers(page: Scene, floors: Floors, box: Box) -> None:
    """The wing that makes the tables, as high as the other, and where its files go."""
    lowest = _height(floors[0], box)
    split = box.bottom - lowest - BETWEEN
    height = (split - box.top - BETWEEN * (len(floors) - 2)) / (len(floors) - 1)
    x, top = box.left + box.width / 2, box.top
    for floor in reversed(floors):
        bottom = box.bottom if floor is floors[0] else top + height
        for room, each in _side_by_side(floor, Box(box.left, top, box.right, bottom)):
            low = _room(page, room, each, "makers")
            _inner(page, _within(room), Box(each.left, low, each.right, bottom))
        if floor is not floors[0]:
            _arrow(page, (x, bottom + BETWEEN - 5), (x, bottom + 5))
            page.add(Text(x + PAD, bottom + BETWEEN / 2 + 4, "data/raw", SMALL))
        top = bottom + BETWEEN


def _within(room: str) -> list[str]:
    """The rooms within a room, the uppermost first, where a contract orders them."""
    ordered = (
        f"importlinter:contract:{room}" in _laws() and _laws()[f"importlinter:contract:{room}"]
    )
    return _named(room, "layers") if ordered and ordered["type"] == "layers" else []


def _inner(page: Scene, rooms: list[str], box: Box) -> None:
    """Rooms within a room, on floors of one height."""
    for n, room in enumerate(rooms):
        high = (box.height - PAD) / len(rooms)
        y = box.top + n * high
        inner = Box(box.left + PAD, y, box.right - PAD, y + high - 4)
        page.add(Shape(rectangle(inner), colours.WHITE, edge=colours.CONTEXT, width=1))
        page.add(Text(inner.left + PAD, (inner.top + inner.bottom) / 2 + 4, f"{room}/", SMALL))


def _wall(page: Scene, box: Box) -> None:
    """The disk wall; the tables lie on the makers' side of it, for `datasets` to read."""
    x, y, wall = box.left + 16, box.top + box.height / 3, box.right - 12
    page.add(
        Line(((wall, box.top), (wall, box.bottom)), colours.PALETTE[1], 2.5, dashed=True),
        Text(wall - PAD, box.top + BIG, "disk wall", SMALL, colours.PALETTE[1], True, "end"),
        Line(((box.left + 4, y), (x, y), (x, box.bottom - 3)), colours.INK, 1.5),
        *(
            Text(x + 7, y + LINE * (n + 1.5), words, SMALL)
            for n, words in enumerate(("data/", "processed"))
        ),
    )
    _arrow(page, (x, box.bottom - 12), (x, box.bottom + GAP - 2))


def _arrow(page: Scene, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An upright line with its head at the end."""
    x, y = end
    back = y + (7 if start[1] > y else -7)
    page.add(Line((start, (x, back)), colours.INK, 1.5))
    page.add(Shape((end, (x + 4, back), (x - 4, back)), colours.INK))


def _side_by_side(floor: list[str], box: Box) -> Iterator[tuple[str, Box]]:
    """The rooms of a floor in boxes of one width."""
    wide = (box.width - GAP * (len(floor) - 1)) / len(floor)
    for n, room in enumerate(floor):
        left = box.left + n * (wide + GAP)
        yield room, Box(left, box.top, left + wide, box.bottom)


def _lines(room: str, wide: float) -> list[str]:
    return fonts.wrap(purpose(room), SMALL, wide - 2 * PAD)


def _height(floor: list[str], box: Box) -> float:
    """High enough for the words of every room of a floor."""
    most = max(len(_lines(room, each.width)) for room, each in _side_by_side(floor, box))
    return PAD + BIG + (most + 1) * LINE + PAD


def _box(page: Scene, box: Box, part: str) -> None:
    page.add(Shape(rectangle(box), FILLS[part], edge=colours.AXIS, width=1))


def _room(page: Scene, room: str, box: Box, part: str) -> float:
    """A room with what it is for below its name; returns where its words end."""
    _box(page, box, part)
    lines = [*_lines(room, box.width), _size(room)]
    x, y = box.left + PAD, box.top + PAD + BIG - 2
    page.add(Text(x, y, f"{room}/", BIG, bold=True))
    for n, line in enumerate(lines, start=1):
        colour = colours.GREY_TEXT if n == len(lines) else colours.INK
        page.add(Text(x, y + 3 + n * LINE, line, SMALL, colour))
    return y + 3 + len(lines) * LINE + PAD
