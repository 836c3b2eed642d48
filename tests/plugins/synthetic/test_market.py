"""What the simulated market tells: markets on their grid, prints, figures of the day."""

from collections import Counter
from datetime import date

import numpy as np
import pytest

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import UtcNanos
from engine.domain.instants import MINUTE_NS, SECOND_NS
from engine.domain.market import Listing, PrintFlag, QuoteBatch, TradeBatch
from plugins.synthetic.market import runs
from plugins.synthetic.names import NAMES
from plugins.synthetic.quoting import grid_of
from tests.kit.synthetic import (
    FRIDAY_TEN,
    NO_ONE,
    SATURDAY,
    desk,
    feed,
    names_of,
    night,
    opened,
    played,
    summary_of,
    wanting,
)
from tests.plugins.synthetic.conftest import A_FEW


def columns(told, kind, *fields):
    return [np.concatenate([getattr(event, field) for event in told if isinstance(event, kind)]) for field in ("handle", *fields)]


def test_no_quote_is_crossed_locked_or_negative_and_a_missing_bid_has_no_size(few):
    _, _, told = few
    _, bid, ask, bid_size, ask_size = columns(told, QuoteBatch, "bid", "ask", "bid_size", "ask_size")
    none = np.isnan(bid)
    assert 0.02 < none.mean() < 0.5
    assert (ask[~none] > bid[~none]).all()
    assert (bid[~none] > 0.0).all()
    assert (ask > 0.0).all()
    assert (bid_size[none] == 0.0).all()
    assert (bid_size[~none] > 0.0).all()
    assert (ask_size > 0.0).all()


def test_every_option_price_is_on_the_grid_of_its_class(few):
    _, market, told = few
    handle, bid, ask = columns(told, QuoteBatch, "bid", "ask")
    traded, price = columns(told, TradeBatch, "price")
    for symbol in A_FEW:
        chain = desk(market, symbol).chain
        grid = grid_of(chain.lines[0].series.tick_rule)
        low, high = chain.handles.min(), chain.handles.max()
        for who, prices in ((handle, bid), (handle, ask), (traded, price)):
            mine = prices[(who >= low) & (who <= high)]
            mine = mine[~np.isnan(mine)]
            steps = np.where(mine < grid.threshold, grid.below, grid.above)
            assert mine.size
            assert (np.rint(mine * steps) / steps == mine).all(), symbol


def test_markets_are_tighter_at_the_money_than_far_in_it_and_in_spy_than_in_a_stock(few):
    _, market, _ = few

    def width(symbol, days, moneyness):
        one = desk(market, symbol)
        chain = one.chain
        terms = chain.terms(one.moment(market.at))
        place = int(np.argmin(np.abs(terms.years - days / 365.0)))
        start, end = chain.starts[place], chain.starts[place + 1]
        found = chain.quotes(one.moment(market.at), start, end)
        near = int(np.argmin(np.abs(chain.strikes[start:end] - moneyness * terms.forward[place])))
        return (found.ask - found.bid)[0, near] / one.moment(market.at).price

    assert width("SPY", 40, 1.0) < width("SPY", 40, 0.9)
    assert width("SPY", 5, 0.95) < width("SPY", 400, 0.95)
    assert width("SPY", 40, 1.0) < width("XOM", 40, 1.0)


def test_put_call_parity_holds_within_the_spreads_on_the_true_forward(few):
    source, market, _ = few
    for symbol in ("SPX", "VIX", "BTC"):
        one = desk(market, symbol)
        for place in one.chain.trading(market.at):
            start, end = one.chain.starts[place], one.chain.starts[place + 1]
            found = one.chain.quotes(one.moment(market.at), start, end)
            truth = source.truth(symbol, one.chain.lines[place].series.id, market.at)
            discount = np.exp(-truth.rate * truth.years)
            value = 1.0 - truth.strikes / truth.forward if symbol == "BTC" else discount * (truth.forward - truth.strikes)
            bid = np.where(np.isnan(found.bid), 0.0, found.bid)
            assert (bid[0] - found.ask[1] <= value + 1e-9).all()
            assert (found.ask[0] - bid[1] >= value - 1e-9).all()


def test_the_truth_prices_lie_inside_the_markets_and_say_the_volatility(few):
    source, market, _ = few
    one = desk(market, "SPX")
    line = one.chain.lines[9]
    truth = source.truth("SPX", line.series.id, market.at)
    start = one.chain.starts[9]
    found = one.chain.quotes(one.moment(market.at), start, start + len(line.strikes))
    assert (truth.call < found.ask[0]).all()
    assert (truth.put > np.nan_to_num(found.bid[1])).all()
    at_the_money = np.interp(truth.forward, truth.strikes, truth.iv)
    assert at_the_money == pytest.approx(truth.atm_iv, abs=2e-4)
    carried = truth.spot * np.exp((truth.rate - truth.dividend_yield) * truth.years)
    assert truth.forward == pytest.approx(carried, rel=1e-12)
    with pytest.raises(BadInput, match="its first is SPXW"):
        source.truth("SPX", "SPX/1999-01-01/AM", market.at)
    with pytest.raises(UnknownSymbol, match="has not listed"):
        source.truth("GME", "GME/2026-11-20/PM", market.at)


