"""Units that cannot be meant are refused with the one that is; a single odd row is not."""

import math

import numpy as np
import pytest

from engine.quant.curves.clock import event_variance, forward_variances, without_events
from engine.quant.curves.discount import from_zero_rates
from engine.quant.curves.dividends import forwards, implied_borrows, implied_yields
from engine.quant.curves.parity import parity_fit
from engine.quant.european import bachelier, black, digital, inverse
from engine.quant.european.implied import implied_vols
from engine.quant.meant import require_fractions
from engine.quant.risk.book import book
from engine.quant.stochastic import heston, merton
from engine.quant.stochastic.heston import HestonParameters
from engine.quant.stochastic.heston_fit import fit_heston
from engine.quant.stochastic.merton import MertonParameters
from engine.quant.structures.legs import Kind, legs

TERMS = {"strikes": 100.0, "years": 0.5, "vols": 0.2, "rights": 1}
FLAT = from_zero_rates(years=1.0, zero_rates=0.04, source="a test")
STOCHASTIC = {"forwards": 100.0, "strikes": 100.0, "years": 90.0, "rights": 1}
HESTON, MERTON = HestonParameters(0.04, 1.5, 0.05, 0.6, -0.7), MertonParameters(0.2, 1.0, -0.1, 0.1)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"vols": 20.0}, "write 20 % as 0.2"),
        ({"vols": [18.0, math.nan, 25.0]}, "write 18 % as 0.18"),
        ({"rates": 5.0}, "write 5 % as 0.05"),
        ({"rates": -5.0}, "rates from 5 up"),
        ({"yields": [3.0, 2.5]}, "write 2.5 % as 0.025"),
        ({"years": [45.0, 90.0]}, "write 45 days as 0.123288"),
    ],
)
def test_a_column_in_percent_or_days_is_refused_with_what_to_write(wrong: dict[str, object], said: str):
    for model in (black.greeks, black.higher_greeks, digital.cash_greeks, digital.asset_greeks):
        with pytest.raises(ValueError, match=said):
            model(spots=100.0, **{**TERMS, **wrong})


@pytest.mark.parametrize(
    "door",
    [
        lambda: black.prices(forwards=100.0, **{**TERMS, "vols": 20.0}),
        lambda: inverse.greeks(forwards=100.0, **{**TERMS, "vols": 20.0}),
        lambda: black.futures_greeks(forwards=100.0, **TERMS, rates=5.0),
        lambda: bachelier.prices(forwards=100.0, **{**TERMS, "years": 90.0}),
        lambda: implied_vols(prices=5.0, forwards=100.0, strikes=100.0, years=90.0, rights=1),
        lambda: forward_variances(vols=[20.0, 22.0], years=[0.1, 0.2]),
        lambda: event_variance(before=(20.0, 0.02), after=(25.0, 0.1), ordinary_vol=20.0),
        lambda: without_events(vols=20.0, years=0.5, event_variances=0.0),
        lambda: from_zero_rates(years=[1.0, 2.0], zero_rates=[4.0, 4.5], source="a test"),
        lambda: forwards(spot=100.0, years=1.0, curve=FLAT, dividend_yield=3.0),
        lambda: implied_yields(spots=100.0, forwards=101.0, discounts=0.97, years=180.0),
        lambda: implied_borrows(spot=100.0, forwards=101.0, years=180.0, curve=FLAT),
        lambda: parity_fit(strikes=[90, 100], bid=[[11, 4], [1, 4]], ask=[[12, 5], [2, 5]], years=90.0),
        lambda: heston.prices(**STOCHASTIC, parameters=HESTON),
        lambda: heston.greeks(spots=100.0, strikes=100.0, years=0.5, rights=1, parameters=HESTON, rates=5.0),
        lambda: heston.smile(forwards=100.0, strikes=100.0, years=90.0, parameters=HESTON),
        lambda: merton.prices(**STOCHASTIC, parameters=MERTON),
        lambda: merton.prices(**{**STOCHASTIC, "years": 0.5}, parameters=MERTON._replace(vol=20.0)),
        lambda: fit_heston(forwards=100.0, strikes=np.linspace(80, 120, 9), years=30.0, vols=np.linspace(22.0, 18.0, 9)),
        lambda: book(strikes=100.0, years=0.5, vols=20.0, rights=1, units=1),
        lambda: legs(kinds=[Kind.CALL], quantities=1, strikes=100.0, years=0.5, vols=20.0),
    ],
)
def test_every_door_asks(door):
    with pytest.raises(ValueError, match=r"write .* as"):
        door()


def test_one_odd_row_does_not_stop_a_batch():
    found = black.greeks(
        spots=100.0, strikes=100.0, years=[0.5, 90.0, math.nan], vols=[0.2, 20.0, math.nan], rates=[0.05, 5.0, 0.0], rights=1
    )
    assert np.isfinite(found.prices).tolist() == [True, True, False]


def test_the_last_hours_may_be_quoted_at_more_than_1000_percent():
    hour = 1 / 365 / 24
    assert float(black.greeks(spots=100.0, strikes=100.0, years=hour, vols=14.0, rights=1).prices) > 0.0
    with pytest.raises(ValueError, match="write 20 % as"):
        black.greeks(spots=100.0, strikes=100.0, years=[hour, 1 / 365], vols=20.0, rights=1)


def test_the_whole_domain_and_nothing_at_all_are_accepted():
    require_fractions(vols=[10.0, 0.001], rates=[-0.05, 1.0], yields=1.0, years=[30.0, 1e-9])
    require_fractions(vols=[], rates=math.nan, years=math.inf)
