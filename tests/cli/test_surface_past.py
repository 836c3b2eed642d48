"""`optix surface --times`, `--at` and `--against`: which instants are stored, and by how much two of them differ."""

import asyncio
import json
from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import replace

from engine.cli import surface, surface_past
from engine.domain.columns import floats, longs
from engine.domain.errors import BadInput
from engine.domain.instants import iso, parse_instant
from engine.messages.surface import GetSurfaceTimes
from tests.cli.test_commands import START, optix
from tests.kit import surface_facts

CHANGES = ("p10", "p25", "atm", "c25", "c10", "rr25", "bf25")


@pytest.fixture
def told(monkeypatch):
    """The commands get the frozen market's surfaces instead of an engine's."""
    asked = []

    def answer(use, **_options):
        async def ask(query):
            asked.append(query)
            if isinstance(query, GetSurfaceTimes):
                return surface_facts.between(query, surface_facts.times(query.symbol))
            return surface_facts.answer(query)

        return asyncio.run(use(SimpleNamespace(ask=ask)))

    for module in (surface, surface_past):
        monkeypatch.setattr(module, "with_engine", answer)
    return asked


def test_the_newest_stored_instants_are_listed_in_each_form(told, capsys):
    surface.surface("spx", times=True, count=3, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["schema", "symbol", "source", "times"]
    stored = surface_facts.times().at.tolist()
    assert [row["at"] for row in found["times"]] == [iso(at) for at in stored[-3:]]
    assert set(found["times"][0]) == {"at", "spot", "atm_iv_30"} <= set(found["schema"]["units"])
    surface.surface("SPX", times=True, count=2, as_csv=True)
    assert capsys.readouterr().out.splitlines()[0] == "at,spot,atm_iv_30"
    surface.surface("SPX", times=True, count=2)
    text = capsys.readouterr().out
    assert "2 stored surfaces" in text
    assert "Thu 2026-11-19 14:17:43" in text, "in New York's time"


def test_a_name_of_which_nothing_is_stored_says_so(monkeypatch, capsys):
    none = replace(surface_facts.times(), at=longs([]), spot=floats([]), atm_iv_30=floats([]))
    monkeypatch.setattr(surface_past, "with_engine", lambda _use, **_options: none)
    surface.surface("SPX", times=True)
    done = capsys.readouterr()
    assert "no surface of SPX is stored" in done.err
    assert not done.out


def test_a_difference_is_taken_at_the_same_delta_of_each_expiry_and_of_each_maturity(told, capsys):
    surface.surface("SPX", at="2026-11-18T14:32", against="2026-11-12T14:32", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert [query.at for query in told] == [parse_instant("2026-11-18T14:32"), parse_instant("2026-11-12T14:32")]
    assert (found["asof"], found["against"]) == ("2026-11-18T19:32:00Z", "2026-11-12T19:32:00Z")
    assert {name for row in found["slices"] for name in row} <= set(found["schema"]["units"])
    now, then = (surface_facts.answer(query) for query in told)
    for row, one, other in zip(found["slices"], now.slices, then.slices, strict=True):
        assert row["rr25"] == pytest.approx(one.risk_reversal_25 - other.risk_reversal_25)
        assert row["atm"] == pytest.approx(one.atm_iv - other.atm_iv, abs=2e-5)
        assert row["c25"] - row["p25"] == pytest.approx(row["rr25"], abs=4e-4), "the wings say the same as the risk reversal"
    month = next(row for row in found["maturities"] if row["days"] == 30)
    assert month["atm"] == pytest.approx(float(now.maturities.atm_iv[2] - then.maturities.atm_iv[2]))


def test_the_present_is_compared_where_no_instant_is_named_and_what_is_not_fitted_is_null(told, capsys):
    surface.surface("SPX", against="2026-11-18T14:32", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert told[0].at is None
    assert [found["slices"][1][name] for name in CHANGES] == [None] * len(CHANGES), "this expiry has no fit now"
    surface.surface("SPX", against="2026-11-18T14:32")
    text = capsys.readouterr().out
    assert "vol points at the same delta" in text
    assert "nan" not in text
    surface.surface("SPX", against="2026-11-18T14:32", as_csv=True)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == "expiry,settlement,atm_iv,p10,p25,atm,c25,c10,rr25,bf25"
    assert len(lines) == len(found["slices"])


@pytest.mark.parametrize("axis", ["strike", "moneyness", "sd"])
def test_a_difference_is_taken_along_any_axis_in_each_form(told, capsys, axis):
    surface.surface("SPX", at="2026-11-18T14:32", against="2026-11-12T14:32", axis=axis, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["axis"], found["schema"]["name"]) == (axis, "optix.surface.difference.axis")
    assert set(found) - {"schema", "symbol", "slices"} <= set(found["schema"]["units"])
    assert {name for row in found["slices"] for name in row} <= set(found["schema"]["units"])
    now, then = (surface_facts.answer(query) for query in told)
    assert len(found["slices"]) == len(now.slices)
    middle = None if axis == "strike" else found["values"].index(1.0 if axis == "moneyness" else 0.0)
    for row, one, other in zip(found["slices"], now.slices, then.slices, strict=True):
        assert len(row["changes"]) == len(found["values"])
        if middle is not None:
            assert row["changes"][middle] == pytest.approx(one.atm_iv - other.atm_iv, abs=2e-5), "at the forward"
    if axis == "strike":
        assert found["values"][0] < now.spot < found["values"][-1]
    surface.surface("SPX", against="2026-11-18", axis=axis, as_csv=True)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split(",")[:3] == ["expiry", "settlement", "atm_iv"]
    assert {len(line.split(",")) for line in lines} == {3 + len(found["values"])}
    surface.surface("SPX", against="2026-11-18", axis=axis)
    text = capsys.readouterr().out
    assert f"vol points at the same {({'moneyness': 'K/F', 'sd': 'SD'}).get(axis, axis)}" in text
    assert "nan" not in text


def test_strikes_of_a_difference_are_round_at_every_level_of_price():
    whole = surface_facts.stored("SPX", 1.0)
    for spot, step in ((6_700.0, 200.0), (98_400.0, 2_000.0), (12.5, 0.2)):
        values = surface_past.along("strike", replace(whole, spot=spot))
        assert np.allclose(np.diff(values), step)
        assert values[0] < spot < values[-1]
    assert surface_past.along("strike", replace(whole, spot=float("nan")))
    assert surface_past.along("strike", replace(whole, spot=float("nan"), slices=())) == ()


def test_an_axis_that_is_none_or_that_has_nothing_to_hold_is_refused(told):
    with pytest.raises(BadInput, match="there is no axis sideways: there are delta, strike, moneyness, sd"):
        surface.surface("SPX", against="2026-11-18", axis="sideways")
    with pytest.raises(BadInput, match="name the other instant with --against"):
        surface.surface("SPX", axis="strike")


def test_expiries_that_only_one_surface_has_are_left_out_and_told_of(capsys, monkeypatch):
    whole = surface_facts.stored("SPX", 1.0)
    parts = [replace(whole, slices=whole.slices[:5]), replace(whole, slices=whole.slices[3:])]
    monkeypatch.setattr(surface_past, "with_engine", lambda _use, **_options: parts)
    surface.surface("SPX", against="2026-11-18")
    done = capsys.readouterr()
    assert "3 expiries of the surface were not in the other" in done.err
    rows = surface_past.difference_rows(*parts)
    assert [row["expiry"] for row in rows] == [one.series.expiry for one in whole.slices[3:5]]
    assert np.allclose([[row[name] for name in CHANGES] for row in rows], 0.0)
    assert surface_past.difference_rows(parts[0], replace(whole, slices=())) == []


def test_wrong_wishes_are_refused_in_words(told):
    with pytest.raises(BadInput, match="say one of them"):
        surface.surface("SPX", times=True, against="2026-11-18")
    with pytest.raises(BadInput, match="not both"):
        surface.surface("SPX", times=True, as_json=True, as_csv=True)
    with pytest.raises(BadInput, match="write it as"):
        surface.surface("SPX", against="teatime")
    with pytest.raises(BadInput, match="there are svi and essvi"):
        surface.surface("SPX", against="2026-11-18", model="sabr")


def test_where_nothing_has_been_recorded_the_program_says_so():
    done = optix("surface", "SPY", "--times", *START)
    assert done.returncode != 0
    assert "nothing has been recorded yet" in done.stderr
    assert not done.stdout
