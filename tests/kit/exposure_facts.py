"""Dealer exposures of the frozen market, made of its chains by the engine's own figures, and an engine that answers with them."""

from functools import lru_cache
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.domain.chain import ChainSlice
from engine.domain.columns import floats
from engine.domain.ids import SeriesId, Symbol
from engine.messages.exposure import Exposure, ExposureChanged, ExposureConvention, GetExposure
from engine.services.analytics.exposure_figures import exposure_of
from engine.services.analytics.exposure_positions import NameNow, OpenSeries, Positions, positions_of
from engine.services.analytics.smile import Smile
from tests.kit import facts
from tests.kit.fake_engine import FakeEngine

STRIKES = {"SPX": (241, 5.0), "SPY": (121, 1.0)}


def smile_of(piece: ChainSlice) -> Smile:
    """What exposures take of a slice."""
    return Smile(
        summary=piece.summary,
        strikes=piece.strikes,
        contract=piece.contract,
        bid=piece.bid,
        ask=piece.ask,
        verdict=piece.verdict,
        iv=piece.iv,
        iv_bid=piece.iv_bid,
        iv_ask=piece.iv_ask,
        greek_iv=floats(np.nanmean(np.vstack([piece.iv, piece.iv]), axis=0)),
    )


def name_now(symbol: str = "SPX", *, count: int = 12, **changes: Any) -> NameNow:
    """The nearest series of a name with their open interest, which is large at round strikes: calls above the spot, puts below."""
    strikes, step = STRIKES.get(symbol, (61, None))
    pieces = [facts.slice_of(root, day, strikes=strikes, step=step) for root, day in facts.expiries(symbol)[:count]]
    spot = pieces[0].summary.spot
    series = []
    for piece in pieces:
        grid = 10.0 * (piece.strikes[1] - piece.strikes[0])
        round_one = np.where(np.abs(piece.strikes / grid - np.round(piece.strikes / grid)) < 1e-9, 6.0, 1.0)
        above = np.where(piece.strikes > spot, 2.0, 0.6)
        interest = np.where(np.isnan(piece.open_interest), 0.0, piece.open_interest) * round_one * np.vstack([above, 2.4 - above])
        series.append(OpenSeries(smile_of(piece), floats(interest), piece.volume))
    name = NameNow(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        state=pieces[0].summary.state,
        spot=spot,
        dividend_yield=0.012,
        series=tuple(series),
        adjusted=(),
    )
    return name._replace(**changes)


@lru_cache(maxsize=16)
def positions(symbol: str = "SPX") -> Positions:
    """What is open in a name."""
    return positions_of(name_now(symbol))


@lru_cache(maxsize=64)
def _exposure(symbol: str, convention: ExposureConvention, series: tuple[str, ...]) -> Exposure:
    return exposure_of(positions(symbol), convention, frozenset(SeriesId(one) for one in series))


def exposure(symbol: str = "SPX", convention: ExposureConvention | None = None, series: tuple[str, ...] = (), **changes: Any) -> Exposure:
    """A name's exposure in one convention."""
    return replace(_exposure(symbol, convention or ExposureConvention(), series), **changes)


def changed(symbol: str = "SPX", **changes: Any) -> ExposureChanged:
    """The event of one."""
    return ExposureChanged(exposure=exposure(symbol, **changes))


def teach(engine: FakeEngine) -> FakeEngine:
    """The engine knows the exposures of all its names."""
    engine.answers[GetExposure] = lambda query: exposure(query.symbol, query.convention, query.series)
    return engine
