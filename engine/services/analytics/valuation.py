"""The calculator's answers: one option by its terms, an input of it solved for, and grids of its price, all off the loop."""

from math import isfinite, log, nan
from typing import Final

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.errors import BadInput
from engine.domain.instruments import Right, Style
from engine.kernel.offload import Offload
from engine.messages.valuation import (
    GetValuation,
    GetValuationMatrix,
    SolvedFrom,
    SoughtInput,
    TraderGreeks,
    Valuation,
    ValuationMatrix,
    ValuationTerms,
)
from engine.quant.american.exercise import boundaries
from engine.quant.arrays import Floats
from engine.quant.batch import contract_numbers
from engine.quant.contracts import ContractNumbers, Contracts
from engine.quant.european.black import higher_greeks
from engine.quant.models import MODELS
from engine.quant.smiles.density import probabilities_touch
from engine.quant.structures.probability import lognormal
from engine.quant.trader_units import DAYS_A_YEAR, FACTORS, in_trader_units
from engine.services.analytics.valuation_exercise import exercise_beside_dividends
from engine.services.analytics.valuation_search import found, prices_of
from engine.services.analytics.valuation_terms import FIELDS, check, contracts_of, is_certain, pays_cash

CURVE_POINTS: Final = 121
CURVE_POINTS_BY_TREES: Final = 41
"""Of an American option with cash dividends, each price of which takes two trees."""
CURVE_DEVIATIONS: Final = 3.2
LEAST_CURVE: Final = 0.1
"""Part of the underlying that the curve reaches to either side at least ..."""
MOST_CURVE: Final = 0.95
"""... and at most below it ..."""
WIDEST_CURVE: Final = 3.0
"""... and above it."""
MOST_CELLS: Final = 2_500
STRIKE_BUMP: Final = 1e-3
"""Part of the strike by which it is moved for the chance of ending in the money under cash dividends."""
YIELD_BUMP: Final = 1e-3
VOL_BUMP: Final = 0.005
"""Part of the volatility."""


class Calculator:
    """Prices what it is told, and knows nothing of a market."""

    def __init__(self, offload: Offload) -> None:
        self._offload = offload

    async def value(self, query: GetValuation) -> Valuation:
        """An option by its terms, the unknown one found."""
        return await self._offload.run(valued, query)

    async def matrix(self, query: GetValuationMatrix) -> ValuationMatrix:
        """Its price over two of its inputs."""
        return await self._offload.run(gridded, query)


def valued(query: GetValuation) -> Valuation:
    """The answer to one calculation; `BadInput` in a sentence where there is none."""
    terms, unknown = query.terms, query.unknown
    check(terms, unknown, query.solved_from)
    also: tuple[float, ...] = ()
    notes = [_late_dividends(terms)]
    if unknown is not SoughtInput.PRICE:
        answer = found(terms, unknown, query.solved_from)
        terms = replace(terms, **{FIELDS[unknown]: answer.value})
        also = answer.also
        notes.append(answer.note)
    contracts, vols = contracts_of(terms)
    numbers = contract_numbers(contracts=contracts, vols=vols)
    if is_certain(terms):
        numbers = _of_certainty(numbers)
        notes.append("without time or volatility its worth is certain, and its Greeks are not told")
    price = float(numbers.prices[0])
    if not isfinite(price):
        raise BadInput("the model gives no price for these inputs: look at the volatility and the time left")
    kept = terms.price if unknown is not SoughtInput.PRICE and query.solved_from is SolvedFrom.PRICE else price
    terms = replace(terms, price=kept, delta=float(numbers.deltas[0]))
    name, source = _model(terms)
    low, high, words = _exercise(terms, price)
    forward = _forward(terms)
    chance, touch = _chances(terms, forward)
    spots = _curve_spots(terms)
    return Valuation(
        terms=terms,
        unknown=unknown,
        also=also,
        note="; ".join(note for note in notes if note),
        greeks=_greeks(terms, contracts, numbers),
        forward=forward,
        european=float(prices_of(contracts._replace(american=np.zeros(1, dtype=np.bool_)), vols)[0]),
        intrinsic=float(_intrinsic(terms, np.array([terms.underlying]))[0]),
        breakeven=_breakeven(terms, price),
        probability_itm=chance,
        probability_touch=touch,
        exercise_low=low,
        exercise_high=high,
        exercise_words=words,
        model=name,
        source=source,
        probabilities="risk-neutral, lognormal at this volatility; touch of the strike by first passage",
        curve=floats(spots),
        today=floats(_priced(terms, underlying=spots)),
        at_expiry=floats(_intrinsic(terms, spots)),
    )