def test_a_watched_series_is_told_ten_times_a_second_where_it_moves(few):
    _, market, told = few
    line = desk(market, "SPY").chain.lines[1]
    mine = range(line.first_handle, line.first_handle + 2 * len(line.strikes))
    frames = {event.at for event in told if isinstance(event, QuoteBatch) and np.isin(event.handle, mine).any()}
    assert len(frames) > 180, "of 200 frames"


def test_every_contract_has_its_first_market_before_anything_is_told_twice(few):
    _, market, told = few
    names = names_of(told)
    alive = {
        handle
        for symbol in A_FEW
        for place in desk(market, symbol).chain.trading(FRIDAY_TEN)
        for handle in desk(market, symbol).chain.handles[:, slice(*desk(market, symbol).chain.starts[place : place + 2])].ravel().tolist()
    }
    opening = [event for event in told if isinstance(event, QuoteBatch) and event.at == FRIDAY_TEN]
    seen = {handle for event in opening for handle in event.handle.tolist()}
    assert alive <= seen
    assert seen - alive == {desk(market, symbol).handle for symbol in A_FEW}
    assert len(names) >= len(seen)


def test_a_name_is_listed_before_it_is_quoted_and_no_step_of_setting_up_is_large():
    source = feed("SPX")
    known: set[int] = set()
    for step in source.market.opened("SPX"):
        assert step.rows <= 3_000
        for event in step.events:
            if isinstance(event, Listing):
                assert len(event.name) <= 3_000
                known.update(event.handle.tolist())
            elif isinstance(event, QuoteBatch):
                assert set(event.handle.tolist()) <= known


def test_prints_are_at_the_market_and_carry_sides_and_flags(few):
    _, _, told = few
    _, size, side, flags, price = columns(told, TradeBatch, "size", "side", "flags", "price")
    assert (price > 0.0).all()
    assert (size > 0.0).all()
    assert set(np.unique(side)) == {-1, 0, 1}
    assert 0.3 < (side == 1).mean() < 0.7
    assert set(np.unique(flags)) <= {PrintFlag.PLAIN, PrintFlag.SWEEP, PrintFlag.BLOCK}
    assert (flags == PrintFlag.SWEEP).any()


def test_a_sweep_is_several_prints_of_one_contract_at_one_instant(few):
    _, _, told = few
    handle, at, flags = columns(told, TradeBatch, "event_at", "flags")
    swept = Counter(zip(handle[flags == 1].tolist(), at[flags == 1].tolist(), strict=True))
    assert swept
    assert all(count >= 3 for count in swept.values())


def test_prints_come_in_order_and_never_from_the_future(few):
    _, _, told = few
    for event in told:
        if isinstance(event, TradeBatch):
            assert (np.diff(event.event_at) >= 0).all()
            assert (event.event_at <= event.at).all()


def test_volume_grows_by_what_is_printed(few):
    _, market, told = few
    one = desk(market, "SPY")
    handles, sizes = columns(told, TradeBatch, "size")
    printed = sizes[handles == one.handle].sum()
    volumes = summary_of(told, one.handle, "volume")
    assert np.diff(volumes).min() >= 0.0
    assert volumes[-1] - volumes[0] == pytest.approx(printed)
    busiest = int(one.chain.handles.ravel()[np.argmax(one.options.volume)])
    told_of = summary_of(told, busiest, "volume")
    assert np.diff(told_of).min() >= 0.0
    assert told_of[-1] - told_of[0] == pytest.approx(sizes[handles == busiest].sum())


def test_trading_follows_a_u_over_the_day():
    _, market, _ = opened("SPY", start="2026-11-20T09:30")
    counts = []
    for _ in range(13):
        before = desk(market, "SPY").options.volume.sum(), desk(market, "SPY").shares.volume.sum()
        played(market, 30, step=MINUTE_NS)
        after = desk(market, "SPY").options.volume.sum(), desk(market, "SPY").shares.volume.sum()
        counts.append((after[0] - before[0], after[1] - before[1]))
    for side in np.array(counts).T:
        assert side[0] > 1.5 * side[6]
        assert side[12] > 1.15 * side[6]
        assert (side > 0.0).all()


def test_open_interest_prefers_round_strikes_out_of_the_money(few):
    _, market, _ = few
    one = desk(market, "SPY")
    assert one.open_interest.sum() == pytest.approx(1.9e7, rel=0.1)
    assert (one.open_interest >= 0.0).all()
    assert (one.open_interest == np.floor(one.open_interest)).all()
    strikes = one.chain.strikes
    near = np.abs(strikes / one.moment(market.at).price - 1.0) < 0.08
    tens, others = near & (strikes % 10 == 0), near & (strikes % 10 != 0) & (strikes % 5 != 0)
    assert one.open_interest[:, tens].mean() > 2.0 * one.open_interest[:, others].mean()
    price = one.moment(market.at).price
    assert one.open_interest[0, strikes > price].sum() > one.open_interest[0, strikes < price].sum()
    assert one.open_interest[1, strikes < price].sum() > one.open_interest[1, strikes > price].sum()


