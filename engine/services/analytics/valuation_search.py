"""Which value of one input gives an option this price or delta: the input is scanned, and each change of sign narrowed down."""

from collections.abc import Callable
from math import isfinite
from typing import Final, NamedTuple

import numpy as np

from engine.domain.chain import IvStatus
from engine.domain.errors import BadInput
from engine.domain.instruments import Right, Style
from engine.messages.valuation import SolvedFrom, SoughtInput, ValuationTerms
from engine.quant.american.cash import DividendSchedule, cash_prices, payments_of
from engine.quant.arrays import Floats
from engine.quant.batch import LAST_MORNING, contract_numbers, implied_contracts
from engine.quant.contracts import Contracts
from engine.services.analytics.valuation_terms import FIELDS, LEAST_VOL, NAMES, contracts_of

SCANNED: Final = 129
"""Values looked at first, and then again between the two that bracket the answer ..."""
NARROWED: Final = 17
CLOSE: Final = 1e-10
"""... until they are as close as this part of their size."""
MOST_PASSES: Final = 14
TURNS: Final = 3
"""Looks between the neighbours of a highest or lowest value, which may reach just as far as is wanted."""
MISS: Final = 1e-5
"""Of the strike, or in delta: an answer that misses by more stands beside a jump, which no value of the unknown gets over."""
MOST_ANSWERS: Final = 4
LONGEST_DAYS: Final = 3650.0
DELTA_BUMP: Final = 0.01
"""Part of the underlying by which it is moved for a rough delta, where each true one takes trees of its own ..."""
ROUGH: Final = 1e-4
"""... with which the answer is looked for to this part of its size ..."""
MOST_STEPS: Final = 8
"""... and then with the true one."""
Reached = Callable[[Floats], Floats]
"""What values of the unknown give, less what is wanted."""


class Found(NamedTuple):
    """The answer, and others that fit as well."""

    value: float
    also: tuple[float, ...]
    note: str = ""


def prices_of(contracts: Contracts, vols: Floats) -> Floats:
    """Prices alone, many times sooner than with all Greeks, and equal to those of :func:`engine.quant.batch.contract_numbers`."""
    if not contracts.american.any() and not contracts.dividends.rows.size:
        return contract_numbers(contracts=contracts, vols=vols).prices
    owners, times, amounts = contracts.dividends
    ends = contracts.years[owners]
    times = np.where(times == ends, ends * (1.0 - LAST_MORNING), times)
    yields = np.where(contracts.on_forward, contracts.rates, contracts.yields)
    rows = np.stack([contracts.underlyings, contracts.strikes, contracts.years, vols, contracts.rates, yields, contracts.rights])
    payments = payments_of(DividendSchedule(times, amounts, owners), rows)
    return cash_prices(rows, payments, "auto", early=bool(contracts.american.all()))


def found(terms: ValuationTerms, unknown: SoughtInput, solved_from: SolvedFrom) -> Found:
    """The value of the unknown; `BadInput` with what can be reached where nothing fits."""
    if unknown is SoughtInput.VOLATILITY and solved_from is SolvedFrom.PRICE:
        return _implied(terms)
    wanted = terms.price if solved_from is SolvedFrom.PRICE else terms.delta
    assert wanted is not None  # checked before
    exact = _missed(terms, unknown, solved_from, wanted)
    by_trees = solved_from is SolvedFrom.DELTA and terms.style is Style.AMERICAN and bool(terms.dividends)
    missed = _roughly_missed(terms, unknown, wanted) if by_trees else exact
    values = _scan(terms, unknown)
    misses = missed(values)
    answers, jumps = [], []
    for low, high in _brackets(missed, values, misses)[:MOST_ANSWERS]:
        answer = _narrowed(missed, low, high, ROUGH if by_trees else CLOSE)
        answer = _polished(exact, answer) if by_trees else answer
        if _is_hit(terms, unknown, solved_from, answer, float(exact(np.array([answer]))[0])):
            answers.append(answer)
        else:
            jumps.append(_written(unknown, answer))
    if jumps and not answers:
        raise BadInput(f"no {NAMES[unknown]} gives a {solved_from.value} of {wanted:g}: it jumps over it at {' and '.join(jumps)}")
    if not answers:
        known = np.isfinite(misses)
        raise BadInput(_out_of_reach(unknown, solved_from, wanted, values[known], misses[known] + wanted))
    guess = getattr(terms, FIELDS[unknown])
    near = guess if guess is not None and isfinite(guess) else answers[0]
    first, *others = sorted(answers, key=lambda answer: abs(answer - near))
    said = " and ".join(_written(unknown, one) for one in others)
    return Found(first, tuple(others), f"{said} {'fits' if len(others) == 1 else 'fit'} as well" if others else "")


