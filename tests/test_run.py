"""run.py without the network: what it does instead of installing is recorded, or made to fail."""

import ast
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "run.py"
SETS = ("run", "test", "lab", "transcribe")


def load(path):
    """A copy of run.py as a module of its own, bound to the folder it lies in."""
    spec = importlib.util.spec_from_file_location("run_under_test", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def run(tmp_path):
    """run.py in a small clone of its own, where a stand-in for uv makes what uv would make."""
    for name in ("run.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return load(tmp_path / "run.py")


class StandIn:
    """Does what uv would do to .venv, and keeps what it was asked for."""

    def __init__(self, run):
        self.run = run
        self.asked = []
        self.fails_at = None

    def __call__(self, command, **environment):
        words = " ".join(str(c) for c in command)
        self.asked.append(words)
        if self.fails_at and self.fails_at in words:
            return 1
        for program in (self.run.PYTHON, self.run.COOPSTATS):
            program.parent.mkdir(parents=True, exist_ok=True)
            program.touch()
        return 0


@pytest.fixture
def uv(run, monkeypatch):
    stand_in = StandIn(run)
    monkeypatch.setattr(run, "call", stand_in)
    monkeypatch.setattr(run, "find_uv", lambda: "uv")
    return stand_in


def synced(uv):
    """The sets in each sync that uv was asked for."""
    return [re.findall(r"requirements.(\w+)\.txt", w) for w in uv.asked if "pip sync" in w]


# --- Set-up -----------------------------------------------------------------------------------


def test_the_second_time_there_is_nothing_to_do(run, uv):
    run.ensure("run")
    first = len(uv.asked)
    run.ensure("run")
    assert first == 3  # an environment, its packages, coopstats
    assert len(uv.asked) == first


def test_packages_are_asked_for_with_hashes(run, uv):
    run.ensure("test")
    assert all("--require-hashes" in w for w in uv.asked if "pip sync" in w)


def test_a_set_that_is_there_stays_when_another_is_added(run, uv):
    run.ensure("lab")
    run.ensure("test")
    run.ensure("lab")
    assert synced(uv) == [["lab"], ["test", "lab"]]


def test_every_set_includes_run(run, uv):
    run.ensure("test")
    run.ensure("run")
    assert synced(uv) == [["test"]]


def test_a_new_pyproject_needs_no_packages_and_so_no_network(run, uv):
    run.ensure("test")
    with (run.ROOT / "pyproject.toml").open("a") as project:
        project.write("# moved\n")
    assert not run.is_ready("test", run.read_stamp())
    run.ensure("run")
    assert synced(uv) == [["test"]]
    assert json.loads(run.STAMP.read_text())["sets"] == ["test"]


def test_an_environment_is_made_once_for_all_sets(run, uv):
    run.ensure("run")
    run.ensure("test")
    assert sum("uv venv" in w for w in uv.asked) == 1


def test_new_pins_are_installed_into_the_environment_that_is_there(run, uv):
    run.ensure("run")
    with run.pins("run").open("a") as pins:
        pins.write("# moved\n")
    run.ensure("run")
    assert synced(uv) == [["run"], ["run"]]
    assert sum("uv venv" in w for w in uv.asked) == 1


@pytest.mark.parametrize("failing", ["uv venv", "pip sync", "pip install"])
def test_what_stopped_half_way_is_not_taken_for_whole(run, uv, failing):
    uv.fails_at = failing
    with pytest.raises(run.Stop, match="above"):
        run.ensure("run")
    uv.fails_at = None
    run.ensure("run")
    assert sum("uv venv" in w for w in uv.asked) == 2


def test_a_kill_while_adding_a_set_makes_the_next_set_up_start_anew(run, uv, monkeypatch):
    run.ensure("run")
    monkeypatch.setattr(
        run, "install_packages", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        run.ensure("test")
    assert run.read_stamp() == {}


@pytest.mark.parametrize(
    "damage",
    [
        lambda run: run.PYTHON.unlink(),
        lambda run: run.COOPSTATS.unlink(),
        lambda run: run.STAMP.write_text("{"),
        lambda run: run.STAMP.write_text("[]"),
        lambda run: run.STAMP.write_text('{"sets": ["run"]}'),
    ],
    ids=["no python", "no coopstats", "half a stamp", "another stamp", "a poor stamp"],
)
def test_a_broken_environment_is_made_anew(run, uv, damage):
    run.ensure("run")
    leftover = run.VENV / "leftover" / "file"
    leftover.parent.mkdir()
    leftover.touch()
    damage(run)
    run.ensure("run")
    assert sum("uv venv" in w for w in uv.asked) == 2
    assert not leftover.exists()


def test_another_python_needs_another_environment(run, uv, monkeypatch):
    run.ensure("run")
    monkeypatch.setattr(run, "foundation", lambda: ["3.99", "/elsewhere", "/elsewhere/.venv"])
    assert run.read_stamp() == {}


def test_a_stamp_names_sets_and_packages(run, uv):
    run.ensure("test")
    stamp = json.loads(run.STAMP.read_text())
    assert stamp["sets"] == ["test"]
    assert stamp["packages"] == run.packages(["test"])


def test_one_set_up_at_a_time(run, uv):
    run.VENV.mkdir()
    with run.LOCK.open("a") as mine, run.LOCK.open("a") as theirs:
        assert run.try_lock(mine)
        assert not run.try_lock(theirs)


def test_who_waited_finds_it_done(run, uv, monkeypatch):
    run.ensure("run")
    asked = len(uv.asked)
    run.set_up("run")  # as one does that looked before the other had finished
    assert len(uv.asked) == asked


def test_a_folder_that_cannot_be_written_is_said_in_a_sentence(run, uv):
    run.VENV.write_text("a file where the folder should be")
    with pytest.raises(run.Stop, match=r"cannot set up .*\.venv: .*run the same command again"):
        run.ensure("run")


# --- Getting uv -------------------------------------------------------------------------------


def test_no_pip_is_said_in_a_sentence(run, monkeypatch):
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    monkeypatch.setattr(run, "succeeds", lambda _: False)
    with pytest.raises(run.Stop, match=r"neither uv nor pip is there .*apt install python3-pip"):
        run.find_uv()


def test_pip_gets_uv_by_its_hash_and_nowhere_but_into_our_folder(run, monkeypatch):
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    monkeypatch.setattr(run, "succeeds", lambda command: "pip" in command)
    uv = StandIn(run)
    monkeypatch.setattr(run, "call", uv)
    found = Path(run.find_uv())
    assert run.BOOTSTRAP in found.parents
    assert f"--require-hashes --no-deps --target {found.parent.parent}" in uv.asked[0]


def test_pip_without_a_network_is_said_in_a_sentence(run, monkeypatch):
    monkeypatch.setattr(run.shutil, "which", lambda _: None)
    monkeypatch.setattr(run, "succeeds", lambda command: "pip" in command)
    monkeypatch.setattr(run, "call", lambda *_, **__: 1)
    with pytest.raises(run.Stop, match="is the network there"):
        run.find_uv()


def test_a_uv_on_the_path_that_does_not_run_is_passed_over(run, monkeypatch):
    monkeypatch.setattr(run.shutil, "which", lambda _: "/somewhere/uv")
    monkeypatch.setattr(run, "succeeds", lambda command: command[0] != "/somewhere/uv")
    assert run.find_uv() != "/somewhere/uv"


# --- The environment of what is run -----------------------------------------------------------


def test_nothing_of_the_shell_leaks_in(run):
    leaks = dict.fromkeys(run.UNWANTED, "x")
    seen = run.child_environment({**leaks, "HOME": "h"})
    assert not set(leaks) & set(seen)
    assert seen["HOME"] == "h"


def test_index_settings_of_pip_reach_uv_and_those_of_uv_stay(run):
    environment = {"PIP_INDEX_URL": "a", "PIP_EXTRA_INDEX_URL": "b", "UV_INDEX": "c"}
    seen = run.child_environment({**environment, "PIP_FIND_LINKS": "one two"})
    assert (seen["UV_DEFAULT_INDEX"], seen["UV_INDEX"]) == ("a", "c")
    assert seen["UV_FIND_LINKS"] == "one,two"


# --- What a command line means ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "action", "rest"),
    [
        ([], "run_job", []),
        (["test"], "run_test", []),
        (["test", "-k", "x"], "run_test", ["-k", "x"]),
        (["lab"], "run_lab", []),
        (["setup", "lab"], "run_setup", ["lab"]),
        (["--help"], "run_help", []),
        (
            ["get", "revenue_outturn", "--help"],
            "run_coopstats",
            ["get", "revenue_outturn", "--help"],
        ),
        (["--", "test"], "run_coopstats", ["test"]),
        (["tset"], "run_coopstats", ["tset"]),
    ],
)
def test_words_go_where_they_belong(run, words, action, rest):
    assert run.route(words) == (getattr(run, action), rest)


def test_tests_by_name_get_their_tables_first_where_there_are_none(run, uv, monkeypatch):
    monkeypatch.setattr(run, "ensure", lambda name: None)
    assert run.main(["test", "-k", "tie_out"]) == 0
    assert [words.split()[-1] for words in uv.asked] == ["build", "tie_out"]
    (run.ROOT / "data" / "processed").mkdir(parents=True)
    (run.ROOT / "data" / "processed" / "lines.parquet").touch()
    run.main(["test", "-k", "tie_out"])
    assert [words.split()[-1] for words in uv.asked] == ["build", "tie_out", "tie_out"]


def test_what_is_built_first_is_said(run, uv, monkeypatch, capsys):
    monkeypatch.setattr(run, "ensure", lambda name: None)
    run.main(["test", "-k", "x"])
    assert "building them first (coopstats build" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--all", "-k", "x"], ["-k", "x", "--all"]])
def test_all_lets_the_slow_tests_in(run, uv, monkeypatch, words):
    monkeypatch.setattr(run, "ensure", lambda name: None)
    run.main(["test", *words])
    assert uv.asked[-1].endswith("pytest -m  -k x")


def test_all_alone_takes_every_step_and_the_slow_tests(run, monkeypatch):
    given = []
    monkeypatch.setattr(run, "ensure", lambda name: None)
    monkeypatch.setattr(run, "run_steps", lambda folder, more: given.append(more) or [])
    run.main(["test"])
    run.main(["test", "--all"])
    assert given == [[], ["-m", ""]]
    tests = [command for name, command in run.steps(given[1]) if "pytest" in name]
    assert [command[-2:] for command in tests] == [["-m", ""]]


def test_pytest_leaves_the_slow_tests_out_unless_told():
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert options["addopts"][-2:] == ["-m", "not slow"]


def test_the_main_job_is_coopstats_reproduce(run, uv, monkeypatch):
    became = []
    monkeypatch.setattr(run, "become", lambda command: became.append(command) or 0)
    assert run.main([]) == 0
    assert became == [[run.COOPSTATS, "reproduce"]]


def test_the_exit_code_of_a_command_is_ours(run):
    script = (
        f"import runpy; runpy.run_path({str(RUN)!r})['become']({[sys.executable, '-c', 'exit(7)']})"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 7


def test_help_is_told_without_a_set_up(run, capsys):
    assert run.main(["--help"]) == 0
    assert "python run.py test" in capsys.readouterr().out
    assert not run.VENV.exists()


def test_an_unknown_set_is_named(run, capsys):
    assert run.main(["setup", "labb"]) == 1
    assert "there is no set 'labb'" in capsys.readouterr().err


def test_a_stop_is_one_line_on_stderr_and_a_code(run, uv, capsys):
    uv.fails_at = "pip sync"
    assert run.main(["councils"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines()[-1].startswith("run.py: uv could not install the packages")


# --- The summary of the tests -----------------------------------------------------------------


def results(*codes_and_counts):
    return [(f"step {i}", 1.0, code, counts) for i, (code, counts) in enumerate(codes_and_counts)]


@pytest.mark.parametrize(
    ("steps", "code", "last_line"),
    [
        (results((0, (1, 0, 0)), (0, (10, 0, 2))), 0, "11 passed, 0 failed, 2 skipped"),
        (results((1, (0, 1, 0)), (0, (10, 0, 0))), 1, "10 passed, 1 failed, 0 skipped"),
        (results((1, (9, 1, 0))), 1, "9 passed, 1 failed, 0 skipped"),
        (results((5, (0, 0, 0))), 1, "0 passed, 1 failed, 0 skipped"),
    ],
    ids=["all well", "a check fails", "a test fails", "no test was found"],
)
def test_the_last_line_gives_the_totals(run, capsys, steps, code, last_line):
    assert run.summarise(steps) == code
    assert capsys.readouterr().out.splitlines()[-1] == last_line


def test_totals_come_from_pytests_own_report(run, tmp_path):
    (tmp_path / "test_small.py").write_text(
        "import pytest\n"
        "def test_passes(): pass\n"
        "def test_fails(): assert 0\n"
        "def test_skips(): pytest.skip()\n"
        "def test_cannot_start(absent): pass\n"
    )
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", "--junit-xml", report, "test_small.py"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert run.read_report(str(report)) == (1, 2, 1)


def test_no_report_counts_nothing(run, tmp_path):
    assert run.read_report(str(tmp_path / "absent.xml")) == (0, 0, 0)


# --- Old Pythons, and the pins ----------------------------------------------------------------


def test_an_old_python_can_read_it_as_far_as_the_message():
    source = RUN.read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    script = (
        "import sys; sys.version_info = (3, 6, 15, 'final', 0)\n"
        f"import runpy; runpy.run_path({str(RUN)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(
        "run.py: coopstats needs Python 3.11 or newer; this is Python 3.6"
    )
    assert len(done.stderr.splitlines()) == 1


def test_python_is_asked_for_alike_everywhere(run):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">={}.{}".format(*run.NEEDED)


def pinned(name):
    """The versions that a set pins: {package: {version, ...}}."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    found = {}
    for package, version in re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


@pytest.mark.parametrize("name", ["uv", *SETS])
def test_pins_carry_hashes_and_no_address(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    for pin in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9-]+==", pin)
        assert "--hash=sha256:" in pin
    assert "://" not in text
    assert "index" not in text


@pytest.mark.parametrize("name", ["test", "lab", "transcribe"])
def test_a_package_has_one_version_in_all_sets(name):
    ours, base = pinned(name), pinned("run")
    assert {package: ours.get(package) for package in base} == base


@pytest.mark.parametrize("name", SETS)
def test_all_that_the_project_asks_for_is_pinned(name):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *extras.get(name, [])]
    for own in [a for a in asked if a.startswith("coopstats[")]:  # other extras of our own
        asked.remove(own)
        asked += [a for extra in re.findall(r"\w+", own)[1:] for a in extras[extra]]
    assert {re.match(r"[\w-]+", a).group() for a in asked} <= set(pinned(name))
