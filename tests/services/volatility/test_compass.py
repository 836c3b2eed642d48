"""The compass and the indices: what is known is told, what is not is no number, and why."""

from math import isnan, nan
from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS, utc_instant
from engine.domain.market import FeedState
from engine.domain.volatility import MaturityFlag, SliceModel
from engine.kernel.bus import Bus
from engine.kernel.clock import FrozenClock
from engine.messages.compass import GetCompass, GetVolatilityIndices
from engine.messages.queries import GetQuotes
from engine.services.volatility.compass import Compasses
from engine.services.volatility.coordinates import constant_maturity
from engine.services.volatility.indices import Indices
from engine.services.volatility.listed import Asked
from engine.state.priced import ThirtyDays
from tests.kit import facts, surface_facts

SPX, IWM, VIX = Symbol("SPX"), Symbol("IWM"), Symbol("VIX")
TODAY = utc_instant(facts.TODAY)


class Room:
    """Two names of the frozen market with a past of so many sessions."""

    def __init__(self, *, sessions: int = 200, fitted: bool = True) -> None:
        self.thirty: dict[Symbol, ThirtyDays] = {}
        self.surfaces = {SPX: surface_facts.surface("SPX")} if fitted else {}
        day = TODAY + np.arange(-sessions, 1) * DAY_NS
        past = SimpleNamespace(day=day, atm_iv=np.linspace(0.10, 0.20, sessions + 1))
        self.prints: dict[str, float] = {}
        health = SimpleNamespace(state=FeedState.LIVE, traits=SimpleNamespace(source=facts.SOURCE))
        names = [SPX, IWM, VIX]
        self.state = SimpleNamespace(
            health=health,
            priced=SimpleNamespace(thirty=self.thirty),
            history=SimpleNamespace(volatility=lambda _symbol: past),
            instruments=SimpleNamespace(
                security=lambda symbol: facts.security(symbol) if symbol in self.prints else None, number=names.index
            ),
            market=SimpleNamespace(spot=np.array([6700.0, 230.0, 14.12]), symbol_quoted_at=np.full(3, facts.NOW)),
            wanted=SimpleNamespace(ask=lambda _symbol: None),
        )
        coordinates = SimpleNamespace(
            surface=self.surfaces.get,
            value=self._value,
            spot=lambda _symbol: 6_700.0,
            realised_sessions=lambda _symbol, sessions: 0.12 if sessions == 30 else nan,
            filter=lambda _symbol: nan,
        )

        async def named(symbols, *, complete=False):
            found = tuple(facts.security(symbol) for symbol in symbols or (SPX, IWM) if symbol in {SPX, IWM})
            return Asked(found, tuple(symbol for symbol in symbols if symbol not in {SPX, IWM}))

        async def done(_securities, *, complete):
            return None

        async def ask(query):
            assert isinstance(query, GetQuotes)
            return facts.board(*query.symbols)

        listed = SimpleNamespace(named=named, fitted=done)
        self.compass = Compasses(
            state=self.state, bus=Bus(), clock=FrozenClock(facts.NOW), dispatch=SimpleNamespace(ask=ask),
            coordinates=coordinates, listed=listed, breaches=SimpleNamespace(broken=lambda _symbol: ()),
        )  # fmt: skip
        self.indices = Indices(state=self.state, coordinates=coordinates, listed=listed)

    def _value(self, symbol, measure):
        surface = self.surfaces.get(symbol)
        column = {"atm": "atm_iv", "index": "variance_iv", "rr25": "risk_reversal_25", "bf25": "butterfly_25"}.get(measure.kind.value)
        if surface is None or column is None:
            return nan
        return constant_maturity(surface.maturities, column, measure.days[0], variance=column.endswith("_iv"))

    async def row(self, symbol=SPX):
        (found,) = (await self.compass.table(GetCompass(symbols=(symbol,)))).rows
        return found


async def test_a_rank_stands_on_the_sessions_before_today():
    room = Room()
    room.thirty[SPX] = ThirtyDays(as_of=facts.NOW, iv=0.15, risk_reversal_25=-0.04, butterfly_25=0.006)
    row = await room.row()
    assert row.sessions == 200
    assert row.rank == pytest.approx(0.5, abs=0.01)
    assert row.refusal == ""
    assert (row.premium, row.ratio) == (pytest.approx(0.03), pytest.approx(1.25))
    assert row.line[-1] == 0.15
    assert row.line.size == 60
    assert row.iv_change == pytest.approx(0.15 - (0.10 + 0.10 * 199 / 200))


async def test_under_120_sessions_rank_and_percentile_are_refused_with_the_reason():
    room = Room(sessions=119)
    room.thirty[SPX] = ThirtyDays(as_of=facts.NOW, iv=0.15, risk_reversal_25=nan, butterfly_25=nan)
    row = await room.row()
    assert isnan(row.rank)
    assert isnan(row.percentile)
    assert row.refusal == "119 sessions are known in the window, and rank and percentile need 120"


