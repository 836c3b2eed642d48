"""The table that `optix --help` lists: it says what the commands say of themselves, and loads none of them."""

import inspect
import os
import re
import subprocess
import sys
from importlib import import_module

import pytest
import typer

from engine.cli import main as root
from engine.cli.listing import NOUNS
from engine.cli.nouns import command_line, summary_of
from optix_tui.__main__ import _nouns

ALL = (*NOUNS, *_nouns())


def said(*arguments: str, width: int = 100, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "optix_tui", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        stdin=subprocess.DEVNULL,
        env=os.environ | {"COLUMNS": str(width)} | environment,
    )


@pytest.mark.parametrize("listed", ALL, ids=[listed.name for listed in ALL])
def test_a_summary_is_what_the_command_says_of_itself(listed):
    module, _, attribute = listed.place.partition(":")
    found = getattr(import_module(module), attribute)
    own = found.info.help if isinstance(found, typer.Typer) else inspect.getdoc(found)
    assert listed.summary == summary_of(own)


def test_every_noun_stands_once_and_every_command_below_it_says_what_it_does():
    group = command_line(root.app, ALL)
    assert list(group.commands) == [listed.name for listed in ALL]
    assert len(set(group.commands)) == len(ALL)
    for name, stand_in in group.commands.items():
        command = stand_in.loaded()
        below = getattr(command, "commands", {})
        assert summary_of(command.help), name
        assert all(summary_of(one.help) for one in below.values()), name
        assert all(parameter.help for one in (command, *below.values()) for parameter in one.params), name


def test_the_help_tells_every_noun_in_its_section():
    told = said("--help", width=300)
    assert (told.returncode, told.stderr) == (0, "")
    for listed in ALL:
        assert re.search(rf"^  {listed.name} +{re.escape(listed.summary[:30])}", told.stdout, re.MULTILINE), listed.name
    assert re.findall(r"^(\S.*):$", told.stdout, re.MULTILINE) == ["Options", *dict.fromkeys(listed.section for listed in ALL)]


def test_the_help_loads_neither_a_command_nor_what_it_has_no_need_of():
    code = "import sys; from engine.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    own = {name for name in loaded if name.startswith(("engine.", "optix_tui", "plugins"))}
    assert own == {f"engine.{name}" for name in OWN}
    assert not loaded & {"rich", "pydantic", "asyncio", "msgspec", "textual", "numpy", "duckdb"}


OWN = {"cli", "domain", "domain.errors", *(f"cli.{name}" for name in "conversion endings listing main nouns output session".split())}


@pytest.mark.parametrize("arguments", [("chain", "--help"), ("vol", "rank", "--help"), ("models", "--help"), ("--version",)])
def test_the_help_of_a_command_has_no_need_of_a_validator(arguments):
    code = f"import sys; from engine.cli.main import main; main({list(arguments)!r}); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not set(done.stderr.split()) & {"rich", "pydantic", "asyncio", "numpy"}


def test_the_help_fits_a_narrow_terminal():
    told = said("surface", "--help", width=40)
    assert told.returncode == 0
    assert max(map(len, told.stdout.splitlines())) <= 40


@pytest.mark.parametrize(
    ("words", "meant"), [(("chian",), "'chain'"), (("vol", "rnak"), "'rank'"), (("--quiet", "surfase", "SPY"), "'surface'")]
)
def test_a_mistyped_command_is_told_what_may_be_meant(words, meant):
    done = said(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Did you mean {meant}" in done.stderr


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("optix v", ["vol", "vix", "vex"]),
        ("optix vol c", ["cone", "compass"]),
        ("optix chain --exp", ["--expiry"]),
        ("optix watchlist d", ["delete"]),
    ],
)
def test_a_shell_completes_nouns_commands_and_options_without_opening_the_workstation(line, offered):
    place = str(len(line.split()) - 1)
    done = said(_OPTIX_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=place)
    assert sorted(done.stdout.split()) == sorted(offered)
    assert done.stderr == ""


def test_a_shell_that_asks_with_nothing_said_gets_every_noun():
    done = said(_OPTIX_COMPLETE="complete_bash", COMP_WORDS="optix ", COMP_CWORD="1")
    assert done.stdout.split() == [listed.name for listed in ALL]
