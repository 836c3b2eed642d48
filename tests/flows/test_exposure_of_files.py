"""Dealer gamma of recorded chains against a sum over the file's own lines with the vendor's own gammas: other Greeks, other code."""

import gzip
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from engine.kernel.offload import Offload
from engine.messages.exposure import ExposureConvention, ExposureCount, ExposureGreek, ExposureSigns, ExposureUnit, GetExposure
from engine.services.analytics.exposures import Exposures
from tests.flows.test_bytes_to_slice import FileMarket

DAY = "250606"


class ExposedFile(FileMarket):
    """A file's market whose exposures are asked for."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        room = self.room
        self.exposures = Exposures(
            state=room.state, bus=room.bus, clock=room.clock, offload=Offload(1), pricing=self.pricing, chains=self.chains, history=None
        )


def by_hand(path: Path, counted: str) -> tuple[dict[float, float], dict[float, float]]:
    """Dollars for 1 % by strike, calls and puts, both positive; the day's own expiry is over at the close."""
    told = json.loads(gzip.decompress(path.read_bytes()))["data"]
    calls, puts = defaultdict(float), defaultdict(float)
    for one in told["options"]:
        name = one["option"]
        expiry, right, strike = name[-15:-9], name[-9], int(name[-8:]) / 1000
        if expiry > DAY:
            side = calls if right == "C" else puts
            side[strike] += one["gamma"] * one[counted] * 100 * told["current_price"] ** 2 / 100
    return calls, puts


@pytest.mark.parametrize("name", ["AAPL", "NVDA"])
@pytest.mark.parametrize(("count", "column"), [(ExposureCount.OPEN_INTEREST, "open_interest"), (ExposureCount.VOLUME, "volume")])
async def test_gamma_of_a_real_chain_is_that_of_the_vendors_greeks(name: str, count: ExposureCount, column: str, fixtures: Path) -> None:
    path = fixtures / f"cboe_delayed_json/{name}_2025-06-06.json.gz"
    market = ExposedFile(path)
    await market.everything()
    told = await market.exposures.exposure(GetExposure(symbol=market.symbol, convention=ExposureConvention(counted=count)))
    calls, puts = by_hand(path, column)
    assert told.left_out == 0
    assert float(told.by_strike.calls.sum()) == pytest.approx(sum(calls.values()), rel=0.06)
    assert float(told.by_strike.puts.sum()) == pytest.approx(-sum(puts.values()), rel=0.06)
    nets = {strike: calls[strike] - puts[strike] for strike in {*calls, *puts}}
    assert nets[told.positive_wall] > 0.8 * max(nets.values()), "of walls of about one size either may be named"
    assert nets[told.negative_wall] < 0.8 * min(nets.values())
    ours = dict(zip(told.by_strike.rungs.tolist(), (told.by_strike.calls + told.by_strike.puts).tolist(), strict=True))
    pair = np.array([[ours[strike], nets[strike]] for strike in ours])
    assert np.corrcoef(pair.T)[0, 1] > 0.995


async def test_conventions_of_a_real_chain_differ_by_what_they_say(fixtures: Path) -> None:
    market = ExposedFile(fixtures / "cboe_delayed_json/AAPL_2025-06-06.json.gz")
    await market.everything()

    async def asked(**choice):
        return await market.exposures.exposure(GetExposure(symbol=market.symbol, convention=ExposureConvention(**choice)))

    for greek in ExposureGreek:
        usual = await asked(greek=greek)
        spot = usual.spot
        per_percent = spot / 100.0 if greek is ExposureGreek.GAMMA else 1.0
        assert (await asked(greek=greek, unit=ExposureUnit.DOLLARS_PER_POINT)).net == pytest.approx(usual.net / per_percent)
        assert (await asked(greek=greek, unit=ExposureUnit.SHARES_PER_POINT)).net == pytest.approx(usual.net / per_percent / spot)
        assert (await asked(greek=greek, half=True)).net == pytest.approx(usual.net / 2.0)
        reverse = await asked(greek=greek, signs=ExposureSigns.CALLS_SHORT_PUTS_LONG)
        assert (reverse.net, reverse.low, reverse.high) == pytest.approx((-usual.net, -usual.high, -usual.low))
        assert reverse.flip == pytest.approx(usual.flip, nan_ok=True)
        both = await asked(greek=greek, signs=ExposureSigns.UNSIGNED)
        assert both.net == pytest.approx(float(usual.by_strike.calls.sum() - usual.by_strike.puts.sum()))
        assert (await asked(greek=greek, without_boxes=False)).net == pytest.approx(usual.net), "no box is struck in options on a share"
