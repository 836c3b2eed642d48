"""A whole chain priced: what goes in comes out again, what is broken says so, and recorded markets agree with their vendor."""

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.chain.book import SeriesNumbers, SeriesQuotes
from engine.quant.chain.series import price_book, price_series
from engine.quant.codes import ForwardSource, GreekSource, IvStatus, QuoteVerdict
from engine.quant.european.black import greeks
from tests.kit.numbers import record
from tests.kit.quant import NEW_YORK, quoted_series, recorded_chain, sloping

NAN = float("nan")
FORWARD, RATE, YEARS = 5000.0, 0.045, 0.25
RIGHTS = np.array([[1.0], [-1.0]])


def one(series: SeriesQuotes) -> SeriesNumbers:
    return price_book([series])[0]


def with_quote(series: SeriesQuotes, row: int, column: int, bid: float, ask: float) -> SeriesQuotes:
    bids, asks = np.array(series.bid), np.array(series.ask)
    bids[row, column], asks[row, column] = bid, ask
    return series._replace(bid=bids, ask=asks)


def test_the_smile_that_made_the_quotes_comes_out_again(tier: tiers.Tier):
    series = quoted_series()
    found = one(series)
    truth = sloping(np.log(np.asarray(series.strikes) / FORWARD))
    assert (found.iv_status == IvStatus.OK).all()
    assert np.abs(found.iv - truth).max() < 1e-5
    assert found.atm_iv == pytest.approx(0.2, abs=1e-4)
    assert found.expected_move == pytest.approx(float(series.spot) * 0.2 * math.sqrt(YEARS), rel=1e-3)
    assert found.straddle == pytest.approx(math.exp(-RATE * YEARS) * FORWARD * 0.2 * math.sqrt(YEARS * 2 / math.pi), rel=2e-3)
    assert found.risk_reversal_25 < 0.0


def test_greeks_are_in_trader_units_and_shared_by_both_rights(tier: tiers.Tier):
    series = quoted_series()
    found = one(series)
    K, vols = np.asarray(series.strikes), sloping(np.log(np.asarray(series.strikes) / FORWARD))
    spot = FORWARD * math.exp(-RATE * YEARS)
    truth = greeks(spots=spot, strikes=K, years=YEARS, vols=vols, rights=RIGHTS, rates=RATE)
    assert np.allclose(found.delta, truth.deltas, atol=1e-5)
    assert np.allclose(found.gamma, truth.gammas, rtol=1e-3, atol=1e-9)
    assert np.allclose(found.vega, truth.vegas / 100, rtol=1e-3, atol=1e-4)
    assert np.allclose(found.theta, truth.thetas / 365, rtol=1e-2, atol=1e-3)
    assert np.allclose(found.rho, truth.rhos / 100, rtol=1e-3, atol=1e-3)
    assert np.allclose(found.probability_itm, truth.probabilities_itm, atol=1e-5)
    assert np.allclose(found.delta[0] - found.delta[1], 1.0)
    assert np.allclose(found.gamma[0], found.gamma[1])


def test_a_spot_gone_stale_bends_no_delta_and_hardly_a_theta(tier: tiers.Tier):
    fresh, stale = one(quoted_series(years=3 / 365)), one(quoted_series(years=3 / 365, spot=4950.0))
    assert np.allclose(fresh.delta, stale.delta)
    at_the_money = int(np.argmin(np.abs(fresh.delta[0] - 0.5)))
    assert stale.theta[0, at_the_money] == pytest.approx(fresh.theta[0, at_the_money], rel=0.02)


def test_theta_of_a_dividend_index_runs_with_the_yield_of_its_forward():
    series = quoted_series(years=0.5, spot=FORWARD * math.exp(-(RATE - 0.015) * 0.5))
    found = one(series)
    vols = sloping(np.log(np.asarray(series.strikes) / FORWARD))
    spot = FORWARD * math.exp(-RATE * 0.5)
    with_yield = greeks(spots=spot, strikes=series.strikes, years=0.5, vols=vols, rights=RIGHTS, rates=RATE).thetas + (
        RIGHTS * 0.015 * spot * np.abs(found.delta)
    )
    assert np.allclose(found.theta, with_yield / 365, rtol=0.02, atol=2e-3)


