"""How long does the book take, and its pictures, beside matplotlib drawing the same charts?

python benchmarks/book.py [--sample N]

Prints: the pages of all councils on two processes; the same again with nothing changed; and, of a
sample of charts, our SVG against matplotlib's SVG backend given the same laid-out scene.
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from pathlib import Path

from coopstats.book import councils, pages, question_pages, site
from coopstats.book.pages import Making
from coopstats.charts.layout import scene
from coopstats.charts.png import SETTINGS, drawn
from coopstats.charts.svg import svg


def seconds(act, *words, **named) -> float:
    """What a call takes."""
    start = time.perf_counter()
    act(*words, **named)
    return time.perf_counter() - start


def sample(count: int) -> list:
    """The first charts of councils spread over the list."""
    codes = [body.ecode for body in councils.councils()]
    step = max(1, len(codes) // max(1, count // 10))
    made = [one for code in codes[::step] for one in councils.charts_of(code).values()]
    return made[:count]


def by_matplotlib(page) -> None:
    """The scene by matplotlib's SVG backend."""
    import matplotlib

    with matplotlib.rc_context(SETTINGS):
        figure, _ = drawn(page)
        figure.savefig(io.BytesIO(), format="svg")


def main() -> None:
    """Print the three answers."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    asked.add_argument("--sample", type=int, default=100)
    charts = sample(asked.parse_args().sample)
    ratios = []
    for chart in charts:
        page = scene(chart)
        ours = seconds(svg, page, name=chart.slug, title=chart.title, alt=chart.alt)
        whole = seconds(chart.svg)
        ratios.append((seconds(by_matplotlib, page) / ours, whole, ours))
    times = statistics.median(r[0] for r in ratios[1:])
    print(f"{len(charts)} charts: SVG {1000 * statistics.median(r[2] for r in ratios):.2f} ms, "
          f"laid out and drawn {1000 * statistics.median(r[1] for r in ratios):.1f} ms; "
          f"matplotlib takes {times:.0f} times as long to draw")  # fmt: skip
    every = site.tasks
    site.tasks = lambda: [task for task in every() if task.kind == "councils"]
    question_pages.asked = tuple
    pages.lists = list
    with tempfile.TemporaryDirectory() as folder:
        out, making = Path(folder) / "book", Making(pictures=False)
        for what in ("all councils", "nothing changed"):
            start = time.perf_counter()
            made = site.make(out, making)
            took = time.perf_counter() - start
            print(f"{what}: {made.pages} pages, {made.charts:,} charts, {made.anew} pages anew: "
                  f"{took:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
