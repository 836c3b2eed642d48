"""The fitted surface of the simulated market against the true one, over a day with its expiry, and the next after a night's jump."""

import math

import numpy as np
import pytest

from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.volatility import Grade
from engine.messages.surface import GetSurface
from plugins.synthetic.truth import Truth
from tests.kit.numbers import record
from tests.kit.surface_room import SimulatedRoom
from tests.kit.synthetic import night

ATM_ERROR, REVERSAL_ERROR = 5e-4, 15e-4
"""In volatility: 5 and 15 basis points."""
LEAST_YEARS = 1.0 / (365.0 * 24.0)
"""In the last hour a tick of the price is vol points wide: nothing can be recovered of it, and its grade says so."""


def true_vol(truth: Truth, k: float) -> float:
    """The simulated market's own smile: SSVI with the truth's numbers."""
    x = truth.phi * k
    variance = 0.5 * truth.theta * (1.0 + truth.rho * x + math.sqrt((x + truth.rho) ** 2 + 1.0 - truth.rho**2))
    return math.sqrt(variance / truth.years)


def true_wing(truth: Truth, d1: float) -> float:
    """Volatility where d1 is this, by bisection."""
    low, high = -2.0, 2.0
    for _ in range(80):
        k = 0.5 * (low + high)
        deviation = true_vol(truth, k) * math.sqrt(truth.years)
        if -k / deviation + 0.5 * deviation > d1:
            low = k
        else:
            high = k
    return true_vol(truth, low)


def true_reversal(truth: Truth) -> float:
    quarter = 0.6744897501960817
    return true_wing(truth, -quarter) - true_wing(truth, quarter)


async def errors(room: SimulatedRoom) -> list[tuple[float, float]]:
    """Errors at the money and of the risk reversal, of every fitted slice now."""
    surface = await room.surfaces.surface(GetSurface(symbol=room.symbol))
    assert surface.as_of == room.market.at
    found = []
    for piece in surface.slices:
        truth = room.feed.truth(room.symbol, piece.series.id, surface.as_of)
        if truth.years > LEAST_YEARS and piece.grade in {Grade.GOOD, Grade.FAIR}:
            found.append((piece.atm_iv - truth.atm_iv, piece.risk_reversal_25 - true_reversal(truth)))
    assert len(found) >= 0.8 * len(surface.slices)
    return found


@pytest.mark.parametrize("symbol", ["AAPL", "BTC", "VIX", "SPX"])
async def test_the_fit_recovers_the_true_surface_through_a_day_an_expiry_and_a_night(symbol: str) -> None:
    room = SimulatedRoom(symbol)
    found: list[tuple[float, float]] = []
    for _ in range(5):
        room.play(2, 35 * MINUTE_NS)
        found += await errors(room)
    room.emit(*night(room.market))
    for _ in range(2):
        room.play(3, 20 * SECOND_NS)
        found += await errors(room)
    at_the_money, reversals = np.abs(np.array(found)).T
    table, cases = f"the simulated {symbol}'s true surface, over a day, its expiry and a night", len(found)
    record(table=table, quantity="at the money, median, volatility", error=np.median(at_the_money), tolerance=ATM_ERROR, cases=cases)
    reversal = "25-delta risk reversal, median, volatility"
    record(table=table, quantity=reversal, error=np.nanmedian(reversals), tolerance=REVERSAL_ERROR, cases=cases)
    assert np.isfinite(reversals).mean() > 0.9
