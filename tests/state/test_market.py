import numpy as np

from engine.domain.columns import flags, floats, longs
from engine.domain.ids import Symbol
from engine.domain.market import Verdict
from engine.state.instruments import Instruments
from engine.state.market import Market
from tests.kit.market import NAN, NOON, listing, series_of, summaries


def small_market() -> Market:
    instruments = Instruments()
    instruments.enlist(listing(series_of("SPY"), symbols=("VIX",)))
    return Market(instruments)


def put(market: Market, rows: list[int], bid: list[float], ask: list[float], *, at: int = NOON, verdict: int = 0) -> list[int]:
    count = len(rows)
    sizes = floats(np.ones(count))
    moved = market.apply_quotes(
        longs(rows),
        bid=floats(bid),
        ask=floats(ask),
        bid_size=sizes,
        ask_size=sizes,
        at=longs([at] * count),
        verdict=flags([verdict] * count),
    )
    return moved.tolist()


def test_the_later_of_two_rows_of_one_instrument_wins() -> None:
    market = small_market()
    put(market, [2, 2], [1.0, 1.5], [1.2, 1.7])
    assert (market.bid[2], market.ask[2]) == (1.5, 1.7)


def test_only_the_touched_series_and_names_are_newer() -> None:
    market = small_market()
    spy = market.instruments.number(Symbol("SPY"))
    vix = market.instruments.number(Symbol("VIX"))
    moved = put(market, [2], [1.0], [1.1])
    assert moved == []
    assert market.series_version[0] == 1
    assert market.symbol_version[spy] == 0
    assert put(market, [vix], [16.0], [16.2]) == [vix]
    assert market.symbol_version[vix] == 2
    assert market.series_version[0] == 1


def test_spot_is_the_middle_else_the_last_price_else_unknown() -> None:
    market = small_market()
    assert np.isnan(market.spot[0])
    market.apply_summaries(longs([0]), summaries([0], last=100.0), longs([0]))
    assert market.spot[0] == 100.0
    put(market, [0], [101.0], [101.2])
    assert market.spot[0] == 101.1
    put(market, [0], [101.4], [101.2], verdict=Verdict.CROSSED)
    assert market.spot[0] == 100.0


def test_what_a_summary_does_not_say_stays_as_it_was() -> None:
    market = small_market()
    market.apply_summaries(longs([2]), summaries([2], open_interest=500.0, volume=10.0), longs([0]))
    market.apply_summaries(longs([2]), summaries([2], volume=12.0), longs([0]))
    assert (market.open_interest[2], market.volume[2]) == (500.0, 12.0)
    assert np.isnan(market.last[2])


def test_volume_grows_by_the_difference_and_starts_anew_with_the_session() -> None:
    market = small_market()
    grew = [
        float(market.apply_summaries(longs([0]), summaries([0], volume=volume), longs([0]))[1][0])
        for volume in (1_000.0, 1_250.0, 1_240.0, NAN, 40.0)
    ]
    assert grew == [0.0, 250.0, 0.0, 0.0, 40.0]


def test_a_crossed_or_one_sided_quote_has_no_middle() -> None:
    market = small_market()
    put(market, [2], [1.4], [1.2], verdict=Verdict.CROSSED)
    put(market, [3], [NAN], [1.2], verdict=Verdict.NO_BID)
    put(market, [4], [1.2], [1.2], verdict=Verdict.LOCKED)
    assert np.isnan(market.mid(longs([2, 3]))).all()
    assert market.mid(longs([4])).tolist() == [1.2]


def test_a_ladder_is_gathered_with_nan_where_nothing_is_listed() -> None:
    market = small_market()
    put(market, [2], [1.0], [1.1])
    rows = np.array([[2, -1]])
    gathered = market.gather("bid", rows)
    assert gathered[0, 0] == 1.0
    assert np.isnan(gathered[0, 1])
    assert market.gather("quoted_at", rows).tolist() == [[NOON, 0]]


def test_the_market_grows_with_its_listing_and_keeps_what_it_knew() -> None:
    market = small_market()
    put(market, [2], [1.0], [1.1])
    market.instruments.enlist(listing(series_of("QQQ"), strikes=tuple(float(strike) for strike in range(100, 200)), first=100))
    market.fit()
    assert market.bid[2] == 1.0
    assert np.isnan(market.bid[market.instruments.size - 1])
    assert market.updates == 1


def test_the_newest_market_time_of_a_series_never_goes_back() -> None:
    market = small_market()
    put(market, [2, 3], [1.0, 1.0], [1.1, 1.1], at=NOON)
    put(market, [2], [1.0], [1.1], at=NOON - 5)
    assert market.series_quoted_at[0] == NOON
