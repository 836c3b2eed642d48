import json
import os
import select
from datetime import date
from enum import StrEnum
from io import StringIO

import numpy as np
import pytest

from engine.cli import output

NAN, INF = float("nan"), float("inf")


class Colour(StrEnum):
    AMBER = "amber"


def test_unknown_numbers_are_null_in_json_at_any_depth():
    told = output.plain({"a": NAN, "b": [1.0, INF, {"c": -INF}], "d": np.array([[1.5, NAN]]), "e": np.float64(NAN)})
    assert told == {"a": None, "b": [1.0, None, {"c": None}], "d": [[1.5, None]], "e": None}
    json.dumps(told, allow_nan=False)


def test_dates_enumerations_and_tuples_have_a_json_form():
    assert output.plain({"day": date(2026, 11, 20), "colour": Colour.AMBER, "pair": (1, "x")}) == {
        "day": "2026-11-20",
        "colour": "amber",
        "pair": [1, "x"],
    }


def test_what_has_no_json_form_is_refused():
    with pytest.raises(TypeError, match="object has no JSON form"):
        output.plain(object())


def test_unknown_numbers_are_dashes_in_tables():
    assert [output.number(NAN), output.signed(INF), output.percent(NAN), output.count(NAN)] == ["—"] * 4
    assert [output.number(1234.5), output.signed(-0.5), output.percent(0.1342), output.count(1e6)] == [
        "1,234.50",
        "-0.50",
        "13.4%",
        "1,000,000",
    ]


def test_instants_are_iso_in_utc_and_never_is_none():
    assert output.instant(0) is None
    assert output.instant(1_795_186_800_000_000_000) == "2026-11-20T15:00:00Z"
    assert output.instant(1_795_186_800_123_456_000) == "2026-11-20T15:00:00.123456Z"


def test_a_table_is_aligned_and_uncoloured_when_piped(capsys):
    output.table(("Name", "Size"), [("SPY", 1), ("A", 1000)])
    assert capsys.readouterr().out == "Name  Size\nSPY      1\nA     1000\n"


def test_an_empty_table_shows_its_heads(capsys):
    output.table(("Name", "Size"), [])
    assert capsys.readouterr().out == "Name  Size\n"


def test_quiet_silences_words_but_not_complaints(capsys, monkeypatch):
    monkeypatch.setattr(output.Quietness, "quiet", True)
    output.say("fine")
    output.complain("not fine")
    told = capsys.readouterr()
    assert told.err == "optix: not fine\n"
    assert told.out == ""


@pytest.mark.parametrize(("octets", "text"), [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (5e9, "5.0 GB"), (2e13, "20.0 TB")])
def test_sizes_are_told_in_the_unit_that_fits(octets, text):
    assert output.size(octets) == text


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("columns", "heads", "left_out"),
    [
        ("80", "Name Side    IV  Delta  Vega", ""),
        ("20", "Name Side    IV", "too narrow for Delta, Vega"),
        ("4", "Name Side", "too narrow for IV"),
    ],
)
def test_a_terminal_gets_the_columns_that_fit_and_is_told_of_the_others(monkeypatch, capsys, columns, heads, left_out):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    monkeypatch.setattr(output.sys, "stdout", terminal)
    output.table(("Name", "Side", "IV", "Delta", "Vega"), [("SPY", "C", "9.6%", "0.5", "1.1")], left=1)
    lines = terminal.getvalue().splitlines()
    assert lines[0].split() == heads.split()
    assert len(lines[1].split()) == len(heads.split())
    assert left_out in capsys.readouterr().err


def test_a_pipe_gets_every_column_whatever_the_width(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "10")
    output.table(("Name", "Side", "IV", "Delta", "Vega"), [("SPY", "C", "9.6%", "0.5", "1.1")])
    assert capsys.readouterr().out.splitlines()[0].split() == ["Name", "Side", "IV", "Delta", "Vega"]


def test_yes_and_no_are_written_as_in_the_documents(capsys):
    output.comma_separated(("ok", "n"), [{"ok": True, "n": NAN}, {"ok": False, "n": 1}])
    assert capsys.readouterr().out.splitlines() == ["ok,n", "true,", "false,1"]


@pytest.mark.skipif(not hasattr(select, "poll"), reason="this system has no select.poll to ask whether a reader has gone")
def test_a_pipe_is_unread_once_its_reader_has_gone(monkeypatch, tmp_path):
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(output.sys, "stdout", stream)
        assert not output.unread()
        os.close(reader)
        assert output.unread()
    with (tmp_path / "file").open("w") as stream:
        monkeypatch.setattr(output.sys, "stdout", stream)
        assert not output.unread()
    monkeypatch.setattr(output.sys, "stdout", StringIO())
    assert not output.unread()


HOSTILE = "EVIL\x1b]52;c;cm0=\x07\x9b2J\x7f\u202e"
OBEYED = set(map(chr, [*range(9), *range(11, 32), *range(127, 160), 0x202E]))


def test_what_a_feed_says_is_never_obeyed_by_the_terminal(capsys):
    output.say(HOSTILE)
    output.complain(HOSTILE)
    output.table(("Name",), [(HOSTILE,)], title=HOSTILE)
    output.pairs([(HOSTILE, HOSTILE)])
    output.plain_line(HOSTILE)
    output.comma_separated(("name",), [{"name": HOSTILE}])
    told = capsys.readouterr()
    assert not OBEYED & {*told.out, *told.err}
    assert told.out.count("EVIL·]52;c;cm0=··2J··") == 6
    assert told.err.count("EVIL·]52;c;cm0=··2J··") == 2


def test_a_document_spells_out_what_a_terminal_would_obey_and_loses_nothing(capsys):
    output.document({"name": HOSTILE})
    output.line({"name": HOSTILE})
    told = capsys.readouterr().out
    assert not OBEYED & {*told}
    assert [json.loads(one)["name"] for one in told.splitlines()] == [HOSTILE] * 2


def test_a_mark_of_our_own_keeps_its_colour(capsys):
    output.plain_line(" fine", mark=f"{output.RED}!{output.RESET}")
    assert capsys.readouterr().out == f"{output.RED}!{output.RESET} fine\n"
