"""CI compares a notebook's stored text with what the code gives: a moved bar must fail it.

nbval does not compare pictures, so a chart's text form carries its numbers.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from coopstats.findings import notebooks

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "from coopstats.findings.answers import how_deep\n\nhow_deep.fifths_chart()"


@pytest.fixture(scope="module")
def executed(built_once, tmp_path_factory):
    """A notebook that shows one chart, executed as the real ones are."""
    notebook = tmp_path_factory.mktemp("notebooks") / "1_one_chart.ipynb"
    cell = nbformat.v4.new_code_cell(SOURCE)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), notebook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COOPSTATS_HOME", str(built_once))
        patch.setenv("PYTHONPATH", str(ROOT))
        notebooks.execute(notebook)
    return notebook


def validated(notebook, home):
    """nbval on one notebook, with the project's own ini."""
    words = [
        "-c",
        str(ROOT / "nbval.ini"),
        f"--rootdir={notebook.parent}",
        "--nbval",
        str(notebook),
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *words],
        env={**os.environ, "COOPSTATS_HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd=notebook.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


def edited(notebook, change):
    """A copy whose stored outputs were changed."""
    content = nbformat.read(notebook, as_version=4)
    (output,) = content.cells[0].outputs
    change(output.data)
    copy = notebook.with_name(f"2_{change.__name__}.ipynb")
    nbformat.write(content, copy)
    return copy


def a_moved_bar(stored):
    """The first bar a tenth of a point longer."""
    bar = re.compile(r"(most deprived fifth .\d+\.)(\d)")
    text, moved = bar.subn(lambda m: m[1] + str((int(m[2]) + 1) % 10), stored["text/plain"], 1)
    assert moved == 1
    stored["text/plain"] = text


def another_picture(stored):
    stored["image/png"] = stored["image/png"][:-8] + "AAAAAAA="


def test_the_notebook_as_executed_passes(executed, built_once):
    done = validated(executed, built_once)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_a_moved_bar_fails(executed, built_once):
    done = validated(edited(executed, a_moved_bar), built_once)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout


def test_a_picture_alone_is_not_compared(executed, built_once):
    """Why the numbers have to be in the text: other fonts would make another picture."""
    assert validated(edited(executed, another_picture), built_once).returncode == 0
