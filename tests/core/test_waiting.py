"""Who waits two seconds is told what for; who does not wait reads nothing."""

from __future__ import annotations

import time

import click
import pytest
from click.testing import CliRunner

from coopstats.cli.options import DOING, OPTIONS, Command
from coopstats.core import waiting


@pytest.mark.parametrize(("takes", "said"), [(0.0, []), (0.5, ["drawing"])])
def test_only_what_takes_long_is_explained(monkeypatch, takes, said):
    monkeypatch.setattr(waiting, "SECONDS", 0.1)
    heard = []
    with waiting.explained("drawing", heard.append):
        time.sleep(takes)
    assert heard == said


def test_a_body_that_fails_early_is_not_explained(monkeypatch):
    monkeypatch.setattr(waiting, "SECONDS", 0.1)
    heard = []
    with pytest.raises(ZeroDivisionError), waiting.explained("drawing", heard.append):
        raise ZeroDivisionError
    time.sleep(0.2)
    assert heard == []


def test_any_command_explains_itself_on_stderr(monkeypatch):
    monkeypatch.setattr(waiting, "SECONDS", 0.1)
    slow = Command("get", callback=lambda: [time.sleep(0.5), click.echo("rows")])
    result = CliRunner().invoke(slow, [], prog_name="coopstats get")
    assert result.stdout == "rows\n"
    assert result.stderr == "coopstats get: reading rows …\n"


def test_every_command_has_a_word_for_what_it_does():
    assert DOING.keys() == OPTIONS.keys()
    assert waiting.SECONDS > 60  # in tests; two seconds for users