def gridded(query: GetValuationMatrix) -> ValuationMatrix:
    """Prices over the underlying and one more input."""
    terms = query.terms
    if not query.underlyings or bool(query.volatilities) == bool(query.days):
        raise BadInput("a matrix needs underlyings and either volatilities or days: name them")
    across = query.volatilities or query.days
    if len(query.underlyings) * len(across) > MOST_CELLS:
        raise BadInput(f"a matrix has at most {MOST_CELLS:,} cells: ask for fewer rows or columns")
    by_days = bool(query.days)
    axis = "days" if by_days else "volatility"
    check(replace(terms, underlying=query.underlyings[0], **{axis: across[0]}), SoughtInput.PRICE, SolvedFrom.PRICE)
    rows, columns = np.asarray(query.underlyings, float), np.asarray(across, float)
    if not (np.isfinite(rows).all() and (rows > 0.0).all() and np.isfinite(columns).all() and (columns >= 0.0).all()):
        raise BadInput("the axes of a matrix are known numbers: underlyings above 0, volatilities and days from 0 up")
    if by_days:
        parts = [_at_day(terms, rows, day) for day in columns.tolist()]
        prices = np.stack(parts, axis=1)
    else:
        grid = _priced(terms, underlying=np.repeat(rows, columns.size), volatility=np.tile(columns, rows.size))
        prices = grid.reshape(rows.size, columns.size)
    return ValuationMatrix(terms=terms, underlyings=floats(rows), columns=floats(columns), by_days=by_days, prices=floats(prices))


def _at_day(terms: ValuationTerms, underlyings: Floats, left: float) -> Floats:
    """Prices when so many days are left: dividends draw nearer with the days gone by, and those paid meanwhile are in the underlying."""
    gone = (terms.days or 0.0) - left
    moved = tuple(replace(one, days=one.days - gone) for one in terms.dividends)
    return _priced(replace(terms, days=left, dividends=moved), underlying=underlyings)


def _priced(terms: ValuationTerms, **moved: Floats) -> Floats:
    contracts, vols = contracts_of(terms, **moved)
    return prices_of(contracts, vols)


def _late_dividends(terms: ValuationTerms) -> str:
    late = [one for one in terms.dividends if terms.days is not None and not 0.0 < one.days <= terms.days]
    return f"{len(late)} of {len(terms.dividends)} dividends fall outside its life and do not count" if late else ""


def _sign(terms: ValuationTerms) -> float:
    return 1.0 if terms.right is Right.CALL else -1.0


def _carry(terms: ValuationTerms) -> tuple[float, float, float, float, float, float]:
    """Underlying, strike, years, rate, yield (the rate's on a forward) and volatility, all known by now."""
    rate = terms.rate or 0.0
    fall = rate if terms.on_forward else terms.dividend_yield or 0.0
    return terms.underlying or nan, terms.strike or nan, (terms.days or 0.0) / DAYS_A_YEAR, rate, fall, terms.volatility or 0.0


def _of_certainty(numbers: ContractNumbers) -> ContractNumbers:
    """Price and delta, where it has one, alone: the others are those of a payoff with a kink."""
    unknown = np.full_like(numbers.prices, nan)
    return ContractNumbers(*(unknown for _ in numbers))._replace(prices=numbers.prices, deltas=numbers.deltas)


def _forward(terms: ValuationTerms) -> float:
    """F = S e^((r-q)T) - sum of D e^((r-q)(T-t))."""
    spot, _, years, rate, fall, _ = _carry(terms)
    paid = sum(
        one.amount * np.exp((rate - fall) * (years - one.days / DAYS_A_YEAR))
        for one in terms.dividends
        if 0.0 < one.days <= (terms.days or 0.0)
    )
    return float(spot * np.exp((rate - fall) * years) - paid)


def _intrinsic(terms: ValuationTerms, spots: Floats) -> Floats:
    result: Floats = np.maximum(_sign(terms) * (spots - (terms.strike or nan)), 0.0)
    return result


def _breakeven(terms: ValuationTerms, price: float) -> float:
    level = (terms.strike or nan) + _sign(terms) * price
    return level if level > 0.0 else nan


def _greeks(terms: ValuationTerms, contracts: Contracts, numbers: ContractNumbers) -> TraderGreeks:
    traded = in_trader_units(numbers)
    american, cash = bool(contracts.american[0]), pays_cash(terms)
    if is_certain(terms) or (american and cash):
        ultima = nan  # two trees a price: what is left of their error in a third difference is as large as the figure
    elif american or cash:
        ultima = _ultima_by_difference(terms)
    else:
        spot, strike, years, rate, fall, vol = _carry(terms)
        higher = higher_greeks(spots=spot, strikes=strike, years=years, vols=vol, rights=_sign(terms), rates=rate, yields=fall)
        ultima = float(higher.ultimas) * FACTORS["ultima"]
    return TraderGreeks(
        delta=float(traded.deltas[0]),
        gamma=float(traded.gammas[0]),
        theta=float(traded.thetas[0]),
        vega=float(traded.vegas[0]),
        rho=float(traded.rhos[0]),
        dividend_rho=_dividend_rho(terms) if isfinite(traded.rhos[0]) else nan,
        vanna=float(traded.vannas[0]),
        volga=float(traded.volgas[0]),
        charm=float(traded.charms[0]),
        speed=float(traded.speeds[0]),
        zomma=float(traded.zommas[0]),
        color=float(traded.colors[0]),
        ultima=ultima,
    )