def test_a_book_gives_what_each_series_gives_alone(tier: tiers.Tier):
    book = [quoted_series(years=years, rate_hint=RATE, half_spread=0.4) for years in (0.5, 1.0, 2.0)]
    together = price_book(book)
    for series, beside in zip(book, together, strict=True):
        for name, alone, other in zip(SeriesNumbers._fields, one(series), beside, strict=True):
            assert np.allclose(alone, other, rtol=1e-9, equal_nan=True), name


def test_apart_each_series_has_the_same_bits_alone_and_in_any_company(tier: tiers.Tier):
    plain = [quoted_series(years=years, half_spread=half) for years, half in ((0.003, 0.3), (0.05, 1.5), (0.5, 0.1), (1.5, 0.4))]
    few = [quoted_series(years=0.1, strikes=np.arange(4900.0, 4900.0 + 25.0 * count, 25.0)) for count in (1, 2, 3, 7, 11)]
    given = [series._replace(rate_hint=RATE, rate_given=True) for series in (*plain, *few)]
    american = [series._replace(american=True, rate_hint=RATE) for series in (*plain, *few)]
    book = [*plain, *few, *given, *american, quoted_series(years=0.2, spot=float("nan"))]
    company = price_book(book, apart=True)
    backwards = price_book(book[::-1], apart=True)[::-1]
    for series, beside, behind in zip(book, company, backwards, strict=True):
        (alone,) = price_book([series], apart=True)
        for name, one_number, other, third in zip(SeriesNumbers._fields, alone, beside, behind, strict=True):
            assert np.asarray(one_number).tobytes() == np.asarray(other).tobytes() == np.asarray(third).tobytes(), name


def test_a_rate_that_is_given_is_the_rate_and_the_forward_is_found_all_the_same(tier: tiers.Tier):
    for years in (0.2 / 365, 5 / 365, 0.5):
        found = one(quoted_series(years=years, half_spread=0.2, rate_hint=RATE, rate_given=True))
        assert found.rate == RATE
        assert found.forward == pytest.approx(FORWARD, rel=2e-5)
        assert found.forward_source == ForwardSource.PARITY_AT_GIVEN_RATE
    unknown = one(quoted_series(years=0.5, rate_given=True))
    assert unknown.forward_source == ForwardSource.PARITY


@pytest.mark.parametrize("place", [0, -1, 30])
def test_one_wrong_pair_at_the_edge_does_not_lead_the_few_that_are_looked_at_astray(place: int):
    series = quoted_series(years=0.1, half_spread=0.2, rate_hint=RATE, rate_given=True)
    bid, ask = np.array(series.bid), np.array(series.ask)
    bid[0, place] = ask[0, place] = bid[1, place] = ask[1, place] = 5.0  # tightly quoted, and as if the money were here
    (found,) = price_book([series._replace(bid=bid, ask=ask)], apart=True)
    assert found.forward == pytest.approx(FORWARD, rel=5e-5)


def test_series_of_different_lengths_and_of_none_stand_side_by_side(tier: tiers.Tier):
    empty = SeriesQuotes(strikes=[], bid=np.empty((2, 0)), ask=np.empty((2, 0)), spot=100.0, years=0.1)
    short = quoted_series(strikes=np.array([4900.0, 5000.0, 5100.0]))
    found = price_book([empty, quoted_series(), short, empty])
    assert [numbers.iv.shape for numbers in found] == [(2, 0), (2, 61), (2, 3), (2, 0)]
    assert found[2].atm_iv == pytest.approx(0.2, abs=1e-3)
    assert found[0].forward_source == ForwardSource.CARRY
    assert price_book([]) == []


def test_price_series_is_a_book_of_one():
    series = quoted_series(half_spread=0.2)
    named = price_series(strikes=series.strikes, bid=series.bid, ask=series.ask, spot=series.spot, years=series.years)
    assert np.array_equal(named.delta, one(series).delta)


def test_results_may_be_kept_since_nobody_can_write_to_them():
    found = one(quoted_series())
    for value in found:
        if isinstance(value, np.ndarray):
            assert not value.flags.writeable
            assert value.flags.c_contiguous


