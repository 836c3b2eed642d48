"""From the bytes of a recorded chain file to the numbers on the chain, through the feed, ingest and pricing as they are."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.feed import FeedSettings
from engine.domain.chain import ChainSlice, IvStatus
from engine.domain.ids import Symbol
from engine.domain.market import FeedState
from engine.kernel.offload import Offload
from engine.kernel.tasks import Tasks
from engine.messages.queries import Chain, GetChain, GetExpirations
from engine.services.analytics.chains import Chains
from engine.services.analytics.pricing import Pricing
from engine.services.market.importing import collected
from plugins.file.feed import FileFeed
from tests.kit.market_room import MarketRoom

LIQUID = (
    "SPX_2022-06-10_eod.csv.gz",
    "SPX_2022-07-12_1155ET_intraday.csv.gz",
    "SPX_2023-06-09_1340ET_intraday.csv.gz",
    "SPX_2023-09-14_1631ET.csv.gz",
)


class FileMarket:
    """A file's market with everything that answers from it."""

    def __init__(self, path: Path) -> None:
        self.feed = FileFeed(FeedSettings(argument=str(path)))
        self.room = MarketRoom(own_clock=True)
        self.room.traits = self.feed.traits
        self.room.ingest.begin(self.feed.traits)
        clock = self.room.clock
        self.pricing = Pricing(state=self.room.state, bus=self.room.bus, clock=clock, offload=Offload(1))
        names = self.room.names()
        self.chains = Chains(state=self.room.state, pricing=self.pricing, resolve=names.security, clock=clock)
        self.symbol: Symbol = self.feed.traits.default_symbol

    async def everything(self) -> Chain:
        self.room.emit(*await collected(self.feed, Tasks()))
        return await self.chains.chain(GetChain(symbol=self.symbol, everything=True))


def differences(found: ChainSlice) -> tuple[np.ndarray, np.ndarray]:
    """Ours against the file's: volatility and delta of liquid out-of-the-money contracts."""
    call = np.array([[1.0], [-1.0]])
    out = call * (found.strikes - found.summary.forward) >= 0.0
    liquid = np.isfinite(found.mid) & (np.abs(found.delta) >= 0.05) & (found.iv_status == IvStatus.OK)
    chosen = out & liquid & (found.vendor_iv > 0.0)
    return np.abs(found.iv - found.vendor_iv)[chosen], np.abs(found.delta - found.vendor_delta)[chosen]


@pytest.mark.parametrize("name", LIQUID)
async def test_our_volatility_and_delta_agree_with_the_files_own(name: str, fixtures: Path) -> None:
    chain = await FileMarket(fixtures / "cboe_quotedata_csv" / name).everything()
    beyond = [differences(found) for found in chain.slices if found.summary.years > 2.0 / 365.0]
    iv = np.concatenate([pair[0] for pair in beyond])
    delta = np.concatenate([pair[1] for pair in beyond])
    assert iv.size > 1_000
    assert np.median(iv) < 0.001
    assert np.median(delta) < 0.002


async def test_a_recorded_file_is_a_frozen_market_with_am_and_pm_apart(fixtures: Path) -> None:
    market = FileMarket(fixtures / "cboe_quotedata_csv" / "SPX_2022-06-10_eod.csv.gz")
    chain = await market.everything()
    assert chain.state is FeedState.FROZEN
    assert chain.source.startswith("file:")
    dates = [(found.summary.series.expiry, found.summary.series.settlement) for found in chain.slices]
    assert len(set(dates)) == len(dates)
    both = {day for day, _ in dates if sum(day == other for other, _ in dates) > 1}
    assert both
    table = await market.chains.expirations(GetExpirations(symbol=market.symbol))
    assert [entry.series.settles_at for entry in table.expiries] == sorted(entry.series.settles_at for entry in table.expiries)


@pytest.mark.parametrize(
    "name",
    [
        "cboe_delayed_json/SPY_2025-06-06.json.gz",
        "cboe_delayed_json/AAPL_2025-06-06.json.gz",
        "cboe_quotedata_csv/QQQ_2024-03-22_eod.csv.gz",
    ],
)
async def test_every_recorded_shape_of_file_gives_a_chain(name: str, fixtures: Path) -> None:
    chain = await FileMarket(fixtures / name).everything()
    assert np.isfinite(chain.spot)
    solved = sum(int((found.iv_status == IvStatus.OK).sum()) for found in chain.slices)
    assert solved > 500
    for found in chain.slices:
        assert np.isnan(found.iv[found.iv_status == IvStatus.BAD_INPUT]).all()


SMALL = [
    *(f"cboe_quotedata_csv/SPX_2025-10-01_exp{day}.csv" for day in ("2026-06-18", "2026-08-21", "2026-09-18", "2026-12-18", "2027-06-17")),
    "cboe_quotedata_csv/NVDA_2025-01-06_eod.csv.gz",
    "cboe_quotedata_csv/SPX_2023-12-08_locale-ru.csv.gz",
    "cboe_quotedata_csv/SPY_2025-05-16_eod_partial.csv.gz",
    "cboe_delayed_json/AAPL_2025-06-06.json.gz",
    *(f"yahoo_chains/{name}.csv.gz" for name in ("AAPL_2026-02-11", "IWM_2026-08-12", "IWM_2026-08-13", "IWM_2026-08-14")),
    *(f"chain_yahoo_plus_cboe_greeks/{name}.json.gz" for name in ("AAPL_2026-08-21", "CAT_2026-08-21", "QQQM_2026-08-21")),
]


@pytest.mark.parametrize("name", SMALL)
async def test_a_recorded_file_of_any_collector_gives_numbers_that_make_sense(name: str, fixtures: Path) -> None:
    market = FileMarket(fixtures / name)
    chain = await market.everything()
    assert chain.as_of == market.feed.file.market_at
    assert chain.spot == pytest.approx(market.feed.file.spot, rel=0.01)  # the middle of bid and ask, where the file says its last price
    for found in chain.slices:
        ok = found.iv_status == IvStatus.OK
        assert np.isfinite(found.iv[ok]).all()
        assert not np.isfinite(found.iv[found.iv_status == IvStatus.BAD_INPUT]).any()
        if found.summary.years > 0.0:
            assert abs(found.summary.forward / chain.spot - 1.0) < 0.02 + 0.06 * found.summary.years
            assert np.isnan(found.summary.atm_iv) or 0.02 < found.summary.atm_iv < 2.0
    priced = [found for found in chain.slices if (found.iv_status == IvStatus.OK).any()]
    assert priced
    assert np.isfinite([found.summary.atm_iv for found in priced]).mean() > 0.8


def test_numbers_do_not_depend_on_how_often_they_are_made(fixtures: Path) -> None:
    path = fixtures / "cboe_delayed_json" / "IWM_2025-06-06.json.gz"

    async def once() -> list[bytes]:
        return [found.iv.tobytes() for found in (await FileMarket(path).everything()).slices]

    assert asyncio.run(once()) == asyncio.run(once())
