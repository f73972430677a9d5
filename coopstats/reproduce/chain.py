"""The whole chain again, from the originals to the book: did a published number move?

Of what git keeps only the list of charts is written, where one moved: tables, charts and book are
made anew, and what is kept is compared. What CI calls, and what a sceptic runs. A step that ended
well is not taken again until something that it depends on changes. The archive of all tables is
`coopstats export`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from coopstats.core.changelog import HEADING, Moved, unexplained
from coopstats.core.errors import CoopstatsError, NumbersMoved, TieOutFailed
from coopstats.reproduce import unchanged

if TYPE_CHECKING:
    from coopstats.charts import Chart

SIDE_BY_SIDE = 2  # processes beside this one: notebooks, charts and pages are shared among them


@dataclass(frozen=True)
class Job:
    """Where to write, where the originals are if they are given, and how to show progress."""

    out: Path
    originals: Path | None = None
    progress: Callable[[list, str], Iterable] = lambda items, _: items
    say: Callable[[str], None] = lambda _: None


class Done(NamedTuple):
    """What a step did, in a line or with more below it, and the published numbers that moved."""

    told: str
    moved: Sequence[Moved] = ()


class Step(NamedTuple):
    """One link of the chain. Where one that is `needed` breaks, the others are not tried.

    One that stands `beside` is done by another process, while this one does the next.
    `once` is not taken again where it ended well and nothing changed; `writes` is its folder.
    """

    name: str
    act: Callable[[Job], Done]
    needed: bool = False
    beside: bool = False
    once: bool = False
    writes: str = ""


class Outcome(NamedTuple):
    """How a step ended: what it did, or the problem in a sentence."""

    step: str
    seconds: float
    done: Done | None
    problem: str = ""


# ── the steps ────────────────────────────────────────────────────────────────────────────────────


def originals(job: Job) -> Done:
    """data/raw is what the originals give, byte for byte."""
    from coopstats.core.sources import read_sources
    from coopstats.publications import transcribe

    every, folder = list(read_sources().values()), job.originals
    if folder is None:
        return Done(f"not given: {len(every)} transcriptions taken as they are")
    there = [source for source in every if (folder / source.file).exists()]
    if not there:
        raise CoopstatsError(f"{folder} holds none of the {len(every)} originals.")
    _all_pass(lambda source: transcribe.check(source, folder), job, there)
    return Done(f"{len(there)} of {len(every)} are there, and give data/raw byte for byte")


def _all_pass(check: Callable, job: Job, items: list) -> None:
    """Check every item, and raise what is wrong with any."""
    wrong = []
    for item in job.progress(items, "originals"):
        try:
            check(item)
        except CoopstatsError as problem:
            wrong.append(str(problem))
    if wrong:
        raise CoopstatsError("\n".join(wrong))


def build(job: Job) -> Done:
    """The tables are built, and are those whose fingerprint is kept."""
    from coopstats.clean.build import build as making
    from coopstats.clean.build import fingerprint

    changed = making.build(show_progress=sys.stderr.isatty())
    told = f"{len(changed)} of {len(making.TABLES)} tables built anew"
    return Done(told, fingerprint.changes())


def answers(job: Job) -> Done:
    """How deep the cuts were, as soon as the tables are there."""
    from coopstats.findings.answers import how_deep

    told = how_deep.answer()
    return Done("\n   ".join([f"{len(told)} sentences", *told]))


def check(job: Job) -> Done:
    """Everything ties out, or differs as is on record; the register keeps what it promises."""
    from coopstats.reproduce import check as checking
    from coopstats.reproduce import promises
    from coopstats.reproduce.check import social_care

    off, twice, breaches = checking.tied_out(), social_care.check(), promises.breaches()
    if len(breaches):
        raise TieOutFailed(
            f"The register breaks {len(breaches)} of its promises: `coopstats check --register`."
        )
    compared = checking.columns_compared() + sum(social_care.compared().values())
    differ = len(off) + len(twice)
    return Done(f"{compared:,} printed figures compared, {differ} differ, all on record")


def docs(job: Job) -> Done:
    """The generated pages say what the tables give."""
    from coopstats.reproduce import documents as writing

    old = writing.stale()
    if old:
        raise CoopstatsError(f"Out of date: {', '.join(old)}. Run `coopstats docs`.")
    return Done(f"{len(writing.BLOCKS) + 1} pages are current")


def headlines(job: Job) -> Done:
    """The answers print the recorded numbers."""
    from coopstats.reproduce import headlines as printed

    now = printed.printed()
    return Done(f"{len(now)} numbers in the answers", printed.moved(now))


def notebooks(job: Job) -> Done:
    """The notebooks, executed side by side, give the outputs that are kept."""
    from joblib import Parallel, delayed

    from coopstats.findings import notebooks as running

    chosen = running.chosen()
    found = Parallel(SIDE_BY_SIDE, return_as="generator")(map(delayed(running.moved), chosen))
    both = zip(job.progress(chosen, "notebooks"), found, strict=True)
    moved = [
        Moved(f"{path.name}, cell {cell}: {how}", (f"`{path.stem}`", f"cell {cell}"))
        for path, cells in both
        for cell, how in cells.items()
    ]
    return Done(f"{len(chosen)} executed", moved)


def charts(job: Job) -> Done:
    """Every chart is drawn."""
    from joblib import Parallel, delayed

    from coopstats.findings import questions

    made, folder = questions.charts(), job.out / "charts"
    drawn = Parallel(SIDE_BY_SIDE, return_as="generator")(delayed(_saved)(c, folder) for c in made)
    for _ in zip(job.progress(made, "charts"), drawn, strict=True):
        pass
    return Done(f"{len(made)} in {job.out / 'charts'}")


def _saved(chart: Chart, folder: Path) -> None:
    chart.save(folder)


def book(job: Job) -> Done:
    """The book of all councils is written, its charts fit to print, its list of charts kept.

    Pictures are left out: they take minutes and hold no number. `coopstats book` makes them.
    """
    from coopstats.book import chart_list, pages, site

    def shown(items: Iterable, **words: object) -> Iterable:
        return job.progress(items, "book")  # type: ignore[arg-type]

    made = site.make(job.out / "book", pages.Making(pictures=False), progress=shown)
    moved = chart_list.accept(made.rows)
    return Done(" ".join([f"{made.pages} pages, {made.charts:,} charts.", *moved]))


STEPS = (
    Step("originals", originals),
    Step("build", build, needed=True),
    Step("answers", answers, once=True),
    Step("docs", docs, beside=True, once=True),
    Step("check", check, beside=True, once=True),
    Step("headlines", headlines, once=True),
    Step("notebooks", notebooks, once=True),
    Step("charts", charts, once=True, writes="charts"),
    Step("book", book, once=True, writes="book"),
)


# ── the chain ────────────────────────────────────────────────────────────────────────────────────


def reproduce(job: Job, steps: Sequence[Step]) -> list[Outcome]:
    """Take every step, whatever fails, and say how each ended."""
    outcomes: list[Outcome] = []
    for group in _groups(steps):
        job.say(f"── {', '.join(step.name for step in group)}")
        for step, outcome in zip(group, _together(group, job), strict=True):
            job.say(f"   {step.name}, {outcome.seconds:.0f} s: {_ended(outcome)}")
            outcomes.append(outcome)
            if step.needed and outcome.problem:
                return outcomes
    return outcomes


def _groups(steps: Sequence[Step]) -> Iterable[list[Step]]:
    """Those that stand beside, with the one that follows them."""
    group: list[Step] = []
    for step in steps:
        group.append(step)
        if not step.beside:
            yield group
            group = []
    if group:
        yield group


def _together(group: list[Step], job: Job) -> list[Outcome]:
    """How each step of a group ended: the last is done here, the others beside it."""
    from joblib import Parallel, delayed

    *others, last = group
    away = [step for step in others if not _known(step, job)]
    side_by_side = Parallel(SIDE_BY_SIDE, return_as="generator")
    running = side_by_side(delayed(_taken)(s, job) for s in away) if away else ()
    here = _taken(last, job)
    done = dict(zip((step.name for step in away), running, strict=True))
    return [*(done.get(step.name) or _taken(step, job) for step in others), here]


def _taken(step: Step, job: Job) -> Outcome:
    start, done, problem = time.monotonic(), None, ""
    try:
        done = _known(step, job) or _noted(step, job)
    except (CoopstatsError, OSError) as failed:
        problem = str(failed)
    return Outcome(step.name, time.monotonic() - start, done, problem)


def _known(step: Step, job: Job) -> Done | None:
    """What a step said that need not be taken again."""
    told = unchanged.as_before(step.name, _folder(step, job)) if step.once else ""
    first, *more = told.split("\n")
    return Done("\n".join([f"{first} (nothing has changed since)", *more])) if told else None


def _noted(step: Step, job: Job) -> Done:
    """Take a step, and note it if it is not to be taken again."""
    done = step.act(job)
    if step.once and not done.moved:
        unchanged.keep(step.name, _folder(step, job), done.told)
    return done


def _folder(step: Step, job: Job) -> Path | None:
    return job.out / step.writes if step.writes else None


def _ended(outcome: Outcome) -> str:
    if outcome.done is None:
        return f"FAILED: {outcome.problem}"
    moved = sum(bool(m.words) for m in outcome.done.moved)
    return f"{outcome.done.told}{f'; {moved} moved' if moved else ''}"


def report(outcomes: Sequence[Outcome], steps: Sequence[Step]) -> str:
    """How each step ended, and which published numbers moved, explained or not."""
    moved = moved_in(outcomes)
    missing = unexplained(moved)
    lines = ["── what was reproduced"]
    lines += [f"{o.seconds:7.1f} s  {o.step}: {_in_short(o)}" for o in outcomes]
    lines += [f"  not run  {step.name}" for step in steps[len(outcomes) :]]
    lines.append(f"── {len(moved)} published numbers moved")
    lines += [f"{'NO ENTRY' if m in missing else 'explained'}  {m.what}" for m in moved]
    if missing:
        lines.append(f"Under “### {HEADING}” in CHANGELOG.md write, each with its reason:")
        lines += [m.entry for m in missing]
    return "\n".join(lines)


def _in_short(outcome: Outcome) -> str:
    """How it ended, in a line unless it failed; what stands below was said in its turn."""
    return _ended(outcome) if outcome.problem else _ended(outcome).partition("\n")[0]


def moved_in(outcomes: Sequence[Outcome]) -> list[Moved]:
    """The published numbers that moved, in the order of the steps; what is new is left out."""
    return [m for o in outcomes if o.done for m in o.done.moved if m.words]


def settle(outcomes: Sequence[Outcome]) -> None:
    """Raise for a step that failed, and NumbersMoved for a number that no entry explains."""
    failed = [o.step for o in outcomes if o.problem]
    if failed:
        raise CoopstatsError(f"Not reproduced: {', '.join(failed)} failed.")
    missing = unexplained(moved_in(outcomes))
    if missing:
        raise NumbersMoved(
            f"Not reproduced: {len(missing)} published numbers moved without an entry in "
            "CHANGELOG.md."
        )
