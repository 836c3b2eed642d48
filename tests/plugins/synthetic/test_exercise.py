"""Simulated American options are worth what American options are worth, and the chain finds the volatility they were made of."""

import numpy as np
import pytest

from engine.domain.instants import SECOND_NS
from engine.quant.american.values import prices
from engine.quant.chain.book import SeriesNumbers, SeriesQuotes
from engine.quant.chain.series import price_book
from plugins.synthetic.truth import Truth
from tests.kit.synthetic import desk, opened, played

RIGHTS = np.array([[1.0], [-1.0]])
BASIS_POINT = 1e-4
TWO_DAYS = 2.0 / 365.0


def truths(symbol: str, start: str) -> list[tuple[Truth, np.ndarray, np.ndarray]]:
    """Every series' truth with its bids and offers."""
    source, market, _ = opened(symbol, start=start)
    played(market, 1, step=600 * SECOND_NS)
    chain = desk(market, symbol).chain
    quotes = chain.quotes(desk(market, symbol).moment(market.at), 0, chain.count)
    found = []
    for place in chain.trading(market.at):
        part = slice(chain.starts[place], chain.starts[place + 1])
        truth = source.truth(symbol, chain.lines[place].series.id, market.at)
        if truth.years > TWO_DAYS:
            found.append((truth, quotes.bid[:, part], quotes.ask[:, part]))
    return found


def chain_of(found: list[tuple[Truth, np.ndarray, np.ndarray]]) -> list[SeriesNumbers]:
    return price_book(
        [
            SeriesQuotes(
                strikes=truth.strikes,
                bid=bid,
                ask=ask,
                spot=truth.spot,
                years=truth.years,
                rate_hint=truth.rate,
                rate_given=True,
                american=True,
            )
            for truth, bid, ask in found
        ],
        apart=True,
    )


def near_and_in(truth: Truth) -> tuple[np.ndarray, np.ndarray]:
    """Out of the money within half a deviation of the forward, and in the money."""
    out = np.array([truth.strikes >= truth.forward, truth.strikes < truth.forward])
    near = np.abs(np.log(truth.strikes / truth.forward)) < 0.5 * truth.atm_iv * np.sqrt(truth.years)
    return out & near, ~out


@pytest.mark.parametrize("symbol", ["SPY", "NVDA", "XOM"])
def test_fair_values_are_those_of_american_options_at_the_surface_s_own_volatility_all_day(symbol):
    worst = []
    for start, tolerance in (("2026-11-20T09:30", 1e-4), ("2026-11-20T15:00", 6e-4)):
        for truth, _, _ in truths(symbol, start):
            right = prices(
                spots=truth.spot, strikes=truth.strikes, years=truth.years, vols=truth.iv, rights=RIGHTS,
                rates=truth.rate, yields=truth.dividend_yield, setting="accurate",
            )  # fmt: skip
            worst.append((start, np.abs(np.array([truth.call, truth.put]) - right).max() / truth.spot / tolerance))
    assert max(part for _, part in worst) < 1.0, worst


@pytest.mark.parametrize("symbol", ["SPY", "NVDA"])
def test_the_chain_finds_the_true_volatility_again_in_fair_values(symbol):
    found = truths(symbol, "2026-11-20T12:00")
    fair = [(truth, *(np.array([truth.call, truth.put]),) * 2) for truth, _, _ in found]
    for (truth, _, _), numbers in zip(fair, chain_of(fair), strict=True):
        near, _ = near_and_in(truth)
        assert np.abs(numbers.iv - truth.iv)[near].max() < 5.0 * BASIS_POINT
        assert numbers.forward == pytest.approx(truth.forward, rel=2e-5)


@pytest.mark.parametrize("symbol", ["SPY", "NVDA"])
def test_the_chain_finds_the_true_volatility_again_in_quotes_as_far_as_their_price_grid_lets_it(symbol):
    found = truths(symbol, "2026-11-20T12:00")
    errors = []
    for (truth, _, ask), numbers in zip(found, chain_of(found), strict=True):
        near, within = near_and_in(truth)
        room = 0.0 if symbol == "SPY" else 0.25 * (numbers.iv_ask - numbers.iv_bid)[near]  # NVDA is quoted in steps of five cents
        errors.append(np.abs(numbers.iv - truth.iv)[near] - room)
        within &= np.isfinite(ask) & np.isfinite(numbers.iv_ask)
        assert within.sum() > 10
        assert not ((numbers.iv_bid > truth.iv + 1e-5) & within).any()
        assert not ((numbers.iv_ask < truth.iv - 1e-5) & within).any()
    assert np.concatenate(errors).max() < 5.0 * BASIS_POINT


def test_a_european_series_knows_no_early_exercise():
    _, market, _ = opened("SPX")
    chain = desk(market, "SPX").chain
    assert chain._worth(chain.series[:3]) is None


def test_tables_of_early_exercise_do_not_depend_on_which_series_are_asked_for_first():
    _, first, _ = opened("XOM")
    _, other, _ = opened("XOM")
    one, two = desk(first, "XOM"), desk(other, "XOM")
    moment = one.moment(first.at)
    backwards = [
        two.chain.quotes(moment, two.chain.starts[place], two.chain.starts[place + 1]) for place in reversed(range(len(two.chain.lines)))
    ]
    assert len(backwards) == len(one.chain.lines)
    assert one.chain.fair(moment).tobytes() == two.chain.fair(moment).tobytes()
