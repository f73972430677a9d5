#!/usr/bin/env python3
"""One door to the project: sets up what a command needs, once, then runs it.

python run.py              the main job: tables, notebooks, charts and book, from the figures in
                           data/raw; says which published number moved (coopstats reproduce)
python run.py test         everything CI checks (words after it go to pytest alone: test -k tie_out)
python run.py test --all   the same with the slow tests, which take minutes each
python run.py lab          the notebooks, open in JupyterLab
python run.py setup [SET]  only the set-up, for run (the default), test, lab or transcribe
python run.py WORDS...     the coopstats command: get revenue_outturn --council Lambeth
python run.py -- WORDS...  the same, for words that this list would take: -- --help
python run.py pin          for maintainers: pin the newest versions that pyproject.toml allows

Set-up goes into .venv beside this file and needs the network the first time only. It takes `uv`
from the PATH, or else gets a pinned one through pip; every package is pinned by its hash in
requirements/. It uses no virtual environment of yours. Deleting .venv undoes it. Behind a mirror,
set PIP_INDEX_URL or UV_DEFAULT_INDEX: uv reads no pip.conf.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from pathlib import Path

# Only the standard library, and only syntax that Python 3.6 can parse: the next lines must be
# reached on an old Python for its owner to be told so.
NEEDED = (3, 11)
if sys.version_info < NEEDED:
    sys.exit(
        "run.py: coopstats needs Python %d.%d or newer; this is Python %d.%d (%s). Install a newer "
        "one and use it instead, for example: python3.12 run.py"
        % (NEEDED + tuple(sys.version_info[:2]) + (sys.executable,))
    )

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "setup.json"
LOCK = VENV / "setup.lock"
BOOTSTRAP = VENV / "bootstrap"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = BIN / ("python" + EXE)
COOPSTATS = BIN / ("coopstats" + EXE)
SETS = ("run", "test", "lab", "transcribe")
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable


class Stop(Exception):
    """Something the user can mend, as one sentence."""


def say(words):
    """Tell on stderr, so that a command's own output stays clean."""
    print("run.py: " + words, file=sys.stderr, flush=True)


# --- What the children see ------------------------------------------------------------------


# Each would make the result depend on the user's shell: other packages, another environment, no
# bytecode (four notebooks take 2.6 times as long without), hashes asked of our own source.
UNWANTED = (
    "PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV CONDA_PREFIX UV_PYTHON "
    "UV_SYSTEM_PYTHON UV_PROJECT_ENVIRONMENT UV_REQUIRE_HASHES UV_VENV_SEED"
).split()

# uv reads none of pip's settings; those of a user behind a mirror or a proxy are handed on.
FROM_PIP = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_NO_INDEX": "UV_NO_INDEX",
    "PIP_CERT": "SSL_CERT_FILE",
}


def child_environment(environ):
    """The user's environment without what would leak into ours, index settings kept."""
    kept = {name: value for name, value in environ.items() if name not in UNWANTED}
    for pip_name, uv_name in FROM_PIP.items():
        if pip_name in kept:
            kept.setdefault(uv_name, kept[pip_name])
    if "PIP_FIND_LINKS" in kept:  # pip parts them by spaces, uv by commas
        kept.setdefault("UV_FIND_LINKS", ",".join(kept["PIP_FIND_LINKS"].split()))
    # With several indexes take a version from whichever has it, as pip does: hashes decide.
    kept.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    kept["UV_PYTHON_DOWNLOADS"] = "never"
    kept["PYTHONUTF8"] = "1"
    return kept


def succeeds(command):
    """Whether a command can be run and exits with 0; nothing is printed."""
    try:
        quiet = subprocess.DEVNULL
        return subprocess.call(command, stdin=quiet, stdout=quiet, stderr=quiet) == 0
    except OSError:
        return False


def call(command, **extra):
    """The exit code of a command run in the project's folder, with extra environment."""
    environ = dict(child_environment(os.environ), **extra)
    sys.stdout.flush()
    try:
        return subprocess.call([str(c) for c in command], cwd=str(ROOT), env=environ)
    except OSError as err:
        raise Stop(f"cannot start {command[0]}: {err.strerror}.") from err


# --- What is set up -------------------------------------------------------------------------


