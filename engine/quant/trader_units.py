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
dividend   price for 1.00 of yield         price for 1 % of yield     1/100
and borrow
rho
=========  ==============================  =========================  ======

Price, delta, gamma, speed, dual delta and probabilities are the same in both. All are per share of the underlying; all "a year" and "a
day" mean calendar time passing, so theta of a long option is negative. The normal model's volatility is in price units and has no points:
of its Greeks only time and rates are converted (:data:`NORMAL_FACTORS`). Coin-settled Greeks are in coins and converted like the others.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

Numbers = TypeVar("Numbers", bound=tuple[Any, ...])

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
        "dividend_rho": 1.0 / RATE_PERCENTS,
        "borrow_rho": 1.0 / RATE_PERCENTS,
    }
)
"""Trader units = model units times this."""
NORMAL_FACTORS: Final = MappingProxyType({**FACTORS, **dict.fromkeys(("vega", "vanna", "volga", "zomma", "ultima"), 1.0)})
"""The same where the volatility is a normal one, in price units."""
_SINGULAR: Final = MappingProxyType({"vegas": "vega", "probabilities_itm": "probability_itm"})


def singular(field: str) -> str:
    """The name of one number of a column.

    >>> singular("vegas"), singular("charms")
    ('vega', 'charm')
    """
    return _SINGULAR.get(field, field.removesuffix("s"))


def in_trader_units(numbers: Numbers, factors: Mapping[str, float] = FACTORS) -> Numbers:
    """Any named tuple of prices and Greeks, every column in trader units.

    >>> from engine.quant.european.black import greeks
    >>> found = in_trader_units(greeks(spots=100, strikes=100, years=1, vols=0.2, rights=1))
    >>> round(float(found.vegas), 4), round(float(found.thetas), 4)
    (0.397, -0.0109)
    """
    named: Any = numbers
    converted: Numbers = named._make(column * factors[singular(field)] for field, column in zip(named._fields, named, strict=True))
    return converted
