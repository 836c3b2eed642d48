"""`optix gex`, `optix vex`, `optix cex`: the documents, the conventions, and what is refused."""

import csv
import json

import pytest

from engine.cli import exposure
from engine.domain.errors import BadInput, Refused
from engine.messages.exposure import ExposureConvention, ExposureCount, ExposureGreek, ExposureSigns, ExposureUnit, GetExposure
from engine.messages.queries import GetExpirations
from tests.cli.test_commands import START, document, optix
from tests.kit import answers, exposure_facts, facts

ANSWERS = {
    GetExposure: lambda query: exposure_facts.exposure(query.symbol, query.convention, query.series),
    GetExpirations: lambda query: facts.expirations(query.symbol),
}


@pytest.fixture
def told(monkeypatch):
    return answers.told(monkeypatch, exposure, ANSWERS)


def read(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def test_a_running_market_tells_its_gamma_with_the_convention_in_words():
    found = document("gex", "SPY", *START)
    assert found["schema"]["name"] == "optix.gex"
    assert found["strikes"]
    assert abs(sum(row["net"] for row in found["strikes"]) - found["net"]) <= 1e-6 * abs(found["net"])
    assert "dealers" in found["convention"]["in_words"]
    assert found["low"] <= found["high"]


def test_an_unknown_name_is_refused():
    done = optix("vex", "NOSUCH", *START)
    assert (done.returncode, done.stdout) == (1, "")
    assert "NOSUCH" in done.stderr


@pytest.mark.parametrize(("command", "greek"), [("gex", "gamma"), ("vex", "vanna"), ("cex", "charm")])
def test_each_command_asks_for_its_greek(told, capsys, command, greek):
    getattr(exposure, command)("spx", as_json=True)
    assert told.asked[-1].convention == ExposureConvention(greek=ExposureGreek(greek))
    found = read(capsys)
    assert found["schema"]["name"] == f"optix.{command}"
    assert found["convention"]["greek"] == greek
    numbers = {name for name, value in found.items() if isinstance(value, float)}
    assert numbers <= set(found["schema"]["units"])


def test_every_part_of_the_convention_has_its_flag(told):
    exposure.gex("SPX", unit="point", signs="all", count="volume", half=True, boxes=True)
    assert told.asked[-1].convention == ExposureConvention(
        unit=ExposureUnit(exposure.UNIT_WORDS["point"]),
        signs=ExposureSigns(exposure.SIGN_WORDS["all"]),
        counted=ExposureCount(exposure.COUNT_WORDS["volume"]),
        half=True,
        without_boxes=False,
    )


@pytest.mark.parametrize(("flag", "words"), [("unit", "UNIT_WORDS"), ("signs", "SIGN_WORDS"), ("count", "COUNT_WORDS")])
def test_a_convention_that_is_none_is_refused_with_those_there_are(told, flag, words):
    with pytest.raises(BadInput, match=f"--{flag} wrong: there are {', '.join(getattr(exposure, words))}"):
        exposure.gex("SPX", **{flag: "wrong"})


def test_one_expiry_is_all_its_series(told):
    exposure.gex("SPX", expiry="2026-11-20")
    assert len(told.asked[-1].series) == 2
    with pytest.raises(BadInput, match="SPX has no expiry 2026-11-22; it has 2026-11-19"):
        exposure.gex("SPX", expiry="2026-11-22")


def test_what_cannot_be_told_is_refused_with_the_reason(monkeypatch, capsys):
    refused = exposure_facts.exposure("SPX", trouble="no open interest of VIX options is told")
    answers.told(monkeypatch, exposure, {**ANSWERS, GetExposure: lambda _: refused})
    with pytest.raises(Refused, match="no open interest of VIX options is told"):
        exposure.gex("VIX", as_json=True)
    assert not capsys.readouterr().out


def test_a_flip_out_of_reach_is_null_and_for_people_in_words(monkeypatch, capsys):
    far = exposure_facts.exposure("SPX", flip=facts.NAN)
    answers.told(monkeypatch, exposure, {**ANSWERS, GetExposure: lambda _: far})
    exposure.gex("SPX", as_json=True)
    assert read(capsys)["flip"] is None
    exposure.gex("SPX")
    assert "none within 15 % of the spot" in capsys.readouterr().out


def test_lines_for_a_spreadsheet_are_one_a_strike_and_the_convention_goes_to_stderr(told, capsys):
    exposure.gex("SPX", as_csv=True)
    told_words = capsys.readouterr()
    rows = list(csv.DictReader(told_words.out.splitlines()))
    assert list(rows[0]) == list(exposure.LADDER_FIELDS)
    assert all(abs(float(row["calls"]) + float(row["puts"]) - float(row["net"])) < 1e-3 for row in rows)
    assert exposure_facts.exposure("SPX").in_words in told_words.err


def test_two_forms_at_once_are_refused(told):
    with pytest.raises(BadInput, match="not both"):
        exposure.cex("SPX", as_json=True, as_csv=True)