def fingerprint(paths):
    """One short hash of the contents of files."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def pins(name):
    """The file that pins every package of a set."""
    return ROOT / "requirements" / (name + ".txt")


def foundation():
    """What an environment is built on; if it is another, only a new environment will do."""
    return [sys.version, sys.base_prefix, str(VENV)]


def packages(names):
    """Which packages an environment that holds these sets has."""
    return fingerprint([pins(name) for name in names])


def project():
    """What coopstats itself was installed from; its code is used where it lies."""
    return fingerprint([ROOT / "pyproject.toml"])


def read_stamp():
    """What the finished set-up wrote last, or nothing if there is none that holds."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        same = stamp["foundation"] == foundation() and set(stamp["sets"]) <= set(SETS)
        same = same and {"packages", "project"} <= set(stamp)
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return stamp if same and PYTHON.exists() and COOPSTATS.exists() else {}


def write_stamp(names):
    """Say that the environment is whole; the last act of every set-up."""
    stamp = {"foundation": foundation(), "sets": names}
    stamp.update(packages=packages(names), project=project())
    draft = STAMP.with_suffix(".draft")
    draft.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    os.replace(str(draft), str(STAMP))


def has_packages(name, stamp):
    """Whether the stamp says that this set is there, as now pinned; every set includes run."""
    names = stamp.get("sets", [])
    there = name in names or (name == "run" and names)
    return bool(there) and stamp["packages"] == packages(names)


def is_ready(name, stamp):
    """Whether the stamp says that nothing is left to set up."""
    return has_packages(name, stamp) and stamp["project"] == project()


# --- Setting up -----------------------------------------------------------------------------


