"""What no market sends and a broken feed does: endless, negative and unknown numbers give NaN or a clear refusal, never a warning."""

import math
import warnings
from collections.abc import Callable

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.american.values import prices as american_prices
from engine.quant.chain.segments import of_sizes
from engine.quant.curves.clock import forward_variances
from engine.quant.curves.dividends import implied_cash
from engine.quant.european.black import greeks, higher_greeks
from engine.quant.european.inverse import coin_prices, currency_prices
from engine.quant.exposure.boxes import boxed
from engine.quant.exposure.max_pain import max_pain
from engine.quant.indices.expected_move import between_sixteen_deltas, blend, of_straddle, one_deviation
from engine.quant.indices.variance import StripStatus, strip_variance
from engine.quant.risk.losses import Method, losses
from engine.quant.risk.performance import deflated_sharpe, sharpe, sortino
from engine.quant.smiles.arbitrage import calendars
from engine.quant.smiles.points import smile_points
from engine.quant.smiles.spline import fit_spline
from engine.quant.smiles.ssvi import raw_slices
from engine.quant.smiles.svi import RawSvi, fit_slices
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
        lambda: losses(np.tile(LONG[~np.isnan(LONG)], 3), method=Method.FULL, level=0.95),
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


@pytest.mark.parametrize("wrong", WILD)
@pytest.mark.parametrize("which", ["strikes", "vols", "forwards", "years"])
def test_smile_points_of_broken_quotes_leave_no_warning(which: str, wrong: float):
    columns = {"strikes": np.array([90.0, 100.0, 110.0]), "vols": np.full(3, 0.2), "forwards": np.array([100.0]), "years": np.array([0.1])}
    columns[which][0] = wrong
    assert smile_points(**columns, segments=of_sizes(np.array([3]))).atm.shape == (1,)


@pytest.mark.parametrize("wrong", WILD)
@pytest.mark.parametrize("which", ["log_moneyness", "vols", "weights", "years"])
def test_fits_to_broken_quotes_leave_no_warning(which: str, wrong: float):
    k = np.tile(np.linspace(-0.2, 0.2, 8), 2)
    terms = {"log_moneyness": k, "vols": 0.2 - 0.1 * k, "weights": np.ones(16), "years": np.array([0.5, 0.7])}
    terms[which] = terms[which].copy()
    terms[which][0] = wrong
    fit_slices(**terms, segments=of_sizes(np.array([8, 8])))
    if which != "years":
        fit_spline(**{**terms, "years": 0.5})


def test_a_slice_without_numbers_has_no_calendar_arbitrage_and_no_place_in_either_tier(warm_kernels: None):
    slices = RawSvi(np.array([0.01, np.nan, 0.02]), *(np.full(3, value) for value in (0.1, -0.3, 0.0, 0.1)))
    for tier in ("numpy", "numba"):
        with tiers.using(tier):
            found = calendars(slices=slices)
        np.testing.assert_array_equal(found.arbitrage, [False, False, False])
        assert np.isnan(found.falls[:2]).all()
        assert np.isnan(found.places[:2]).all()


@pytest.mark.parametrize("name", ["rates", "yields", "years"])
def test_a_carry_that_no_number_holds_has_no_american_price_in_either_tier(name: str, warm_kernels: None):
    terms = {
        "spots": 100.0,
        "strikes": 95.0,
        "years": [0.5, 0.5],
        "vols": 0.2,
        "rights": -1.0,
        "rates": [0.05, 0.05],
        "yields": [0.01, 0.01],
    }
    terms[name] = [terms[name][0], 1e150]
    for tier in ("numpy", "numba"):
        with tiers.using(tier):
            found = american_prices(**terms)
        assert found[0] > 0.0
        assert np.isnan(found[1])


@pytest.mark.parametrize("strike", [99.8, 99.9, 100.1, 100.2])
def test_no_heston_price_of_the_last_second_is_below_its_intrinsic_value(strike: float, tier: tiers.Tier):
    steep = HestonParameters(0.125, 1.0, 1.0, 0.5, 0.5)
    for right in (1.0, -1.0):
        found = float(heston_prices(forwards=100.0, strikes=strike, years=1 / 31_536_000, rights=right, parameters=steep))
        assert max(right * (100.0 - strike), 0.0) <= found <= max(right * (100.0 - strike), 0.0) + 2e-8