def _is_hit(terms: ValuationTerms, unknown: SoughtInput, solved_from: SolvedFrom, answer: float, miss: float) -> bool:
    size = 1.0
    if solved_from is SolvedFrom.PRICE:
        size = answer if unknown is SoughtInput.STRIKE else terms.strike or 1.0
    return abs(miss) <= MISS * size


def _missed(terms: ValuationTerms, unknown: SoughtInput, solved_from: SolvedFrom, wanted: float) -> Reached:
    def missed(values: Floats) -> Floats:
        contracts, vols = contracts_of(terms, **{FIELDS[unknown]: values})
        if solved_from is SolvedFrom.PRICE:
            return prices_of(contracts, vols) - wanted
        return contract_numbers(contracts=contracts, vols=vols).deltas - wanted

    return missed


def _roughly_missed(terms: ValuationTerms, unknown: SoughtInput, wanted: float) -> Reached:
    """By deltas that are differences of prices."""

    def missed(values: Floats) -> Floats:
        contracts, vols = contracts_of(terms, **{FIELDS[unknown]: values})
        spots = contracts.underlyings
        up, down = (prices_of(contracts._replace(underlyings=spots * (1.0 + bump)), vols) for bump in (DELTA_BUMP, -DELTA_BUMP))
        result: Floats = (up - down) / (2.0 * DELTA_BUMP * spots) - wanted
        return result

    return missed


def _brackets(missed: Reached, values: Floats, misses: Floats) -> list[tuple[float, float]]:
    """Neighbours between which the wanted is crossed, or was crossed and left again unseen."""
    found = _crossings(values, misses)
    inner, left, right = misses[1:-1], misses[:-2], misses[2:]
    with np.errstate(invalid="ignore"):
        same_side = (np.sign(left) == np.sign(inner)) & (np.sign(right) == np.sign(inner))
        turns = same_side & (np.abs(inner) < np.abs(left)) & (np.abs(inner) < np.abs(right))
    for place in np.flatnonzero(turns).tolist():
        low, high = float(values[place]), float(values[place + 2])
        for _ in range(TURNS):
            closer = np.linspace(low, high, NARROWED)
            there = missed(closer)
            crossed = _crossings(closer, there)
            if crossed:
                found += crossed
                break
            nearest = min(max(int(np.nanargmin(np.abs(there))), 1), NARROWED - 2)
            low, high = float(closer[nearest - 1]), float(closer[nearest + 1])
    return sorted(found)


def _crossings(values: Floats, misses: Floats) -> list[tuple[float, float]]:
    signs, known = misses >= 0.0, np.isfinite(misses)
    at = np.flatnonzero((signs[1:] != signs[:-1]) & known[1:] & known[:-1])
    return [(float(values[place]), float(values[place + 1])) for place in at.tolist()]


def _scan(terms: ValuationTerms, unknown: SoughtInput) -> Floats:
    """Where the answer is looked for: everything a trader could mean."""
    count = SCANNED
    if unknown is SoughtInput.UNDERLYING:
        return np.geomspace(1e-3, 50.0, count) * (terms.strike or 1.0)
    if unknown is SoughtInput.STRIKE:
        return np.geomspace(1e-3, 50.0, count) * (terms.underlying or 1.0)
    if unknown is SoughtInput.DAYS:
        return np.linspace(1e-3, np.sqrt(LONGEST_DAYS), count) ** 2
    if unknown is SoughtInput.VOLATILITY:
        return np.geomspace(1e-3, 10.0, count)
    return np.linspace(-0.5, 1.0, count)