def get_pinned_uv(folder):
    """Install the pinned uv into a folder of its own, through the pip of this Python."""
    if not succeeds([BASE_PYTHON, "-m", "pip", "--version"]):
        raise Stop(
            f"neither uv nor pip is there for {BASE_PYTHON}: install one of them (on Debian and "
            "Ubuntu: apt install python3-pip) and run the same command again."
        )
    say("getting uv, which installs the rest")
    shutil.rmtree(str(folder), ignore_errors=True)
    pip = [BASE_PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    target = [
        "--retries",
        "2",
        "--require-hashes",
        "--no-deps",
        "--target",
        folder,
        "-r",
        pins("uv"),
    ]
    # A user's own setting of either would contradict --target.
    if call(pip + target, PIP_USER="0", PIP_REQUIRE_VIRTUALENV="0"):
        raise Stop("pip could not get uv (its words are above); is the network there?")


def find_uv():
    """A uv that runs: the user's, or the pinned one, fetched if it is not there yet."""
    on_path = shutil.which("uv")
    if on_path and succeeds([on_path, "--version"]):
        return on_path
    folder = BOOTSTRAP / fingerprint([pins("uv")])
    pinned = folder / "bin" / ("uv" + EXE)
    if not succeeds([str(pinned), "--version"]):
        get_pinned_uv(folder)
    return str(pinned)


def clear():
    """Empty .venv, but for the lock we hold and the uv we use."""
    for path in VENV.iterdir():
        if path in (LOCK, BOOTSTRAP):
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        else:
            path.unlink()


def make_environment(uv):
    """A new, empty environment in .venv."""
    clear()
    command = [uv, "venv", "--quiet", "--allow-existing", "--python", BASE_PYTHON, VENV]
    if call(command):
        raise Stop("uv could not make the environment in .venv (its words are above).")


def install_packages(uv, names):
    """Make the environment hold the packages of these sets, and no others."""
    command = [uv, "pip", "sync", "--require-hashes", *quietly(), "--python", PYTHON]
    if call([*command, *[pins(name) for name in names]]):
        raise Stop(
            "uv could not install the packages (its words are above); is the network there? "
            "Nothing half-made will be used: run the same command again when it is mended."
        )


def install_project(uv):
    """Make the coopstats command, and have Python find the package where it lies."""
    command = [uv, "pip", "install", "--quiet", "--no-deps", "--python", PYTHON]
    if call([*command, "--editable", ROOT]):
        raise Stop("uv could not install coopstats itself (its words are above).")


def quietly():
    """Progress bars for a person, no list of 80 packages for a log."""
    return [] if sys.stderr.isatty() else ["--quiet"]


def set_up(name):
    """Bring the environment to what a set needs, one set-up at a time."""
    start = time.monotonic()
    with only_one():
        stamp = read_stamp()
        if is_ready(name, stamp):  # by another set-up, while we waited
            return
        say(f"setting up '{name}' in .venv (once; this needs the network)")
        with contextlib.suppress(FileNotFoundError):
            STAMP.unlink()
        fill(name, stamp)
    say(f"set up in {time.monotonic() - start:.0f} s")


def fill(name, stamp):
    """Do what the stamp says is missing, and stamp it; sets already there stay."""
    uv = find_uv()
    names = [s for s in SETS if s == name or s in stamp.get("sets", [])]
    if not stamp:
        make_environment(uv)
    if has_packages(name, stamp):
        names = stamp["sets"]
    else:
        install_packages(uv, names)
    install_project(uv)
    write_stamp(names)


def ensure(name):
    """Set up unless it is already done, which costs a few milliseconds to see."""
    if is_ready(name, read_stamp()):
        return
    try:
        set_up(name)
    except OSError as err:
        raise Stop(
            f"cannot set up {err.filename or VENV}: {err.strerror}. Close what still uses it, or "
            "delete .venv, and run the same command again."
        ) from err


@contextlib.contextmanager
def only_one():
    """Hold .venv for one set-up at a time; the system lets go of it even after a kill."""
    VENV.mkdir(exist_ok=True)
    with open(str(LOCK), "a") as held:
        if not try_lock(held):
            say("another run.py is setting up; waiting for it")
            while not try_lock(held):
                time.sleep(0.2)
        yield


def try_lock(file):
    """Whether the lock on an open file could be had."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


# --- Running --------------------------------------------------------------------------------


def become(command):
    """Run a command as the last thing we do, in the user's own folder; its exit code is ours."""
    words = [str(c) for c in command]
    environ = child_environment(os.environ)
    if os.name == "posix":  # so that signals, and a closed pipe, reach the command itself
        os.execve(words[0], words, environ)
    return subprocess.call(words, env=environ)


def run_coopstats(words):
    """The coopstats command line, with the words as they are."""
    ensure("run")
    return become([COOPSTATS, *words])


def run_job(words):
    """The main job; it takes no words."""
    return run_coopstats(["reproduce"])


def run_lab(words):
    """JupyterLab in notebooks/; words go to it."""
    ensure("lab")
    return become([PYTHON, "-m", "jupyterlab", "--notebook-dir", ROOT / "notebooks", *words])


def run_setup(words):
    """Only the set-up."""
    wrong = [w for w in words if w not in SETS]
    if wrong:
        raise Stop(f"there is no set '{wrong[0]}' to set up; there are {', '.join(SETS)}.")
    for name in words or ["run"]:
        ensure(name)
        say(f"'{name}' is set up")
    return 0


def run_pin(words):
    """Write requirements/ anew from pyproject.toml, one version of a package in all sets."""
    with only_one():
        uv = find_uv()
    kept = []
    for name, wanted in PINNED.items():
        compile_pins = [uv, "pip", "compile", "--quiet", "--upgrade", *PIN_STYLE]
        if call([*compile_pins, *wanted, *kept, "--output-file", pins(name)]):
            raise Stop(f"uv could not pin {name} (its words are above).")
        kept = ["--constraint", pins(name)]
    return 0


# No header and no notes: what stands in a pin must not tell where or by whom it was made.
PIN_STYLE = (
    "--universal --python-version 3.11 --generate-hashes "
    "--no-annotate --no-header --no-emit-index-url"
).split()
PINNED = {
    "uv": ["--group", "uv"],
    "run": ["pyproject.toml"],
    "test": ["pyproject.toml", "--extra", "test"],
    "lab": ["pyproject.toml", "--extra", "lab"],
    "transcribe": ["pyproject.toml", "--extra", "transcribe"],
}


def run_help(words):
    """This file's own docstring."""
    print(__doc__.strip())
    return 0


# --- Testing --------------------------------------------------------------------------------

# Each worker takes half of the files, in order; who is done first helps the other.
WORKERS = ["-n", "auto", "--maxprocesses", "4", "--dist"]
HELPING, BY_FILE = "worksteal", "loadscope"  # a notebook's cells need one kernel, in order
PYTEST = [PYTHON, "-m", "pytest"]


def has_tables():
    """Whether tables are built; a fresh clone has none, and most tests read them."""
    return any((ROOT / "data" / "processed").glob("*.parquet"))


# pyproject.toml leaves out the slow tests; the last -m on a command line is the one that counts.
EVERY = ["-m", ""]


def build_if_missing():
    """Build the tables where there are none, and say so; the exit code."""
    if has_tables():
        return 0
    say("no tables yet, and the tests read them: building them first (coopstats build, a minute)")
    return call([COOPSTATS, "build"])


def steps(more=()):
    """What CI checks, in order: the step's name and its command; pytest steps are counted.

    More words go to the tests.
    """
    tool = [PYTHON, "-m"]
    yield "lint (ruff check)", [*tool, "ruff", "check", "."]
    yield "formatting (ruff format)", [*tool, "ruff", "format", "--check", "."]
    yield "types (mypy)", [*tool, "mypy"]
    yield "imports (import-linter)", [BIN / ("lint-imports" + EXE)]
    if not has_tables():
        yield "tables (coopstats build)", [COOPSTATS, "build"]
    yield "generated documents (coopstats docs)", [COOPSTATS, "docs", "--check"]
    yield "tests (pytest)", [*PYTEST, *WORKERS, HELPING, *more]
    if any((ROOT / "notebooks").glob("*.ipynb")):
        nbval = [*PYTEST, "-c", "nbval.ini", "--nbval", "notebooks"]
        yield "notebooks (nbval)", [*nbval, *WORKERS, BY_FILE]


def run_step(command, report):
    """A step's exit code and how many passed, failed and were skipped in it."""
    if command[:3] == PYTEST:
        code = call([*command, "--junit-xml", report], **TEST_ENVIRONMENT)
        return code, read_report(report)
    code = call(command)
    return code, (code == 0, code != 0, 0)


# A start-up script in the user's own IPython profile would change what a notebook prints.
TEST_ENVIRONMENT = {"IPYTHONDIR": str(VENV / "ipython")}


def read_report(report):
    """Tests passed, failed and skipped, from pytest's own report; nothing if it wrote none."""
    if not os.path.exists(report):
        return 0, 0, 0
    suite = xml.etree.ElementTree.parse(report).getroot().find("testsuite").attrib
    failed = int(suite["failures"]) + int(suite["errors"])
    skipped = int(suite["skipped"])
    return int(suite["tests"]) - failed - skipped, failed, skipped


def run_steps(folder, more=()):
    """Run every step, whatever fails, and give (name, seconds, exit code, counts) for each."""
    for number, (name, command) in enumerate(steps(more), 1):
        print(f"\n=== {name}", flush=True)
        start = time.monotonic()
        code, counts = run_step(command, os.path.join(folder, f"{number}.xml"))
        seconds = time.monotonic() - start
        print(f"=== {name}: {verdict(code)} in {seconds:.1f} s", flush=True)
        yield name, seconds, code, counts


def verdict(code):
    """A step's end in one word."""
    return "ok" if code == 0 else "FAILED"


def summarise(results):
    """Print what happened, the totals last; the exit code."""
    print("\n=== Summary")
    for name, seconds, code, _ in results:
        print(f"{verdict(code):>8}  {seconds:6.1f} s  {name}")
    broken = sum(1 for _, _, code, counts in results if code and not counts[1])
    passed, failed, skipped = (sum(counts[i] for _, _, _, counts in results) for i in range(3))
    print(f"{passed} passed, {failed + broken} failed, {skipped} skipped", flush=True)
    return 1 if any(code for _, _, code, _ in results) else 0


def run_test(words):
    """All that CI checks; with words, only pytest with those words; with --all, slow tests too."""
    more = EVERY if "--all" in words else []
    words = [word for word in words if word != "--all"]
    ensure("test")
    if words:
        return build_if_missing() or call(PYTEST + more + words, **TEST_ENVIRONMENT)
    with tempfile.TemporaryDirectory() as folder:
        return summarise(list(run_steps(folder, more)))


# --- The door -------------------------------------------------------------------------------

OWN_WORDS = {
    "test": run_test,
    "lab": run_lab,
    "setup": run_setup,
    "pin": run_pin,
    "-h": run_help,
    "--help": run_help,
    "--": run_coopstats,
}


def route(words):
    """The function a command line means, and the words left for it."""
    if not words:
        return run_job, []
    if words[0] in OWN_WORDS:
        return OWN_WORDS[words[0]], words[1:]
    return run_coopstats, words


def main(words):
    """Do what the words say; the exit code."""
    action, rest = route(words)
    try:
        return action(rest)
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except OSError as err:
        say(f"{err.filename or 'the system'}: {err.strerror or err}.")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