@pytest.mark.parametrize(
    ("bid", "ask", "verdict"),
    [
        (0.0, 0.05, QuoteVerdict.NO_BID),
        (1.0, NAN, QuoteVerdict.NO_ASK),
        (9.0, 8.0, QuoteVerdict.CROSSED),
        (-3.0, 8.0, QuoteVerdict.NO_BID | QuoteVerdict.MALFORMED),
        (NAN, NAN, QuoteVerdict.NO_BID | QuoteVerdict.NO_ASK),
    ],
)
def test_a_quote_without_a_mid_has_no_volatility_and_keeps_greeks_from_elsewhere(
    tier: tiers.Tier, bid: float, ask: float, verdict: QuoteVerdict
):
    clean = quoted_series(half_spread=0.1)
    found, whole = one(with_quote(clean, 0, 45, bid, ask)), one(clean)
    assert QuoteVerdict(int(found.verdict[0, 45])) == verdict
    assert math.isnan(found.mid[0, 45])
    assert math.isnan(found.iv[0, 45])
    assert found.iv_status[0, 45] == IvStatus.BAD_INPUT
    assert found.delta[0, 45] == pytest.approx(whole.delta[0, 45], abs=0.01)
    assert found.greek_source[45] in {GreekSource.IN_THE_MONEY, GreekSource.NEIGHBOURS}
    assert math.isnan(found.iv_bid[0, 45]) == (QuoteVerdict.NO_BID in verdict)


def test_a_locked_quote_is_a_price():
    found = one(with_quote(quoted_series(half_spread=0.1), 0, 45, 12.0, 12.0))
    assert found.verdict[0, 45] == QuoteVerdict.LOCKED
    assert found.mid[0, 45] == 12.0
    assert found.iv_status[0, 45] == IvStatus.OK


def test_an_offer_below_intrinsic_value_is_said_to_be(tier: tiers.Tier):
    clean = quoted_series(half_spread=0.1)
    intrinsic = (FORWARD - float(np.asarray(clean.strikes)[5])) * math.exp(-RATE * YEARS)
    found = one(with_quote(clean, 0, 5, intrinsic - 20.0, intrinsic - 10.0))
    assert QuoteVerdict(int(found.verdict[0, 5])) & QuoteVerdict.BELOW_INTRINSIC
    assert found.iv_status[0, 5] == IvStatus.NO_TIME_VALUE
    assert not (one(clean).verdict & QuoteVerdict.BELOW_INTRINSIC).any()


def test_in_the_money_without_time_value_the_greeks_come_from_the_other_side(tier: tiers.Tier):
    clean = quoted_series(half_spread=0.1)
    intrinsic = (FORWARD - float(np.asarray(clean.strikes)[10])) * math.exp(-RATE * YEARS)
    found, whole = one(with_quote(clean, 0, 10, intrinsic - 3.0, intrinsic + 1.0)), one(clean)
    assert found.iv_status[0, 10] == IvStatus.NO_TIME_VALUE
    assert found.greek_source[10] == GreekSource.OUT_OF_THE_MONEY
    assert found.delta[0, 10] == pytest.approx(whole.delta[0, 10], abs=1e-4)


def test_an_in_the_money_volatility_counts_only_where_bid_and_ask_agree_on_it():
    clean = quoted_series(half_spread=0.1)
    no_put = with_quote(clean, 1, 10, 0.0, NAN)
    call = float(np.asarray(clean.bid)[0, 10])
    assert one(no_put).greek_source[10] == GreekSource.IN_THE_MONEY
    assert one(with_quote(no_put, 0, 10, call - 15.0, call + 15.0)).greek_source[10] == GreekSource.NEIGHBOURS


def test_wings_without_bids_get_greeks_from_the_last_quoted_strike_and_say_so(tier: tiers.Tier):
    series = quoted_series(half_spread=0.1)
    bids = np.array(series.bid)
    bids[:, :8] = 0.0
    found = one(series._replace(bid=bids))
    assert (found.greek_source[:8] == GreekSource.NEIGHBOURS).all()
    assert np.allclose(found.greek_iv[:8], found.greek_iv[8])
    assert (found.delta[0, :8] > 0.9).all()
    assert np.isnan(found.iv[:, :8]).all()