def _narrowed(missed: Reached, low: float, high: float, close: float) -> float:
    """The crossing between two values, by ever finer rows of them and straight at last."""
    for _ in range(MOST_PASSES):
        values = np.linspace(low, high, NARROWED)
        misses = missed(values)
        crossed = np.flatnonzero((misses[1:] >= 0.0) != (misses[:-1] >= 0.0))
        if not crossed.size:
            break
        place = int(crossed[0])
        low, high = float(values[place]), float(values[place + 1])
        if high - low <= close * max(abs(low), abs(high), 1e-6):
            return low + float(misses[place] / (misses[place] - misses[place + 1])) * (high - low)
    return 0.5 * (low + high)


def _polished(exact: Reached, start: float) -> float:
    """By secants from a value that is nearly right, which it leaves by no more than a few parts of its size."""
    before, here = start, start + ROUGH * max(abs(start), 1e-3)
    miss_before = float(exact(np.array([before]))[0])
    for _ in range(MOST_STEPS):
        miss = float(exact(np.array([here]))[0])
        slope = miss - miss_before
        if slope == 0.0 or not isfinite(slope):
            break
        step = miss * (here - before) / slope
        if abs(step) > 0.2 * max(abs(start), 1e-3):
            break
        before, miss_before, here = here, miss, here - step
        if abs(step) <= CLOSE * max(abs(here), 1e-6):
            break
    return here


def _out_of_reach(unknown: SoughtInput, solved_from: SolvedFrom, wanted: float, values: Floats, reached: Floats) -> str:
    what = solved_from.value
    if not values.size:
        return f"no {NAMES[unknown]} gives it a {what}: look at the other inputs"
    low, high = float(reached.min()), float(reached.max())
    ends = (_written(unknown, float(values[0])), _written(unknown, float(values[-1])))
    return f"no {NAMES[unknown]} from {ends[0]} to {ends[1]} gives a {what} of {wanted:g}: it lies between {low:.6g} and {high:.6g} there"


def _written(unknown: SoughtInput, value: float) -> str:
    if unknown in (SoughtInput.RATE, SoughtInput.YIELD, SoughtInput.VOLATILITY):
        return f"{value * 100:g} %"
    return f"{value:.4g} days" if unknown is SoughtInput.DAYS else f"{value:.6g}"


def _implied(terms: ValuationTerms) -> Found:
    """The volatility of a price, by the inversion of the chain."""
    price = terms.price
    assert price is not None  # checked before
    if not terms.days:
        raise BadInput("with no time left no volatility can be told: the price is the intrinsic value")
    contracts, _ = contracts_of(terms, volatility=0.3)
    answer = implied_contracts(contracts=contracts, prices=np.array([price]))
    status, vol = IvStatus(int(answer.statuses[0])), float(answer.vols[0])
    if status is IvStatus.NO_TIME_VALUE:
        least = float(prices_of(contracts, np.array([LEAST_VOL]))[0])
        raise BadInput(
            f"no volatility gives a price of {price:g}: without any it is worth {least:.6g} already, so the price must be above that"
        )
    if status is IvStatus.ABOVE_BOUND:
        bound = "the underlying" if terms.right is Right.CALL else "the strike"
        raise BadInput(
            f"no volatility gives a price of {price:g}: a {terms.right.name.lower()} is never worth more than {bound}, discounted"
        )
    if not isfinite(vol):
        raise BadInput(f"no volatility can be told from a price of {price:g} with these inputs")
    doubt = "the volatility is ill-conditioned: a rounding of the price moves it by more than 0.01 points"
    return Found(vol, (), doubt if status is IvStatus.ILL_CONDITIONED else "")
