"""Screens as text: without a terminal, and by ``optix print``."""

import json

import pytest

from engine.domain.errors import BadInput, UnknownSymbol
from optix_tui import opening, printing
from optix_tui.__main__ import main
from tests.kit.fake_engine import FakeEngine


@pytest.fixture
def engine(monkeypatch) -> FakeEngine:
    fake = FakeEngine()

    def way(feed, options, *, host):
        assert host is False, "a screen that is printed owns nothing"

        async def there():
            return fake

        return there

    monkeypatch.setattr(printing, "way_to_engine", way)
    monkeypatch.setattr(opening, "is_a_terminal", lambda: False)
    return fake


def test_without_a_terminal_one_frame_is_printed(engine, capsys):
    assert opening.open_workstation() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 45
    assert lines[0].startswith(" OPTIX  SIM    1 MAIN")
    assert "OMON Option Monitor" in lines[4]
    assert any("670.12" in line for line in lines)
    assert engine.is_closed


def test_one_function_is_printed_alone(engine, capsys):
    assert printing.print_function(["SPX", "OMON", "±3"], feed=None, feed_options={}, size=(110, 20)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(" ■R OMON Option Monitor")
    assert "±3 strikes" in lines[0]
    assert any("6,715.42" in line for line in lines)
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 110


def test_a_name_that_is_not_listed_is_an_error(engine):
    with pytest.raises(UnknownSymbol, match="ZZZZ"):
        printing.print_function(["OMON", "ZZZZ"], feed=None, feed_options={}, size=(110, 20))


@pytest.mark.parametrize("words", [["OMNO"], ["SPY"], []])
def test_what_is_no_function_is_refused(engine, words):
    with pytest.raises(BadInput):
        printing.print_function(words, feed=None, feed_options={}, size=(110, 20))


def test_functions_are_listed_as_a_document(capsys):
    assert main(["functions", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"]["name"] == "optix.functions"
    assert {"OMON", "HOME", "HELP"} <= {one["code"] for one in document["functions"]}


def test_print_is_a_command_with_an_exit_code(engine, capsys):
    assert main(["print", "DES", "AAPL", "--width", "90"]) == 0
    assert "AAPL" in capsys.readouterr().out
    assert main(["print", "OMNO"]) == 2
    assert "OMNO is no function" in capsys.readouterr().err