def _ultima_by_difference(terms: ValuationTerms) -> float:
    """The change of volga with volatility, by a little to either side."""
    vol = terms.volatility or nan
    step = VOL_BUMP * vol
    contracts, vols = contracts_of(terms, volatility=np.array([vol + step, vol - step]))
    up, down = contract_numbers(contracts=contracts, vols=vols).volgas
    return float((up - down) / (2.0 * step)) * FACTORS["ultima"]


def _dividend_rho(terms: ValuationTerms) -> float:
    """By the yield moved a tenth of a percent to either side; 0 beside a forward, which is held."""
    if terms.on_forward:
        return 0.0
    fall = terms.dividend_yield or 0.0
    up, down = _priced(terms, dividend_yield=np.array([fall + YIELD_BUMP, fall - YIELD_BUMP]))
    return float((up - down) / (2.0 * YIELD_BUMP)) * FACTORS["dividend_rho"]


def _chances(terms: ValuationTerms, forward: float) -> tuple[float, float]:
    """Of ending in the money, and of touching the strike."""
    spot, strike, years, rate, fall, vol = _carry(terms)
    if pays_cash(terms):
        low, high = _priced(replace(terms, style=Style.EUROPEAN), strike=strike * np.array([1.0 - STRIKE_BUMP, 1.0 + STRIKE_BUMP]))
        chance = float(np.clip(_sign(terms) * (low - high) / (2.0 * STRIKE_BUMP * strike) * np.exp(rate * years), 0.0, 1.0))
        fall = rate - log(forward / spot) / years if forward > 0.0 else nan
    else:
        below = float(lognormal(forward=forward, vol=vol, years=years)(np.array([strike]))[0])
        chance = 1.0 - below if terms.right is Right.CALL else below
    if vol <= 0.0 or years <= 0.0:
        return chance, nan
    touch = probabilities_touch(spots=spot, barriers=strike, years=years, vols=vol, rates=rate, yields=fall)
    return chance, float(touch)


def _exercise(terms: ValuationTerms, price: float) -> tuple[float, float, str]:
    """From which underlying to which it is to be exercised at once, and that in words."""
    if terms.style is Style.EUROPEAN:
        return nan, nan, "only at expiry"
    if is_certain(terms):
        return nan, nan, "not told without volatility or time"
    if pays_cash(terms):
        return nan, nan, exercise_beside_dividends(terms, price)
    spot, strike, years, rate, fall, vol = _carry(terms)
    ends = boundaries(strikes=strike, years=years, vols=vol, rights=_sign(terms), rates=rate, yields=fall)
    low, high = float(ends.lowers), float(ends.uppers)
    if (terms.right is Right.PUT and high <= 0.0) or (terms.right is Right.CALL and not isfinite(low)):
        return nan, nan, "never pays"
    return low, high, "now" if low <= spot <= high else "not now"


def _curve_spots(terms: ValuationTerms) -> Floats:
    """Some standard deviations about the underlying, and the strike with some room where it is within reach of them."""
    spot, strike, years, *_, vol = _carry(terms)
    wide = max(np.expm1(CURVE_DEVIATIONS * vol * np.sqrt(years)), LEAST_CURVE)
    low, high = spot * (1.0 - min(wide, MOST_CURVE)), spot * (1.0 + min(wide, WIDEST_CURVE))
    if spot * (1.0 - MOST_CURVE) < strike < spot * (1.0 + WIDEST_CURVE):
        room = LEAST_CURVE * spot / 2.0
        low, high = min(low, max(strike - room, spot * (1.0 - MOST_CURVE))), max(high, strike + room)
    count = CURVE_POINTS_BY_TREES if pays_cash(terms) and terms.style is Style.AMERICAN else CURVE_POINTS
    points = np.linspace(low, high, count)
    return np.unique(np.append(points, [spot, *([strike] if low < strike < high else [])]))


def _model(terms: ValuationTerms) -> tuple[str, str]:
    if pays_cash(terms):
        name = "American and European, cash dividends"
    elif terms.style is Style.AMERICAN:
        name = "American options"
    else:
        name = "Black-76" if terms.on_forward else "Black-Scholes-Merton"
    model = next(one for one in MODELS if one.name == name)
    said = {
        "American and European, cash dividends": f"{terms.style.value.capitalize()}, cash dividends (spot model)",
        "American options": "American, exercise boundary by collocation",
        "Black-76": "Black-76 on the forward",
    }
    return said.get(name, name), model.source
