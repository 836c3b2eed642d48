"""The option calculator: one option priced by terms of one's own, any input solved from the price or the delta, and grids of its price."""

from enum import StrEnum

from msgspec import Struct

from engine.domain.columns import Floats
from engine.domain.instruments import Right, Style
from engine.messages.base import Query


class SoughtInput(StrEnum):
    """The one number that is looked for; all others are given."""

    PRICE = "price"
    VOLATILITY = "volatility"
    UNDERLYING = "underlying"
    STRIKE = "strike"
    DAYS = "days"
    RATE = "rate"
    YIELD = "yield"


class SolvedFrom(StrEnum):
    """What the unknown number has to bring about."""

    PRICE = "price"
    DELTA = "delta"


class CashDividend(Struct, frozen=True, kw_only=True):
    """An amount a share, by its ex-date."""

    days: float
    """Calendar days from now."""
    amount: float


class ValuationTerms(Struct, frozen=True, kw_only=True):
    """All that is said of an option; what is None is looked for or not needed."""

    right: Right = Right.CALL
    style: Style = Style.EUROPEAN
    on_forward: bool = False
    """The underlying is the forward or future of the expiry; the yield plays no part then."""
    underlying: float | None = None
    strike: float | None = None
    days: float | None = None
    """Calendar days left, ACT/365."""
    rate: float | None = 0.0
    """Continuous, a fraction a year; below zero is meant as it stands."""
    dividend_yield: float | None = 0.0
    """Dividend yield and borrow, continuous, a fraction a year."""
    dividends: tuple[CashDividend, ...] = ()
    """The share itself falls by the amount on its ex-date."""
    volatility: float | None = None
    """A fraction a year."""
    price: float | None = None
    """Per unit of the underlying."""
    delta: float | None = None
    multiplier: float = 100.0
    """Units of the underlying a contract."""


class TraderGreeks(Struct, frozen=True, kw_only=True):
    """To third order, per unit of the underlying, in trader units; NaN where the model does not tell one."""

    delta: float
    gamma: float
    """Delta a unit of the underlying."""
    theta: float
    """Price a calendar day."""
    vega: float
    """Price a vol point."""
    rho: float
    """Price 1 % of rate."""
    dividend_rho: float
    """Price 1 % of yield."""
    vanna: float
    """Delta a vol point."""
    volga: float
    """Vega a vol point."""
    charm: float
    """Delta a calendar day."""
    speed: float
    """Gamma a unit of the underlying."""
    zomma: float
    """Gamma a vol point."""
    color: float
    """Gamma a calendar day."""
    ultima: float
    """Volga a vol point."""


class Valuation(Struct, frozen=True, kw_only=True):
    """An option by its terms. NaN is "unknown"."""

    terms: ValuationTerms
    """Complete: the unknown, and the price and the delta, are in it."""
    unknown: SoughtInput
    also: tuple[float, ...]
    """Other values of the unknown that fit as well."""
    note: str
    """What is odd about the answer, in words; "" where nothing is."""
    greeks: TraderGreeks
    forward: float
    """After cash dividends."""
    european: float
    """The price without the right to exercise early."""
    intrinsic: float
    """What exercise would bring at once, never below 0."""
    breakeven: float
    """The underlying at expiry at which the price is won back."""
    probability_itm: float
    probability_touch: float
    """That the underlying touches the strike before expiry."""
    exercise_low: float
    """Exercise at once from here ..."""
    exercise_high: float
    """... to here; NaN where it never pays or is not told."""
    exercise_words: str
    """When exercise pays: in short, and behind a colon why."""
    model: str
    source: str
    """Where the model is from, with the page."""
    probabilities: str
    """The model behind the two probabilities."""
    curve: Floats
    """Underlyings that rise."""
    today: Floats
    """The price at each of them now ..."""
    at_expiry: Floats
    """... and at the end."""


class GetValuation(Query[Valuation], frozen=True):
    """What is this option worth, or which volatility, strike, spot, time, rate or yield gives it this price or delta?"""

    terms: ValuationTerms
    unknown: SoughtInput = SoughtInput.PRICE
    solved_from: SolvedFrom = SolvedFrom.PRICE


class ValuationMatrix(Struct, frozen=True, kw_only=True):
    """Prices of one option over two of its inputs; NaN where one has none."""

    terms: ValuationTerms
    underlyings: Floats
    """One a row."""
    columns: Floats
    """Volatilities, or calendar days left."""
    by_days: bool
    prices: Floats
    """(underlyings, columns)."""


class GetValuationMatrix(Query[ValuationMatrix], frozen=True):
    """What is it worth at these underlyings with these volatilities, or with so many days left? One of the two is named."""

    terms: ValuationTerms
    """Complete but for what the two axes say."""
    underlyings: tuple[float, ...]
    volatilities: tuple[float, ...] = ()
    days: tuple[float, ...] = ()
