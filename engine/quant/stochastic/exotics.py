"""Barriers and one-touches, by QuantLib and not by us: an optional extra, since a home-made exotic is wrong in the corner one meets.

QuantLib's engines are analytic (Reiner and Rubinstein (1991), in E. G. Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed.
(2007), p. 152), in Black-Scholes-Merton with constant parameters and continuous watching. One contract a call. QuantLib counts in whole
days: rates and variance are stretched so that the time is met to the second. Its evaluation date is one for the process, so calls must not
run side by side. Without the extra installed every function raises :class:`ExoticsUnavailableError`.
"""

import math
from types import ModuleType
from typing import Any, Literal

Barrier = Literal["downin", "downout", "upin", "upout"]
DAYS = 365.0


class ExoticsUnavailableError(RuntimeError):
    """QuantLib is not installed."""


def barrier_price(
    *,
    spot: float,
    strike: float,
    barrier: float,
    kind: Barrier,
    years: float,
    vol: float,
    right: float,
    rate: float = 0.0,
    dividend: float = 0.0,
    rebate: float = 0.0,
) -> float:
    """A European barrier option; the rebate is paid at the hit (out) or at expiry (in). A barrier hit already gives what is left of it.

    ValueError for terms that are no contract: prices, time and volatility must be above 0, the barrier on its side of the spot or hit.
    """
    library = _library()
    of = library.Barrier
    kinds = {"downin": of.DownIn, "downout": of.DownOut, "upin": of.UpIn, "upout": of.UpOut}
    if kind not in kinds:
        message = f"there is no barrier {kind!r}: choose downin, downout, upin or upout"
        raise ValueError(message)
    _checked(spot=spot, strike=strike, barrier=barrier, years=years, vol=vol, right=right)
    process = _process(library, spot, years, vol, rate, dividend)
    payoff = library.PlainVanillaPayoff(_side(library, right), strike)
    exercise = library.EuropeanExercise(_expiry(library, years))
    if (spot <= barrier) if kind.startswith("down") else (spot >= barrier):
        return _after_the_hit(library, process, payoff, exercise, knocked_in=kind.endswith("in"), rebate=rebate)
    option = library.BarrierOption(kinds[kind], barrier, rebate, payoff, exercise)
    option.setPricingEngine(library.AnalyticBarrierEngine(process))
    return _value(library, option)


def touch_price(
    *,
    spot: float,
    barrier: float,
    years: float,
    vol: float,
    rate: float = 0.0,
    dividend: float = 0.0,
    cash: float = 1.0,
    at_expiry: bool = False,
) -> float:
    """What a one-touch is worth that pays ``cash`` if the price meets the barrier, at the hit or at expiry."""
    library = _library()
    _checked(spot=spot, strike=barrier, barrier=barrier, years=years, vol=vol, right=1.0)
    process = _process(library, spot, years, vol, rate, dividend)
    if spot == barrier:
        return cash * (math.exp(-rate * years) if at_expiry else 1.0)
    payoff = library.CashOrNothingPayoff(library.Option.Call if barrier > spot else library.Option.Put, barrier, cash)
    option = library.VanillaOption(payoff, library.AmericanExercise(_today(library), _expiry(library, years), at_expiry))
    option.setPricingEngine(library.AnalyticDigitalAmericanEngine(process))
    return _value(library, option)


def _library() -> ModuleType:
    try:
        import QuantLib
    except ImportError as error:
        message = f"barriers and touches are priced by QuantLib, which is not installed ({error}): pip install 'optix[exotics]'"
        raise ExoticsUnavailableError(message) from error
    library: ModuleType = QuantLib
    return library


def _checked(*, right: float, **positive: float) -> None:
    for name, value in positive.items():
        if not 0.0 < value < 1e12:
            message = f"{name} is {value:g}: give a number above 0"
            raise ValueError(message)
    if positive["vol"] > 10.0:
        message = f"a volatility of {positive['vol']:g} cannot be meant: give 0.2 for 20 %"
        raise ValueError(message)
    if right not in {1.0, -1.0}:
        message = f"right is {right:g}: +1 is a call, -1 a put"
        raise ValueError(message)


def _today(library: ModuleType) -> Any:
    """A fixed day: only distances count."""
    return library.Date(1, 1, 2020)


def _expiry(library: ModuleType, years: float) -> Any:
    return _today(library) + max(round(years * DAYS), 1)


def _side(library: ModuleType, right: float) -> Any:
    return library.Option.Call if right > 0.0 else library.Option.Put


def _process(library: ModuleType, spot: float, years: float, vol: float, rate: float, dividend: float) -> Any:
    """Black-Scholes-Merton whose rates and variance over the rounded days are those of the exact time."""
    library.Settings.instance().evaluationDate = _today(library)
    count = library.Actual365Fixed()
    stretch = years * DAYS / max(round(years * DAYS), 1)
    handle = library.YieldTermStructureHandle
    flat = [handle(library.FlatForward(_today(library), value * stretch, count)) for value in (dividend, rate)]
    variance = library.BlackConstantVol(_today(library), library.NullCalendar(), vol * stretch**0.5, count)
    quote = library.QuoteHandle(library.SimpleQuote(spot))
    return library.BlackScholesMertonProcess(quote, *flat, library.BlackVolTermStructureHandle(variance))


def _after_the_hit(library: ModuleType, process: Any, payoff: Any, exercise: Any, *, knocked_in: bool, rebate: float) -> float:
    if not knocked_in:
        return rebate
    option = library.VanillaOption(payoff, exercise)
    option.setPricingEngine(library.AnalyticEuropeanEngine(process))
    return _value(library, option)


def _value(library: ModuleType, option: Any) -> float:
    """The price; QuantLib's refusal as a ValueError with its own words."""
    try:
        return float(option.NPV())
    except RuntimeError as error:
        message = f"QuantLib {library.__version__} refuses these terms: {error}"
        raise ValueError(message) from error
