"""How fast comparisons are, as ratios to yardsticks timed in the same run.

python benchmarks/compare.py [--rounds N]

1,200 placebo fits (150 councils × 8 services, 9 years before) with and without the compiled
kernel, against a floor (one NumPy Gram product a council and service) and against the placebo
runs of other libraries, if installed; 4,999 placebo sets over 8 services; Callaway–Sant'Anna with
999 draws, against calling the library directly.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from coopstats.comparisons import permutation, simplex, staggered
from coopstats.comparisons.estimate import estimate
from coopstats.comparisons.panel import Panel
from coopstats.comparisons.question import Case, Question

COUNCILS, SERVICES, BEFORE, AFTER = 150, 8, 9, 5
TREATED, CLASSES = 12, 3


def lines() -> np.ndarray:
    """Services × councils × years: levels that differ, and wandering lines."""
    rng = np.random.default_rng(1)
    walks = rng.normal(size=(SERVICES, COUNCILS, BEFORE + AFTER)).cumsum(axis=2)
    return 100 + 10 * rng.normal(size=(SERVICES, COUNCILS, 1)) + walks


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The least time of several rounds after one to warm up: what a busy machine adds is noise.

    Short work goes on for five seconds, so that some round is not interrupted.
    """
    work()
    took, end = [], time.perf_counter() + 5
    while len(took) < rounds or (time.perf_counter() < end and len(took) < 1000):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return min(took)


def floor(values: np.ndarray) -> None:
    """One product of years × years for each council and service: what any fit must do at least."""
    for service in values:
        points = service[:, :BEFORE]
        for _ in range(COUNCILS):
            points.T @ points


def fits(values: np.ndarray, compiled: bool) -> list[np.ndarray]:
    """The weights of every council among all others, service by service."""
    everyone = np.ones((COUNCILS, COUNCILS), dtype=bool)
    return [
        simplex.weights_of_all(service[:, :BEFORE], range(COUNCILS), everyone, 0.0, compiled)
        for service in values
    ]


def sets(values: np.ndarray, baseline: str = "equal") -> np.ndarray:
    """All of a comparison: twelve treated in three classes of fifty, eight services.

    Gaps, 4,999 placebo sets within class and size with none of a set among its donors, and p
    adjusted over services.
    """
    codes, years = tuple(f"C{place:03}" for place in range(COUNCILS)), tuple(range(BEFORE + AFTER))
    panels = tuple(Panel(f"line {n}", "", codes, years, line) for n, line in enumerate(values))
    treated, classes = codes[:TREATED], range(CLASSES)
    cases = tuple(
        Case(code, code, years[:BEFORE], years[BEFORE:], codes[TREATED + kind :: CLASSES], BEFORE,
             str(kind))
        for kind in classes for code in treated[kind::CLASSES]
    )  # fmt: skip
    sizes = dict(zip(codes, np.random.default_rng(3).random(COUNCILS), strict=True))
    found = estimate(Question(panels, cases, baseline, sizes, draws=4999))
    return permutation.westfall_young(found.null)


# ── other libraries ──────────────────────────────────────────────────────────────────────────────


def panelkit(values: np.ndarray) -> None:
    """The in-space placebo of panelkit's synthetic control, once a service."""
    from panelkit import SyntheticControl

    for service in values:
        SyntheticControl(inference="placebo").fit(service, [0], BEFORE)


def diff_diff(service: np.ndarray) -> None:
    """The in-space placebo of diff-diff's synthetic control on outcomes alone, one service."""
    from diff_diff import SyntheticControl

    wide = pd.DataFrame(service).rename_axis("unit").reset_index()
    frame = wide.melt("unit", var_name="year", value_name="value").astype({"year": int})
    frame["treated"] = ((frame["unit"] == 0) & (frame["year"] >= BEFORE)).astype(int)
    model = SyntheticControl(v_method="custom", custom_v=np.ones(BEFORE), standardize="none")
    found = model.fit(
        frame, "value", "treated", "unit", "year", treated_unit=0,
        post_periods=list(range(BEFORE, BEFORE + AFTER)), pre_period_outcomes="all",
    )  # fmt: skip
    found.in_space_placebo()


def once(work: Callable[[], object]) -> float:
    """Seconds of one run."""
    start = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()
    return time.perf_counter() - start


def libraries(values: np.ndarray) -> dict[str, float]:
    """Seconds for all 1,200 placebo fits, by library; diff-diff's from one service, times eight."""
    found = {}
    if importlib.util.find_spec("panelkit"):
        panelkit(values[:1])
        found["panelkit"] = once(lambda: panelkit(values))
    if importlib.util.find_spec("diff_diff"):
        found["diff-diff"] = SERVICES * once(lambda: diff_diff(values[0]))
    return found


def staggered_ratio(rounds: int) -> tuple[float, float]:
    """Seconds of ours and of the library called directly: 300 councils × 18 years, 999 draws."""
    from diff_diff import CallawaySantAnna

    rng = np.random.default_rng(2)
    rows = pd.MultiIndex.from_product([range(300), range(2006, 2024)], names=["unit", "year"])
    frame = rows.to_frame(index=False).assign(value=rng.normal(size=len(rows)))
    starts = np.zeros(300, dtype=int)
    starts[:12] = np.repeat([2012, 2013, 2014, 2016], 3)
    frame["first_year"] = starts[frame["unit"]]

    def ours() -> None:
        staggered.second_opinion(frame, draws=999, seed=1)

    def theirs() -> None:
        CallawaySantAnna(n_bootstrap=999, seed=1).fit(frame, **staggered.COLUMNS)

    return seconds(ours, rounds), seconds(theirs, rounds)


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    values = lines()
    compiling = once(lambda: fits(values[:1, :, :], True))
    least = seconds(lambda: floor(values), rounds)
    kernel = seconds(lambda: fits(values, True), rounds)
    plain = seconds(lambda: fits(values, False), max(1, rounds // 3))
    placebo_sets = {
        name: seconds(lambda name=name: sets(values, name), rounds)
        for name in ("equal", "synthetic_demeaned")
    }
    print(f"floor {least * 1e3:.1f} ms; first call, with compiling {compiling:.1f} s")
    print(f"kernel {kernel * 1e3:.1f} ms, {kernel / least:.1f} x the floor (bound 10)")
    print(f"numpy {plain:.2f} s, {plain / least:.0f} x the floor")
    theirs = libraries(values)
    for name, took in theirs.items():
        print(f"{name} {took:.1f} s: kernel {took / kernel:.0f} x faster (bound 500), "
              f"numpy {took / plain:.0f} x (bound 20)")  # fmt: skip
    fastest = min(theirs.values())
    for name, took in placebo_sets.items():
        bound = "bound 5 %" if name == "equal" else "no bound: every council's mixture is in it"
        print(f"4,999 sets over 8 services, {name}: {took * 1e3:.0f} ms, "
              f"{100 * took / fastest:.2f} % ({bound})")  # fmt: skip
    ours, direct = staggered_ratio(max(1, rounds // 2))
    print(f"Callaway–Sant'Anna, 999 draws {ours:.2f} s / {direct:.2f} s = {ours / direct:.2f}")


if __name__ == "__main__":
    main()