def test_the_day_s_figures_of_a_name_hang_together(few):
    _, market, told = few
    for symbol in A_FEW:
        one = desk(market, symbol)
        last, high, low = (summary_of(told, one.handle, figure)[-1] for figure in ("last", "high", "low"))
        assert low <= last <= high
        assert low <= one.open <= high
        assert 0.8 < one.previous_close / last < 1.25


def told_rows(market, wanted=NO_ONE):
    """Quotes told in a frame."""
    return sum(len(event.handle) for event in played(market, 1, wanted=wanted) if isinstance(event, QuoteBatch))


@pytest.mark.parametrize("rate", [5_000, 100_000])
@pytest.mark.parametrize("watched", [False, True])
def test_forced_updates_are_as_many_as_asked_for_whoever_watches(rate, watched):
    _, market, _ = opened("SPY", "SPX", updates_per_second=rate)
    every = [line.series.id for name in ("SPX", "SPY") for line in desk(market, name).chain.lines]
    wanted = wanting("SPX", "SPY", series=every if watched else ())
    frames = [told_rows(market, wanted) for _ in range(30)]
    assert np.mean(frames[10:]) == pytest.approx(rate / 10, rel=0.15)


def test_where_whole_indices_are_watched_their_series_take_turns_and_none_is_forgotten():
    _, market, _ = opened("SPY", "SPX")
    chains = [desk(market, name).chain for name in ("SPX", "SPY")]
    wanted = wanting("SPX", "SPY", series=[line.series.id for chain in chains for line in chain.lines])
    told = [event for _ in range(8) for event in played(market, 1, wanted=wanted) if isinstance(event, QuoteBatch)]
    frames: Counter[int] = Counter()
    for event in told:
        frames[event.at] += len(event.handle)
    assert max(frames.values()) < 9_000
    heard = set(np.concatenate([event.handle for event in told]).tolist())
    for line in (chain.lines[place] for chain in chains for place in chain.trading(market.at)):
        assert heard & set(range(line.first_handle, line.first_handle + 2 * len(line.strikes))), line.series.id


def test_the_feed_says_what_it_is_and_takes_nothing_from_the_wall():
    source = feed()
    traits = source.traits
    assert traits.simulated
    assert traits.own_clock
    assert traits.has_trades
    assert traits.has_speed
    assert (traits.source, traits.store, traits.default_symbol) == ("synthetic", "sim", "SPY")
    assert "simulated" in traits.note
    assert feed("ETH", "XOM").traits.default_symbol == "XOM"
    assert FeedSettings(now=UtcNanos(SATURDAY)).now == SATURDAY


def test_securities_carry_their_dates():
    _, _, told = opened("NVDA", "XOM", "SPX", "BTC")
    found = {security.symbol: security for event in told if isinstance(event, Listing) for security in event.securities}
    assert found["NVDA"].next_earnings == date(2026, 11, 24)
    assert found["XOM"].next_ex_dividend == date(2027, 2, 16)
    assert found["XOM"].next_dividend_amount == 1.03
    assert found["SPX"].dividend_yield == 0.013
    assert found["BTC"].next_earnings is None
    assert len(NAMES) == 15


def test_open_interest_and_last_prices_live_through_a_night():
    _, market, _ = opened("SPY", start="2026-11-20T15:59")
    played(market, 20, step=60 * SECOND_NS)
    one = desk(market, "SPY")
    before = {
        one.chain.lines[place].series.id: one.option_last[one.chain.starts[place] : one.chain.starts[place + 1]].copy()
        for place in one.chain.trading(market.closing)
    }
    held = one.open_interest.sum()
    told = night(market)
    assert one.open_interest.sum() == pytest.approx(held, rel=0.05)
    kept = [line for line in one.chain.lines if line.series.id in before]
    assert len(kept) == len(before)
    line = kept[3]
    place = one.chain.places[line.series.id]
    now = one.option_last[one.chain.starts[place] : one.chain.starts[place + 1]]
    assert np.array_equal(now, before[line.series.id], equal_nan=True)
    assert one.volume() == 0.0
    assert summary_of(told, one.handle, "previous_close")


@pytest.mark.parametrize(
    ("places", "found"),
    [([3, 1, 2, 7], [(1, 3), (7, 7)]), ([5], [(5, 5)]), ([0, 1, 2], [(0, 2)]), ([9, 4, 6], [(4, 4), (6, 6), (9, 9)])],
)
def test_neighbouring_series_are_quoted_in_one_go(places, found):
    assert runs(places) == found
