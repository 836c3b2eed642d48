"""What no market sends and a broken feed does: endless, negative and unknown numbers give NaN or a clear refusal, never a warning."""

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.curves.clock import forward_variances
from engine.quant.curves.dividends import implied_cash
from engine.quant.european.black import greeks, higher_greeks
from engine.quant.european.inverse import coin_prices, currency_prices
from engine.quant.exposure.boxes import boxed
from engine.quant.exposure.max_pain import max_pain
from engine.quant.indices.expected_move import between_sixteen_deltas, blend, of_straddle, one_deviation
from engine.quant.indices.variance import StripStatus, strip_variance
from engine.quant.risk.losses import losses
from engine.quant.risk.performance import deflated_sharpe, sharpe, sortino
from engine.quant.smiles.ssvi import raw_slices
from engine.quant.smiles.term import constant_maturity
from engine.quant.stochastic.heston import HestonParameters
from engine.quant.stochastic.heston import prices as heston_prices
from engine.quant.volatility.ewma import ewma_variances
from engine.quant.volatility.garch import fit_garch
from engine.quant.volatility.har import fit_har
from engine.quant.volatility.realized import close_to_close
from engine.quant.volatility.scores import diebold_mariano, score

WILD = (math.nan, math.inf, -math.inf, 0.0, -1.0, 1e308, -1e308, 5e-324)
COLUMN = np.array([1.0, *WILD, 2.0])
LONG = np.tile(np.concatenate([np.linspace(0.5, 2.0, 30), WILD]), 4)
CALM = np.ones(10)


@pytest.mark.parametrize(
    "call",
    [
        lambda: forward_variances(vols=COLUMN, years=np.arange(1.0, 11.0)),
        lambda: implied_cash(spots=COLUMN, forwards=COLUMN[::-1], discounts=COLUMN),
        lambda: currency_prices(coin_prices=COLUMN, forwards=COLUMN[::-1]),
        lambda: coin_prices(currency_prices=CALM, forwards=COLUMN),
        lambda: boxed(strikes=COLUMN, call_open_interest=COLUMN, put_open_interest=COLUMN[::-1], spot=100.0, grid=5.0),
        lambda: max_pain(strikes=np.arange(10.0), call_open_interest=COLUMN, put_open_interest=COLUMN[::-1]),
        lambda: raw_slices(thetas=COLUMN, rhos=COLUMN[::-1], etas=1.0, gammas=0.5),
        lambda: constant_maturity(years=np.abs(COLUMN), vols=COLUMN[::-1]),
        lambda: close_to_close(closes=COLUMN, window=2),
        lambda: ewma_variances(returns=LONG),
        lambda: score(forecasts=LONG, benchmarks=LONG[::-1], outcomes=np.roll(LONG, 3)),
        lambda: diebold_mariano(losses=LONG, benchmark_losses=LONG[::-1]),
        lambda: sharpe(LONG),
        lambda: sortino(LONG),
        lambda: deflated_sharpe(LONG, trials=5, trial_variance=0.1),
        lambda: losses(np.tile(LONG[~np.isnan(LONG)], 3), level=0.95),
    ],
)
def test_a_broken_number_leaves_no_warning(call: Callable[[], object]):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call()


@pytest.mark.parametrize("fit", [lambda column: fit_garch(returns=column), lambda column: fit_har(variances=column)])
@pytest.mark.parametrize("broken", [(math.inf, -math.inf), (1e308, 1e308), (math.nan, 0.1)])
def test_a_series_with_a_broken_number_is_refused_with_the_count(fit: Callable[[np.ndarray], object], broken: tuple[float, float]):
    series = np.abs(np.random.default_rng(0).standard_normal(400)) * 1e-3
    series[[5, 90]] = broken
    with pytest.raises(ValueError, match=r"of 400 .* missing"):
        fit(series)


@pytest.mark.parametrize("wrong", [*WILD])
@pytest.mark.parametrize("which", ["spot", "vol", "years"])
def test_an_expected_move_of_what_is_not_known_is_not_known(which: str, wrong: float):
    terms = {"spot": 100.0, "vol": 0.2, "years": 0.1, which: wrong}
    moves = [
        one_deviation(**terms),
        of_straddle(straddle=5.0, **terms),
        blend(straddle=5.0, strangle=3.0, wider_strangle=2.0, **terms),
        between_sixteen_deltas(put_strike=90.0, call_strike=110.0, **terms),
    ]
    assert all(math.isnan(found.coverage) or 0.0 <= found.coverage <= 1.0 for found in moves)
    if not wrong > 0.0:
        assert all(math.isnan(found.coverage) for found in moves)


@pytest.mark.parametrize("wrong", [*WILD, 50.0])
def test_a_strip_at_a_rate_or_time_that_cannot_be_meant_has_no_variance(wrong: float):
    strikes = np.arange(90.0, 111.0)
    side = {"call_bids": np.ones(21), "call_asks": np.full(21, 1.2), "put_bids": np.ones(21), "put_asks": np.full(21, 1.2)}
    assert strip_variance(strikes=strikes, years=wrong, rate=0.02, **side).status is not StripStatus.OK or 0.0 < wrong < 1e-300
    if wrong not in (0.0, -1.0, 5e-324):
        assert strip_variance(strikes=strikes, years=0.1, rate=wrong, **side).status is StripStatus.BAD_INPUT
    if wrong != 50.0:
        broken = np.where(strikes == 95.0, wrong, strikes)
        assert strip_variance(strikes=broken, years=0.1, rate=0.02, **side).status is StripStatus.BAD_INPUT
    asks = {**side, "put_asks": np.where(strikes == 95.0, wrong, 1.2)}
    assert strip_variance(strikes=strikes, years=0.1, rate=0.02, **asks).status is StripStatus.OK


def test_boxes_need_a_spot_and_a_grid():
    for spot, grid in ((0.0, 5.0), (100.0, 0.0), (math.nan, 5.0), (100.0, math.inf)):
        with pytest.raises(ValueError, match="both above zero"):
            boxed(strikes=CALM, call_open_interest=CALM, put_open_interest=CALM, spot=spot, grid=grid)


@pytest.mark.parametrize("which", ["spots", "strikes"])
def test_the_smallest_numbers_there_are_give_both_tiers_the_same_greeks(which: str, warm_kernels: None):
    terms = {"spots": 100.0, "strikes": 100.0, "years": [0.001, 0.1, 2.0], "vols": 0.3, "rights": 1.0, "rates": 0.03, "yields": 0.01}
    for tiny in (5e-324, 1e-310, 1e-300):
        terms[which] = tiny
        for function in (greeks, higher_greeks):
            found = []
            for tier in ("numpy", "numba"):
                with tiers.using(tier):
                    found.append(np.array(function(**terms)))
            np.testing.assert_array_equal(np.isnan(found[0]), np.isnan(found[1]))


def test_heston_of_a_variance_beyond_all_volatilities_is_a_number_and_no_refusal(tier: tiers.Tier):
    wild = HestonParameters(9.0, 0.1, 9.0, 1.0, -0.5)
    found = heston_prices(forwards=100.0, strikes=100.0, years=39.0, rights=1.0, parameters=wild)
    assert 90.0 < float(found) <= 100.0
