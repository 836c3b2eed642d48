"""Model units and trader units, the one place where they meet.

=========  ==============================  =========================  ======
quantity   model unit                      trader unit                factor
=========  ==============================  =========================  ======
theta      price a year                    price a calendar day       1/365
vega       price for 1.00 of volatility    price for one vol point    1/100
rho        price for 1.00 of rate          price for 1 % of rate      1/100
vanna      delta for 1.00 of volatility    delta for one vol point    1/100
volga      vega for 1.00 of volatility     vega (trader's) for one    1/10000
                                           vol point
charm      delta a year                    delta a calendar day       1/365
color      gamma a year                    gamma a calendar day       1/365
zomma      gamma for 1.00 of volatility    gamma for one vol point    1/100
ultima     volga for 1.00 of volatility    volga (trader's) for one   1/1000000
                                           vol point
=========  ==============================  =========================  ======

Price, delta, gamma, speed, dual delta and probabilities are the same in both. All are per share of the underlying; all "a year" and "a
day" mean calendar time passing, so theta of a long option is negative.
"""

from types import MappingProxyType
from typing import Final

DAYS_A_YEAR: Final = 365.0
VOL_POINTS: Final = 100.0
"""In 1.00 of volatility."""
RATE_PERCENTS: Final = 100.0
"""In 1.00 of rate."""

FACTORS: Final = MappingProxyType(
    {
        "price": 1.0,
        "delta": 1.0,
        "gamma": 1.0,
        "vega": 1.0 / VOL_POINTS,
        "theta": 1.0 / DAYS_A_YEAR,
        "rho": 1.0 / RATE_PERCENTS,
        "vanna": 1.0 / VOL_POINTS,
        "volga": 1.0 / VOL_POINTS**2,
        "charm": 1.0 / DAYS_A_YEAR,
        "probability_itm": 1.0,
        "dual_delta": 1.0,
        "speed": 1.0,
        "zomma": 1.0 / VOL_POINTS,
        "color": 1.0 / DAYS_A_YEAR,
        "ultima": 1.0 / VOL_POINTS**3,
    }
)
"""Trader units = model units times this."""
