"""`optix surface`, `optix smile`, `optix term`: what they promise, in each form."""

import json
from types import SimpleNamespace

import pytest
from msgspec.structs import replace

from engine.cli import output, surface, surface_documents
from engine.domain.errors import BadInput
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS, SECOND_NS, from_nanos, iso, parse_instant
from tests.cli.test_commands import START, document, optix
from tests.kit import surface_facts

SLICE = "expiry settlement years forward atm_iv rr25 bf25 grade rmse_vol butterfly_ok calendar_ok n_quotes left_out"
POINT = "strike right bid_iv ask_iv fit_iv residual_spreads"
SURFACE = surface_facts.surface("SPX")


@pytest.fixture
def told(monkeypatch):
    """The commands get this surface instead of an engine's."""
    asked = []

    def answer(use, **_options):
        import asyncio

        async def ask(query):
            asked.append(query)
            return SURFACE

        return asyncio.run(use(SimpleNamespace(ask=ask)))

    monkeypatch.setattr(surface, "with_engine", answer)
    return asked


def test_the_document_of_a_running_market_has_exactly_what_is_promised():
    found = document("surface", "SPY", *START)
    assert list(found) == ["schema", "symbol", "asof", "spot", "source", "state", "model", "recorded", "slices"]
    assert all(list(one) == SLICE.split() for one in found["slices"])
    assert {name for one in found["slices"] for name in one} <= set(found["schema"]["units"])
    assert sum(one["grade"] == "good" for one in found["slices"]) > len(found["slices"]) / 2
    assert all(0.03 < one["atm_iv"] < 1 for one in found["slices"] if one["atm_iv"] is not None)


def test_an_unknown_name_is_refused_as_other_commands_refuse_it():
    done = optix("surface", "NOSUCH", *START)
    assert done.returncode == 1
    assert "NOSUCH" in done.stderr
    assert not done.stdout


def test_what_is_not_fitted_is_null_and_not_zero(told, capsys):
    surface.surface("SPX", as_json=True)
    found = json.loads(capsys.readouterr().out)
    failed = found["slices"][1]
    assert failed["grade"] == "failed"
    assert [failed[name] for name in ("atm_iv", "rr25", "bf25", "rmse_vol", "butterfly_ok", "calendar_ok")] == [None] * 6
    assert failed["left_out"] == {"no bid": 36}


def test_a_smile_has_a_point_a_strike(told, capsys):
    surface.smile("SPX", expiry="2026-11-24", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert found["expiry"] == "2026-11-24"
    assert all(list(point) == POINT.split() for point in found["points"])
    assert {point["right"] for point in found["points"]} == {"C", "P"}
    assert any(point["bid_iv"] is None and point["fit_iv"] is not None for point in found["points"])


def test_of_two_series_of_one_day_a_program_gets_one_and_is_told_which(told, capsys):
    surface.smile("SPX", expiry="2026-12-18", as_json=True)
    told_words = capsys.readouterr()
    assert json.loads(told_words.out)["settlement"] == "PM"
    assert "SPXW PM" in told_words.err
    surface.smile("SPX", expiry="2026-12-18")
    assert capsys.readouterr().out.count("forward") == 2


def test_a_day_without_an_expiry_is_refused_with_those_there_are(told):
    with pytest.raises(BadInput, match="no quoted expiry 2026-11-22; it has 2026-11-19"):
        surface.smile("SPX", expiry="2026-11-22")


def test_the_term_says_how_each_figure_was_come_by(told, capsys):
    surface.term("SPX", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert [row["days"] for row in found["maturities"]][:3] == [7, 14, 30]
    assert {row["come_by"] for row in found["maturities"]} == {"interpolated", "extrapolated"}


@pytest.mark.parametrize(("command", "fields"), [("surface", SLICE), ("smile", POINT), ("term", "days atm_iv")])
def test_lines_for_a_spreadsheet_have_a_head_and_empty_fields_for_unknown(told, capsys, command, fields):
    getattr(surface, command)("SPX", as_csv=True, **({"expiry": None} if command == "smile" else {}))
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.startswith(",".join(fields.split()))
    assert lines
    assert "nan" not in "\n".join(lines)


def test_a_table_shows_grades_flags_and_reasons(told, capsys):
    surface.surface("SPX")
    text = capsys.readouterr().out
    assert "poor" in text
    assert "butterfly" in text
    assert "two strikes are quoted on both sides" in text
    assert "nan" not in text


def test_tables_tell_the_unit_of_what_has_no_sign_for_per_cent(told, capsys):
    surface.surface("SPX")
    assert "RR25, BF25 and RMSE in vol points" in capsys.readouterr().out.splitlines()[0]
    surface.term("SPX")
    assert "RR and BF in vol points" in capsys.readouterr().out.splitlines()[0]


def test_a_stored_instant_is_new_york_unless_it_says_otherwise(told):
    surface.surface("SPX", at="2026-11-18T15:30", as_json=True)
    assert from_nanos(told[0].at).isoformat() == "2026-11-18T20:30:00+00:00"
    assert parse_instant("2026-11-18T20:30Z") == parse_instant("2026-11-18T15:30")
    with pytest.raises(BadInput, match="write it as 2026-11-20T15:30"):
        parse_instant("teatime")


@pytest.mark.parametrize(
    ("later", "words"),
    [
        (90 * SECOND_NS, ""),
        (3 * MINUTE_NS, ", 3 min before"),
        (2 * DAY_NS + 3 * HOUR_NS + 5 * MINUTE_NS, ", 2 d 3 h before"),
    ],
)
def test_a_stored_surface_that_is_older_than_what_was_asked_for_says_by_how_much(told, capsys, later, words):
    for command in (surface.surface, surface.term):
        command("SPX", at=iso(SURFACE.as_of + later), as_json=True)
        said = capsys.readouterr().err
        assert said.count("the newest surface stored up to") == bool(words)
        assert words in said
    surface.surface("SPX", as_json=True)
    assert capsys.readouterr().err == ""


def test_a_series_that_has_settled_has_no_days_left(monkeypatch, capsys):
    first, *others = SURFACE.slices
    settled = replace(SURFACE, slices=(replace(first, years=-0.00003), *others))
    monkeypatch.setattr(surface, "with_engine", lambda _use, **_options: settled)
    surface.surface("SPX")
    assert "settled" in capsys.readouterr().out.splitlines()[2]


def test_wrong_wishes_are_refused_in_words(told):
    with pytest.raises(BadInput, match="there are svi and essvi"):
        surface.surface("SPX", model="sabr")
    with pytest.raises(BadInput, match="not both"):
        surface.surface("SPX", as_json=True, as_csv=True)
    with pytest.raises(BadInput, match="no option of SPX has a quote"):
        surface.chosen_slices(surface_facts.empty_surface(), None)


def test_every_field_has_its_unit_or_is_a_name():
    named = set(SLICE.split() + POINT.split())
    assert named <= set(surface_documents.UNITS)
    assert output.schema("surface", surface_documents.UNITS)["name"] == "optix.surface"
