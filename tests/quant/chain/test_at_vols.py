"""Greeks at other volatilities than the chain's own: the chain's own come out at its own, and each is the slope of a price."""

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.american.values import prices as american_prices
from engine.quant.chain.at_vols import greeks_at_vols
from engine.quant.chain.book import SeriesQuotes
from engine.quant.chain.series import price_book
from engine.quant.european.black import prices
from tests.kit.quant import quoted_series, sloping

RIGHTS = np.array([[1.0], [-1.0]])
SPOT, RATE, YIELD, YEARS = 600.0, 0.04, 0.012, 0.3
NAMES = ("delta", "gamma", "theta", "vega")


def american(strikes: int = 21) -> SeriesQuotes:
    forward = SPOT * np.exp((RATE - YIELD) * YEARS)
    K = np.round(np.exp(np.linspace(-2.0, 2.0, strikes) * 0.2 * np.sqrt(YEARS)) * forward, 2)
    mids = american_prices(
        spots=SPOT, strikes=K, years=YEARS, vols=sloping(np.log(K / forward)), rights=RIGHTS, rates=RATE, yields=YIELD, setting="accurate"
    )
    return SeriesQuotes(strikes=K, bid=mids, ask=mids, years=YEARS, spot=SPOT, rate_hint=RATE, rate_given=True, american=True)


def test_at_its_own_volatilities_every_kind_of_series_has_its_own_greeks(tier: tiers.Tier):
    european = quoted_series()
    series = [european, american(), european._replace(on_forward=True), american(9), european._replace(yield_hint=0.02, years=0.01)]
    numbers = price_book(series, apart=True)
    found = greeks_at_vols(series=series, numbers=numbers, vols=[one.greek_iv for one in numbers])
    for greeks, own in zip(found, numbers, strict=True):
        for name in NAMES:
            assert getattr(greeks, name) == pytest.approx(getattr(own, name), rel=1e-6, abs=1e-9, nan_ok=True), name
            assert not getattr(greeks, name).flags.writeable


def test_vega_and_gamma_of_a_european_series_are_slopes_of_its_price(tier: tiers.Tier):
    series = quoted_series()
    (numbers,) = price_book([series], apart=True)
    vols = np.linspace(0.3, 0.15, np.size(series.strikes))
    (found,) = greeks_at_vols(series=[series], numbers=[numbers], vols=[vols])
    discount = np.exp(-numbers.rate * series.years)

    def worth(forward: float, used: np.ndarray) -> np.ndarray:
        return discount * prices(forwards=forward, strikes=series.strikes, years=series.years, vols=used, rights=RIGHTS)

    def moved(by: float) -> np.ndarray:
        return worth(numbers.forward + by / discount, vols)

    step = 2.0
    assert found.vega == pytest.approx((worth(numbers.forward, vols + 5e-3) - worth(numbers.forward, vols - 5e-3)), abs=2e-3)
    assert found.delta == pytest.approx((moved(step) - moved(-step)) / (2 * step), abs=1e-5)
    assert found.gamma == pytest.approx((moved(step) - 2 * moved(0.0) + moved(-step)) / step**2, abs=1e-6)
    assert (found.theta < 0.0).mean() > 0.8


def test_early_exercise_is_in_the_greeks_of_an_american_series():
    series = american()
    (numbers,) = price_book([series], apart=True)
    vols = numbers.greek_iv + 0.02
    (found,) = greeks_at_vols(series=[series], numbers=[numbers], vols=[vols])
    yields = numbers.rate - np.log(numbers.forward / SPOT) / YEARS

    def worth(used: np.ndarray) -> np.ndarray:
        return american_prices(
            spots=SPOT, strikes=series.strikes, years=YEARS, vols=used, rights=RIGHTS, rates=numbers.rate, yields=yields, setting="accurate"
        )

    held = worth(vols) > np.maximum(RIGHTS * (SPOT - np.asarray(series.strikes)), 0.0) + 0.05
    assert found.vega[held] == pytest.approx((worth(vols + 5e-3) - worth(vols - 5e-3))[held], abs=2e-3)
    (as_european,) = greeks_at_vols(series=[series._replace(american=False)], numbers=[numbers], vols=[vols])
    assert np.abs(found.delta[1] - as_european.delta[1]).max() > 0.02
    assert (found.delta[1, -1], as_european.delta[1, -1]) == pytest.approx((-1.0, -0.97), abs=0.03)


@pytest.mark.parametrize("is_american", [False, True])
def test_a_volatility_that_is_none_has_no_greeks_and_hurts_no_other(is_american: bool):
    series = american() if is_american else quoted_series()
    (numbers,) = price_book([series], apart=True)
    vols = np.array(numbers.greek_iv)
    vols[[1, 2, 3]] = np.nan, 0.0, -0.1
    (found,) = greeks_at_vols(series=[series], numbers=[numbers], vols=[vols])
    for name in NAMES:
        column = getattr(found, name)
        assert np.isnan(column[:, 1:4]).all()
        assert np.isfinite(column[:, 4:]).all()
    (nothing,) = greeks_at_vols(series=[series], numbers=[numbers], vols=[np.full(vols.size, np.nan)])
    assert np.isnan(nothing.delta).all()


def test_a_series_that_nobody_quotes_has_no_greeks():
    series = american()._replace(bid=np.full((2, 21), np.nan), ask=np.full((2, 21), np.nan), spot=float("nan"))
    (numbers,) = price_book([series], apart=True)
    (found,) = greeks_at_vols(series=[series], numbers=[numbers], vols=[np.full(21, 0.2)])
    assert np.isnan(found.delta).all()


def test_volatilities_that_do_not_go_with_the_strikes_are_refused():
    series = american()
    numbers = price_book([series], apart=True)
    with pytest.raises(ValueError, match="20 volatilities do not go with 21 strikes: give one a strike"):
        greeks_at_vols(series=[series], numbers=numbers, vols=[np.full(20, 0.2)])
    assert greeks_at_vols(series=[], numbers=[], vols=[]) == []
