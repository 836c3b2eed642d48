"""What makes a name of the simulated market: its surface, how it is dealt in, strikes, jumps, dividends and results."""

from msgspec import Struct

from engine.domain.ids import Symbol


class Dividends(Struct, frozen=True, kw_only=True):
    """A cash dividend each quarter: the months and the day about which a share goes ex, and the amount."""

    months: tuple[int, int, int, int]
    day: int
    amount: float


class Earnings(Struct, frozen=True, kw_only=True):
    """Quarterly results: months and day about which they come, before the open or after the close, and one deviation of the move."""

    months: tuple[int, int, int, int]
    day: int
    before_open: bool
    move: float


class Surface(Struct, frozen=True, kw_only=True):
    """An SSVI surface with phi(theta) = eta * theta^-gamma * (1 + theta)^(gamma - 1) and the curve of forward variance under it."""

    near: float
    """Median volatility of the nearest days, a fraction a year."""
    far: float
    """Median volatility in the long run."""
    pull: float = 1.2
    """How fast the median curve goes from near to far, a year."""
    rho: float
    eta: float
    gamma: float = 0.5
    fast: float
    """Stationary deviation of the fast factor of log variance."""
    slow: float
    """Stationary deviation of the slow factor of log variance."""
    spot_volatility: float
    """Correlation between moves of the price and of its variance."""


class Dealing(Struct, frozen=True, kw_only=True):
    """How liquid a name is."""

    spread: float
    """Width of option markets: 1 is SPY's."""
    size: float
    """Contracts at the best price of the busiest strikes."""
    prints: float
    """Option prints a second, averaged over the session."""
    lot: float
    """Median size of an option print."""
    open_interest: float
    """Contracts open in the whole name."""
    ticks_wide: int
    """Spread of the underlying in price steps."""
    shares: float
    """Units of the underlying a session; 0 for an index."""
    share_prints: float
    """Prints of the underlying a second."""


class Ladder(Struct, frozen=True, kw_only=True):
    """Which strikes are listed."""

    step: float
    """Distance next to the money in the nearest expiries."""
    widest: float = 0.5
    """The ladder ends at this distance in log-moneyness."""


class Jumps(Struct, frozen=True, kw_only=True):
    """Jumps of the price that are the name's own."""

    rate: float
    """A year."""
    mean: float
    deviation: float


class Name(Struct, frozen=True, kw_only=True):
    """One underlying of the simulated market."""

    symbol: Symbol
    price: float
    """About where the last close before the start stands."""
    roots: tuple[str, ...]
    surface: Surface
    dealing: Dealing
    ladder: Ladder
    jumps: Jumps = Jumps(rate=0.0, mean=0.0, deviation=0.0)
    market: float
    """Correlation of its returns with the market's."""
    market_jump: float = 1.0
    """How much of a jump of the market it takes part in."""
    dividend_yield: float = 0.0
    """Continuous, of an index."""
    basis: float = 0.0
    """Carry of a coin's futures, continuous."""
    dividends: Dividends | None = None
    earnings: Earnings | None = None
    follows: Symbol | None = None
    """It has no price path of its own but that of another name."""
    ratio: float = 1.0
    """Its price as a share of that name's."""
    sector: str = ""

    @property
    def is_coin(self) -> bool:
        """Trades at all hours, options are inverse."""
        return self.symbol in {"BTC", "ETH"}

    @property
    def is_index(self) -> bool:
        """Quoted, not traded."""
        return self.symbol in {"SPX", "VIX"}