def test_bid_and_ask_span_an_interval_of_volatility():
    found = one(quoted_series(half_spread=1.0))
    assert (found.iv < found.iv_ask).all()
    below_intrinsic = np.isnan(found.iv_bid)
    assert below_intrinsic.sum() < 12
    assert (found.iv_bid < found.iv)[~below_intrinsic].all()


def test_a_wing_without_vega_is_not_to_be_shown_bare_but_keeps_its_own_greeks(tier: tiers.Tier):
    series = quoted_series(years=2 / 365, strikes=np.arange(4600.0, 5401.0, 25.0), half_spread=0.01, tick=0.05)
    found = one(series)
    unsure, sure = found.iv_status == IvStatus.ILL_CONDITIONED, found.iv_status == IvStatus.OK
    assert unsure.any()
    assert (found.vega[unsure] < 0.025).all()
    assert (found.vega[sure] >= 0.025).all()
    assert np.isfinite(found.iv[unsure]).all()
    out = np.array([np.asarray(series.strikes) >= found.forward, np.asarray(series.strikes) < found.forward])
    assert (found.greek_source[(unsure & out).any(axis=0)] == GreekSource.OUT_OF_THE_MONEY).all()


def test_at_and_after_expiry_nothing_is_said_and_nothing_raises(tier: tiers.Tier):
    for years in (0.0, -0.01, NAN):
        found = one(quoted_series()._replace(years=years))
        assert (found.iv_status == IvStatus.BAD_INPUT).all()
        assert np.isnan(found.delta).all()
        assert found.forward_source == ForwardSource.NONE
        assert math.isnan(found.atm_iv)


def test_a_second_before_expiry_the_numbers_still_stand(tier: tiers.Tier):
    years = 1 / 365 / 86_400
    strikes = np.arange(4997.0, 5003.5, 0.5)
    found = one(quoted_series(years=years, strikes=strikes, smile=lambda k: np.full(k.shape, 0.8), rate_hint=0.04))
    assert found.forward == pytest.approx(5000.0, abs=1e-6)
    assert found.atm_iv == pytest.approx(0.8, rel=1e-3)
    assert np.isfinite(found.theta).all()
    assert (found.theta < 0.0).any()


def test_open_interest_and_volume_are_summed_and_unknown_when_nobody_says():
    interest = np.arange(122.0).reshape(2, 61)
    found = one(quoted_series(open_interest=interest, volume=np.full((2, 61), NAN)))
    assert found.call_open_interest == interest[0].sum()
    assert found.put_open_interest == interest[1].sum()
    assert math.isnan(found.call_volume)
    assert 3500.0 <= found.max_pain <= 6500.0
    assert math.isnan(one(quoted_series()).max_pain)


def test_an_index_held_by_its_future_alone_moves_from_there():
    held = one(quoted_series(spot=4000.0, on_forward=True))
    assert held.expected_move == pytest.approx(FORWARD * 0.2 * math.sqrt(YEARS), rel=1e-3)
    unknown = one(quoted_series(spot=NAN))
    assert unknown.expected_move == pytest.approx(held.expected_move)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"strikes": [100.0, 90.0]}, "rising"),
        ({"strikes": [[100.0, 110.0]]}, "rising"),
        ({"bid": [1.0, 2.0]}, r"bid of series 0 .* \(2, 2\)"),
        ({"open_interest": [[1.0, 2.0]]}, "open_interest"),
    ],
)
def test_matrices_that_do_not_fit_their_strikes_are_the_callers_mistake(change: dict[str, object], said: str):
    good = SeriesQuotes(strikes=[100.0, 110.0], bid=[[1, 1], [1, 1]], ask=[[2, 2], [2, 2]], spot=100.0, years=0.1)
    with pytest.raises(ValueError, match=said):
        price_book([good._replace(**change)])


numbers = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 0.05, 1.0, 10.0, -1.0, NAN, 1e308, 5e-324]))


