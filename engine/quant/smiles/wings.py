"""Risk reversals and butterflies at a delta, by the formulas a desk would ask for.

    risk reversal    RR = σ(call) - σ(put)                       (equity "skew" is often quoted as put less call: the sign turns)
    smile butterfly  BF = (σ(call) + σ(put))/2 - σ(ATM)          so σ(call), σ(put) = σ(ATM) + BF ± RR/2
    market strangle  MS = σ_MS - σ(ATM)

σ(call) and σ(put) are the smile's volatilities at the strikes of that delta, each with its own volatility. σ_MS is the one volatility such
that the strangle struck by it (its call's and its put's delta at σ_MS) costs at σ_MS what it costs on the smile: the butterfly that
currency brokers quote. With a steep skew the two butterflies differ. D. Reiswich and U. Wystup, "FX volatility smile construction",
CPQF Working Paper 20, Frankfurt School (2010), on strangles and risk reversals; I. J.
Clark, "Foreign Exchange Option Pricing" (2011), section 3.5.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from engine.quant.arrays import Floats
from engine.quant.european.black import prices
from engine.quant.smiles.delta import AtmType, DeltaConvention, VolOfMoneyness, strikes_at_delta, strikes_at_the_money

SECANTS = 25
SETTLED = 1e-12


class Wings(NamedTuple):
    """Fractions a year and places in ln(K/F); NaN where the smile has no such strike."""

    atm_vols: Floats
    call_vols: Floats
    put_vols: Floats
    risk_reversals: Floats
    butterflies: Floats
    """The smile's: BF."""
    market_strangles: Floats
    """MS, less the volatility at the money."""
    atm_places: Floats
    call_places: Floats
    put_places: Floats


def wings(
    *,
    smile: VolOfMoneyness,
    years: ArrayLike,
    delta: float = 0.25,
    convention: DeltaConvention = DeltaConvention.FORWARD,
    atm: AtmType = AtmType.FORWARD,
    carries: ArrayLike = 1.0,
    spot_moneyness: ArrayLike = 0.0,
) -> Wings:
    """Of one smile, or of a column of them (``years`` then is a column, and the smile takes arrays with it as their last axis)."""
    if not 0.0 < delta < 1.0:
        message = f"delta must be a size between 0 and 1 (0.25 for 25 delta), not {delta:g}"
        raise ValueError(message)
    T = np.asarray(years, dtype=np.float64)
    money = strikes_at_the_money(atm=atm, smile=smile, years=T, convention=convention, spot_moneyness=spot_moneyness)
    call, put = (
        strikes_at_delta(targets=delta, rights=sign, smile=smile, years=T, convention=convention, carries=carries) for sign in (1.0, -1.0)
    )
    butterfly = 0.5 * (call.vols + put.vols) - money.vols
    strangle = _market_strangle(smile, T, delta, convention, carries, money.vols + butterfly)
    return Wings(
        money.vols,
        call.vols,
        put.vols,
        call.vols - put.vols,
        butterfly,
        strangle - money.vols,
        money.log_moneyness,
        call.log_moneyness,
        put.log_moneyness,
    )


def _flat(vol: Floats) -> VolOfMoneyness:
    """The smile that is one volatility."""
    return lambda k: np.broadcast_to(vol, np.shape(k))


def _market_strangle(
    smile: VolOfMoneyness, T: Floats, delta: float, convention: DeltaConvention, carries: ArrayLike, start: Floats
) -> Floats:
    """σ_MS by the secant method: strangle at one volatility less strangle on the smile is nothing."""

    def excess(vol: Floats) -> Floats:
        total = np.zeros(np.shape(vol))
        for sign in (1.0, -1.0):
            at = strikes_at_delta(targets=delta, rights=sign, smile=_flat(vol), years=T, convention=convention, carries=carries)
            own = np.asarray(smile(at.log_moneyness), dtype=np.float64)
            strikes = np.exp(at.log_moneyness)
            for each, side in ((vol, 1.0), (own, -1.0)):
                total = total + side * prices(forwards=1.0, strikes=strikes, years=T, vols=each, rights=sign)
        return total

    with np.errstate(all="ignore"):
        before, now = start * 0.99, start
        wrong_before, wrong = excess(before), excess(now)
        for _ in range(SECANTS):
            step = -wrong * (now - before) / (wrong - wrong_before)
            moving = np.isfinite(step) & (np.abs(step) > SETTLED)
            if not moving.any():
                break
            following = np.where(moving, np.clip(now + step, 0.5 * now, 2.0 * now), now)
            before, wrong_before, now = np.where(moving, now, before), np.where(moving, wrong, wrong_before), following
            wrong = np.where(moving, excess(now), wrong)
    return now
