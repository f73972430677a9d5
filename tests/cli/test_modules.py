"""The command line's own house: small modules of one subject, and a fast start."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from coopstats.cli import main

FOLDER = Path(main.__file__).parent
MODULES = sorted(FOLDER.glob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_small_and_imports_only_what_click_needs_at_once(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 400
    at_once = [n.module for n in ast.parse(text).body if isinstance(n, ast.ImportFrom)]
    assert [n for n in at_once if n.startswith("coopstats") and n.split(".")[1] not in
            ("cli", "core")] == []  # fmt: skip


def test_modules_of_commands_import_no_other_module_of_commands():
    commands = {"charts", "checks", "compare", "lists", "make", "numbers", "originals"}
    for name in commands:
        tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
        named = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert {f"coopstats.cli.{other}" for other in commands} & named == set()


def test_the_command_line_starts_as_fast_as_the_library():
    code = (
        "import coopstats, sys; before = set(sys.modules); import coopstats.cli.main; "
        "print(*(m for m in sys.modules if m not in before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    more = [m for m in done.stdout.split() if m.partition(".")[0] not in sys.stdlib_module_names]
    assert [m for m in more if not m.startswith(("click", "coopstats.cli", "coopstats.core"))] == []
