"""Where a name stands in a coordinate just now, from what is held in memory: its surface, its closes, its chain."""

import numpy as np

from engine.domain.calendar import session_date
from engine.domain.columns import Floats
from engine.domain.ids import Symbol
from engine.domain.instants import DAY_NS, MINUTE_NS
from engine.domain.instruments import AssetKind, SessionName
from engine.domain.measures import Measure, MeasureKind, spelling
from engine.domain.volatility import Maturities, MaturityFlag, SurfaceModel, VolatilitySurface
from engine.quant.volatility.autoregressive import LEAST, WINDOW, innovation_vols
from engine.quant.volatility.realized import close_to_close
from engine.state.whole import State

NAN = float("nan")
DAYS_A_YEAR = 365.0
SESSIONS_A_YEAR = {SessionName.CRYPTO: 365.0}
TRADING_SESSIONS = 252.0
MINUTES_A_SESSION = {SessionName.CRYPTO: 1_440.0}
TRADING_MINUTES = 390.0
_VARIANCES = {MeasureKind.ATM: "atm_iv", MeasureKind.INDEX: "variance_iv"}
_DIFFERENCES = {
    MeasureKind.RR25: "risk_reversal_25",
    MeasureKind.BF25: "butterfly_25",
    MeasureKind.RR10: "risk_reversal_10",
    MeasureKind.BF10: "butterfly_10",
}
_COUNTS = {"volume": "volume", "oi": "open_interest"}
FOLLOWED = frozenset(
    {
        *_VARIANCES,
        *_DIFFERENCES,
        MeasureKind.TERM,
        MeasureKind.REALISED,
        MeasureKind.PREMIUM,
        MeasureKind.RESIDUAL,
        MeasureKind.FILTER,
        MeasureKind.PUT_CALL,
        MeasureKind.LEVEL,
    }
)
"""Kinds that are known at every moment; the others are asked of the history."""


def is_followed(measure: Measure) -> bool:
    """Whether it is known at every moment. Puts over calls are by volume and open interest; premiums are the flow's to say."""
    return measure.kind in FOLLOWED and (measure.kind is not MeasureKind.PUT_CALL or measure.choice in _COUNTS)


def followed() -> tuple[str, ...]:
    """How each that is may be written."""
    one_each = (spelling(kind) for kind in MeasureKind if kind in FOLLOWED and kind is not MeasureKind.PUT_CALL)
    return (*one_each, *(f"{MeasureKind.PUT_CALL.value}:{choice}" for choice in _COUNTS))


def constant_maturity(maturities: Maturities, column: str, days: int, *, variance: bool) -> float:
    """A figure at so many days: total variance linear in time, differences linear in days; NaN beyond the listed expiries."""
    values = np.asarray(getattr(maturities, column), dtype=np.float64)
    known = (maturities.flags < MaturityFlag.EXTRAPOLATED) & np.isfinite(values)
    if not known.any():
        return NAN
    at = maturities.days[known]
    heights = values[known] ** 2 * at if variance else values[known]
    found = float(np.interp(days, at, heights, left=np.nan, right=np.nan))
    if not variance:
        return found
    return float(np.sqrt(found / days)) if found >= 0.0 else NAN