class Drawn:
    """The same list, whenever something is drawn."""

    def __init__(self, numbers: list[float]) -> None:
        self.numbers = numbers

    def draw(self, _strategy: object) -> list[float]:
        return self.numbers


@given(
    strikes=st.lists(st.floats(0.01, 1e6), min_size=0, max_size=6, unique=True),
    data=st.data(),
    spot=numbers,
    years=numbers,
    hint=numbers,
    inverse=st.booleans(),
    american=st.booleans(),
)
@example(
    strikes=[1.0, 2.0, 3.0, 4.0, 5.0], data=Drawn([0.0] * 4 + [1.68e-171] + [0.0] * 4 + [5e-324]), spot=0.0, years=1.0, hint=0.0,
    inverse=False, american=False,
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_no_quote_however_odd_raises_or_leaves_a_number_without_a_status(
    strikes: list[float], data: st.DataObject, spot: float, years: float, hint: float, inverse: bool, american: bool
):
    n = len(strikes)
    matrices = [np.array(data.draw(st.lists(numbers, min_size=2 * n, max_size=2 * n))).reshape(2, n) for _ in range(2)]
    found = one(
        SeriesQuotes(
            strikes=sorted(strikes), bid=matrices[0], ask=matrices[1], spot=spot, years=years, rate_hint=hint, yield_hint=hint,
            inverse=inverse, american=american, tick=hint,
        )
    )  # fmt: skip
    solved = (found.iv_status == IvStatus.OK) | (found.iv_status == IvStatus.ILL_CONDITIONED)
    assert (np.isfinite(found.iv) == solved).all()
    assert (np.isnan(found.delta) | (np.abs(found.delta) <= 1.0)).all()


RECORDED = {
    "SPX_2022-06-10_eod.csv.gz": datetime(2022, 6, 10, 16, 15, tzinfo=NEW_YORK),
    "SPX_2022-07-12_1155ET_intraday.csv.gz": datetime(2022, 7, 12, 11, 40, tzinfo=NEW_YORK),
    "SPX_2023-06-09_1340ET_intraday.csv.gz": datetime(2023, 6, 9, 13, 25, tzinfo=NEW_YORK),
    "SPX_2023-09-14_1631ET.csv.gz": datetime(2023, 9, 14, 16, 15, tzinfo=NEW_YORK),
}


@pytest.mark.parametrize("name", RECORDED)
def test_on_a_recorded_index_chain_volatility_and_delta_are_the_vendors(tier: tiers.Tier, fixtures: Path, name: str):
    spot, expiries = recorded_chain(fixtures / "cboe_quotedata_csv" / name)
    years = [expiry.years_from(RECORDED[name]) for expiry in expiries]
    found = price_book(
        [
            SeriesQuotes(strikes=expiry.strikes, bid=expiry.bid, ask=expiry.ask, spot=spot, years=time, tick=0.05)
            for expiry, time in zip(expiries, years, strict=True)
        ]
    )
    by_vol, by_delta = [], []
    for expiry, time, ours in zip(expiries, years, found, strict=True):
        if time < 2 / 365:
            continue
        out = np.array([expiry.strikes >= ours.forward, expiry.strikes < ours.forward])
        counted = out & (expiry.bid > 0) & (expiry.ask > expiry.bid) & (expiry.vendor_iv > 0) & (np.abs(expiry.vendor_delta) >= 0.05)
        assert (ours.iv_status[counted] == IvStatus.OK).all()
        assert abs(ours.forward / spot - 1.0) < 0.002 + 0.06 * time
        by_vol.append((ours.iv - expiry.vendor_iv)[counted])
        by_delta.append((ours.delta - expiry.vendor_delta)[counted])
    vol, delta = np.concatenate(by_vol), np.concatenate(by_delta)
    assert vol.size > 4_000
    for what, off, tolerance in (("volatility", vol, 0.001), ("delta", delta, 0.002)):
        worst = float(np.median(np.abs(off)))
        record(table=name, quantity=f"out-of-the-money {what} less the file's, median", error=worst, tolerance=tolerance, cases=off.size)
    assert np.quantile(np.abs(vol), 0.9) < 0.003
    assert np.quantile(np.abs(delta), 0.9) < 0.003