async def test_a_name_whose_turn_of_pricing_has_not_come_is_read_off_its_surface():
    row = await Room().row()
    surface = surface_facts.surface("SPX")
    assert row.iv30 == pytest.approx(constant_maturity(surface.maturities, "atm_iv", 30, variance=True))
    assert row.as_of == surface.as_of
    assert np.isfinite(row.risk_reversal_25)


async def test_a_name_without_either_is_unknown_and_never_nought():
    row = await Room(fitted=False).row()
    assert row.as_of == 0
    assert row.refusal == "its value now is not known yet"
    for name in (
        "iv30",
        "iv_change",
        "rank",
        "premium",
        "ratio",
        "risk_reversal_25",
        "index",
        "slope",
        "exposure",
        "filter",
        "realized_20",
    ):
        assert isnan(getattr(row, name)), name
    assert row.line.size == 59


async def test_names_that_are_not_listed_are_named_and_none_named_are_all():
    table = await Room().compass.table(GetCompass(symbols=(SPX, Symbol("NOSUCH"))))
    assert table.unknown == ("NOSUCH",)
    assert [row.symbol for row in (await Room().compass.table(GetCompass())).rows] == ["SPX", "IWM"]


@pytest.mark.parametrize("window", [0, -5, 2_521])
async def test_a_window_that_is_none_is_refused(window):
    with pytest.raises(BadInput, match="look back on 1 to 2,520 sessions"):
        await Room().compass.table(GetCompass(window=window))


async def test_an_index_between_two_expiries_is_told_and_one_beyond_them_is_flagged():
    (row,) = (await Room().indices.table(GetVolatilityIndices(symbols=(SPX,), days=(30, 3_000)))).rows
    assert np.isfinite(row.value[0])
    assert isnan(row.value[1])
    assert row.flags.tolist() == [MaturityFlag.INTERPOLATED, MaturityFlag.EXTRAPOLATED]
    assert row.refusal == ""
    assert row.expiry_days.size == row.expiry_iv.size > 5


async def test_a_print_is_told_only_where_the_feed_lists_the_index():
    room = Room()
    (row,) = (await room.indices.table(GetVolatilityIndices(symbols=(SPX,), days=(30, 45)))).rows
    assert (row.official, row.printed_at.tolist()) == (("VIX", ""), [0, 0])
    assert np.isnan(row.printed).all()
    room.prints["VIX"] = 14.12
    (row,) = (await room.indices.table(GetVolatilityIndices(symbols=(SPX,), days=(30, 45)))).rows
    assert row.printed[0] == pytest.approx(0.1412)
    assert row.printed_at[0] == facts.NOW


async def test_why_a_name_has_no_index_is_said():
    room = Room(fitted=False)
    (row,) = (await room.indices.table(GetVolatilityIndices(symbols=(SPX,)))).rows
    assert row.refusal.startswith("its surface is not fitted yet")
    room.surfaces[SPX] = surface_facts.empty_surface()
    (row,) = (await room.indices.table(GetVolatilityIndices(symbols=(SPX,)))).rows
    assert row.refusal == "no expiry of it could be fitted"
    assert np.isnan(row.value).all()
    whole = surface_facts.surface("SPX")
    bare = replace(whole, maturities=replace(whole.maturities, variance_iv=np.full_like(whole.maturities.variance_iv, np.nan)))
    for model in (SliceModel.SVI, SliceModel.SPLINE):
        slices = tuple(one if one.model is SliceModel.NONE else replace(one, model=model) for one in whole.slices)
        room.surfaces[SPX] = replace(bare, slices=slices)
        (row,) = (await room.indices.table(GetVolatilityIndices(symbols=(SPX,)))).rows
        assert "what replicates a variance has no end" in row.refusal
        assert np.isfinite(row.atm_iv[1])
    (row,) = (await room.indices.table(GetVolatilityIndices(symbols=(SPX,), days=(3_000,)))).rows
    assert row.refusal == "no maturity asked for lies between two fitted expiries"


@pytest.mark.parametrize("days", [(), (0,), (3_651,), tuple(range(1, 42))])
async def test_maturities_that_are_none_are_refused(days):
    with pytest.raises(BadInput, match="ask for 1 to 40 maturities"):
        await Room().indices.table(GetVolatilityIndices(days=days))


def test_one_expiry_is_no_two_and_a_flagged_maturity_does_not_count():
    whole = surface_facts.surface("SPX").maturities
    lone = replace(whole, atm_iv=floats([nan, nan, 0.2, *[nan] * (whole.days.size - 3)]))
    assert constant_maturity(lone, "atm_iv", 30, variance=True) == pytest.approx(0.2)
    assert isnan(constant_maturity(lone, "atm_iv", 31, variance=True))
    assert isnan(constant_maturity(replace(whole, atm_iv=floats(whole.atm_iv * nan)), "atm_iv", 30, variance=True))
