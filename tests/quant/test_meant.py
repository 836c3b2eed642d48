"""Units that cannot be meant are refused with the one that is; a single odd row is not."""

import math

import numpy as np
import pytest

from engine.quant.european import bachelier, black, digital, inverse
from engine.quant.european.implied import implied_vols
from engine.quant.meant import require_fractions

TERMS = {"strikes": 100.0, "years": 0.5, "vols": 0.2, "rights": 1}


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