class Coordinates:
    """Reads the state; writes nothing."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._realised: dict[tuple[Symbol, int], tuple[int, int, float]] = {}

    def surface(self, symbol: Symbol) -> VolatilitySurface | None:
        """The displayed surface of a name, where one was fitted."""
        return self._state.surfaces.get(symbol, SurfaceModel.SVI)

    def value(self, symbol: Symbol, measure: Measure) -> float:
        """The coordinate now; NaN where it is unknown. A residual is not read here: it takes the samples of the volatility itself."""
        kind = measure.kind
        if kind is MeasureKind.REALISED:
            return self.realised(symbol, measure.days[0])
        if kind is MeasureKind.PREMIUM:
            return self._of_surface(symbol, MeasureKind.ATM, measure.days[0]) - self.realised(symbol, measure.days[0])
        if kind is MeasureKind.TERM:
            near, far = (self._of_surface(symbol, MeasureKind.ATM, days) for days in measure.days)
            return far - near
        if kind is MeasureKind.FILTER:
            return self.filter(symbol)
        if kind is MeasureKind.PUT_CALL:
            return self._put_call(symbol, measure.choice)
        if kind is MeasureKind.LEVEL:
            return self.spot(symbol)
        return self._of_surface(symbol, kind, measure.days[0]) if kind in _VARIANCES or kind in _DIFFERENCES else NAN

    def spot(self, symbol: Symbol) -> float:
        """The price of the underlying."""
        return float(self._state.market.spot[self._state.instruments.number(symbol)])

    def realised(self, symbol: Symbol, days: int) -> float:
        """Close-to-close over the sessions that fall in so many calendar days, the present one left out."""
        return self.realised_sessions(symbol, max(2, round(days * self.sessions_a_year(symbol) / DAYS_A_YEAR)))

    def realised_sessions(self, symbol: Symbol, sessions: int) -> float:
        """Close-to-close over so many sessions before the present one; NaN where there are fewer."""
        bars = self._state.bars.days(symbol)
        today = int(session_date(self.calendar(symbol), max(self._now(symbol), 1)))
        kept = self._realised.get((symbol, sessions))
        if kept is not None and kept[:2] == (bars.version, today):
            return kept[2]
        columns = bars.columns()
        closes = columns.close[columns.start // DAY_NS * DAY_NS < today][-(sessions + 1) :]
        found = NAN
        if closes.shape[0] > sessions:
            found = float(close_to_close(closes=closes, window=sessions, sessions_a_year=self.sessions_a_year(symbol))[-1])
        self._realised[symbol, sessions] = (bars.version, today, found)
        return found

    def filter(self, symbol: Symbol) -> float:
        """The Volatility Filter's estimate on the newest closed minutes, annualised; NaN until there are enough of them."""
        minutes = self._state.bars.minutes(symbol)
        if minutes.size < 3:
            return NAN
        newest = minutes.last_start()
        columns = minutes.since(int(newest) - 3 * WINDOW * MINUTE_NS)
        returns = minute_returns(columns.start[:-1], columns.close[:-1])[-WINDOW:]
        if returns.size < LEAST:
            return NAN
        a_year = self.sessions_a_year(symbol) * MINUTES_A_SESSION.get(self.calendar(symbol), TRADING_MINUTES)
        return float(innovation_vols(returns=returns, least=int(returns.size), periods_a_year=a_year)[-1])

    def sessions_a_year(self, symbol: Symbol) -> float:
        """252, or 365 for what trades every day."""
        return SESSIONS_A_YEAR.get(self.calendar(symbol), TRADING_SESSIONS)

    def calendar(self, symbol: Symbol) -> SessionName:
        """The sessions of a name."""
        security = self._state.instruments.security(symbol)
        return security.session if security is not None else SessionName.NYSE

    def is_index(self, symbol: Symbol) -> bool:
        """It is published, not traded."""
        security = self._state.instruments.security(symbol)
        return security is not None and security.kind is AssetKind.INDEX

    def _of_surface(self, symbol: Symbol, kind: MeasureKind, days: int) -> float:
        surface = self.surface(symbol)
        if surface is None:
            return NAN
        column = _VARIANCES.get(kind)
        if column is not None:
            return constant_maturity(surface.maturities, column, days, variance=True)
        return constant_maturity(surface.maturities, _DIFFERENCES[kind], days, variance=False)

    def _put_call(self, symbol: Symbol, choice: str) -> float:
        """Puts over calls of all contracts that have not settled and whose count is known; premiums are the flow's to say."""
        column = _COUNTS.get(choice)
        if column is None:
            return NAN
        market, at = self._state.market, self._now(symbol)
        ladders = [one for one in self._state.instruments.chain(symbol) if one.strikes.size and one.series.settles_at > at]
        if not ladders:
            return NAN
        calls, puts = (np.concatenate([market.gather(column, one.rows[side]) for one in ladders]) for side in (0, 1))
        told = np.isfinite(puts).any() and float(np.nansum(calls)) > 0.0
        return float(np.nansum(puts) / np.nansum(calls)) if told else NAN

    def _now(self, symbol: Symbol) -> int:
        return int(self._state.market.symbol_quoted_at[self._state.instruments.number(symbol)])


def minute_returns(start: np.ndarray[tuple[int], np.dtype[np.int64]], close: Floats) -> Floats:
    """Log returns from minute to minute; those over a pause (a night, a halt) are left out."""
    with np.errstate(all="ignore"):
        logs = np.log(np.where(close > 0.0, close, np.nan))
    found: Floats = np.diff(logs)[(np.diff(start) == MINUTE_NS) & np.isfinite(np.diff(logs))]
    return found
