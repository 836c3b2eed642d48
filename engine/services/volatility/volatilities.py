"""Answers how volatile a name has been and may be: read on the loop, computed off it, kept until a session is new."""

import asyncio
from collections.abc import Hashable
from typing import Any, TypeAlias

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import Floats, floats, longs
from engine.domain.errors import BadInput
from engine.domain.ids import UtcNanos
from engine.kernel.offload import Offload
from engine.messages.realized import (
    ForecastModel,
    ForecastTable,
    GetForecasts,
    GetRealized,
    RealizedVolatility,
    VolatilityEstimator,
    VolatilityForecast,
)
from engine.quant.volatility.ranges import garman_klass
from engine.services.volatility.desk import SessionDesk
from engine.services.volatility.forecasts import LEAST_LEARNING, ForecastInputs, forecast, ranked
from engine.services.volatility.implied import ImpliedTerm, implied_by_session, implied_term
from engine.services.volatility.intraday import IntradayVariances, nothing_of
from engine.services.volatility.realized import cone_struct, rolling_struct
from engine.services.volatility.sessions import DailySessions

MOST_SESSIONS = 2_520
MOST_WINDOW = 504
MOST_WINDOWS = 12
MOST_HORIZON = 63
HORIZONS = (1, 5, 10, 21, 42, 63)
"""Sessions ahead of every table's terms; a horizon asked for stands among them."""
MOST_ANSWERS = 32


Wanted: TypeAlias = tuple[tuple[VolatilityEstimator, ...], tuple[int, ...], tuple[int, ...], bool]
"""Estimators, windows of the cones, windows through time, whether the cones are corrected."""


class Volatilities:
    """Realised volatility and its forecasts."""

    def __init__(self, *, desk: SessionDesk, offload: Offload) -> None:
        self._desk = desk
        self._offload = offload
        self._answers: dict[Hashable, Any] = {}

    async def realized(self, query: GetRealized) -> RealizedVolatility:
        """Cones and rolling series, with implied volatility beside them."""
        estimators = tuple(dict.fromkeys(query.estimators)) or tuple(VolatilityEstimator)
        windows, rolling = _windows(query.windows, "windows"), _windows(query.rolling, "rolling windows", none=True)
        days = await self._desk.days(query.symbol, _bounded(query.sessions))
        made, told, term = await asyncio.gather(
            self._made(days, (estimators, windows, rolling, query.corrected)), self._desk.volatility(days), self._term(days, windows)
        )
        return replace(
            made,
            implied=floats(term.values),
            implied_as_of=term.as_of,
            implied_reason=term.reason,
            implied_30=floats(implied_by_session(days, told)),
        )

    async def _made(self, days: DailySessions, wanted: Wanted) -> RealizedVolatility:
        """All that no quote moves."""
        intraday = await self._desk.intraday(days) if VolatilityEstimator.INTRADAY in wanted[0] else nothing_of(days)
        key = ("realized", days.symbol, days.stamp, intraday.known, wanted)
        made: RealizedVolatility | None = self._answers.get(key)
        if made is None:
            made = await self._offload.run(_realized, days, intraday, *wanted)
            self._keep(key, made)
        return made

    async def forecasts(self, query: GetForecasts) -> ForecastTable:
        """Every model's forecast and score; each is fitted on its own, so that pricing has its turns between."""
        if not 1 <= query.horizon <= MOST_HORIZON:
            raise BadInput(f"a forecast reaches 1 to {MOST_HORIZON} sessions, not {query.horizon}")
        days = await self._desk.days(query.symbol, _bounded(query.sessions))
        intraday = await self._desk.intraday(days)
        implied = implied_by_session(days, await self._desk.volatility(days))
        key = ("forecasts", days.symbol, days.stamp, intraday.known, query.horizon, float(np.nansum(implied)))
        made = self._answers.get(key)
        if made is None:
            made = await self._forecasts(days, intraday, implied, query.horizon)
            self._keep(key, made)
        found: ForecastTable = made
        return found

    async def _forecasts(self, days: DailySessions, intraday: IntradayVariances, implied: Floats, horizon: int) -> ForecastTable:
        inputs = forecast_inputs(days, intraday, implied)
        horizons = tuple(sorted({*HORIZONS, horizon}))
        found: list[VolatilityForecast] = [await self._offload.run(forecast, inputs, model, horizon, horizons) for model in ForecastModel]
        return ForecastTable(
            symbol=days.symbol,
            source=days.source,
            as_of=days.as_of,
            horizon=horizon,
            horizons=longs(horizons),
            sessions_a_year=days.a_year,
            observations=inputs.observations,
            learning=inputs.learning,
            outcome=inputs.outcome,
            forecasts=ranked(tuple(found)),
        )

    async def _term(self, days: DailySessions, windows: tuple[int, ...]) -> ImpliedTerm:
        surface = await self._desk.surface(days.symbol)
        wide = np.array(windows, dtype=np.float64)
        if isinstance(surface, str):
            return ImpliedTerm(np.full(wide.size, np.nan), UtcNanos(0), surface)
        return implied_term(surface, wide, days.a_year)

    def _keep(self, key: Hashable, made: Any) -> None:
        while len(self._answers) >= MOST_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._answers[key] = made


def forecast_inputs(days: DailySessions, intraday: IntradayVariances, implied: Floats) -> ForecastInputs:
    """The newest sessions in a row, with a variance each: of five-minute returns where all have one, else of the day's four prices."""
    run = days.unbroken()
    count = run.day.size
    own, quarticities = (column[column.size - count :] for column in (intraday.variances, intraday.quarticities))
    returns = run.returns()
    session = garman_klass(opens=run.open, highs=run.high, lows=run.low, closes=run.close, window=1, sessions_a_year=1.0) ** 2
    by_minutes = count > 1 and bool(np.isfinite(own[1:]).all())
    variances, words = (own, "five-minute returns and overnight") if by_minutes else _by_ranges(session + run.nights(), returns)
    return ForecastInputs(
        returns=returns[1:],
        variances=variances[1:],
        quarticities=quarticities[1:] if by_minutes else np.full(max(count - 1, 0), np.nan),
        implied=implied[implied.size - count :][1:],
        a_year=days.a_year,
        outcome=words,
        intraday_sessions=intraday.known,
    )


def _by_ranges(daily: Floats, returns: Floats) -> tuple[Floats, str]:
    """Range variances at the level of the squared returns: quotes miss the true extremes, and the models are of returns."""
    squares = returns**2
    both = np.isfinite(daily) & np.isfinite(squares)
    learned = both & (np.cumsum(both) <= max(int(both.sum()) // 2, LEAST_LEARNING))
    total = float(daily[learned].sum())
    factor = float(squares[learned].sum()) / total if total > 0.0 else 1.0
    return np.where(
        np.isfinite(daily), daily * factor, squares
    ), f"Garman-Klass and overnight, x{factor:.2f} to the level of squared returns"


def _realized(
    days: DailySessions,
    intraday: IntradayVariances,
    estimators: tuple[VolatilityEstimator, ...],
    windows: tuple[int, ...],
    rolling: tuple[int, ...],
    corrected: bool,  # noqa: FBT001 (the thread pool hands arguments over by place)
) -> RealizedVolatility:
    unknown = floats(np.full(len(windows), np.nan))
    return RealizedVolatility(
        symbol=days.symbol,
        source=days.source,
        as_of=days.as_of,
        sessions_a_year=days.a_year,
        known=days.known,
        missing=int(days.day.size - days.known),
        filled=len(days.filled),
        intraday_sessions=intraday.known,
        cones=tuple(cone_struct(days, intraday, one, windows, corrected=corrected) for one in estimators),
        implied=unknown,
        implied_as_of=UtcNanos(0),
        implied_reason="",
        day=longs(days.day),
        close=floats(days.close),
        implied_30=floats(np.full(days.day.size, np.nan)),
        rolling=tuple(rolling_struct(days, intraday, one, window) for one in estimators for window in rolling),
    )


def _windows(asked: tuple[int, ...], what: str, *, none: bool = False) -> tuple[int, ...]:
    found = tuple(sorted(set(asked)))
    if (not found and not none) or len(found) > MOST_WINDOWS or any(not 2 <= window <= MOST_WINDOW for window in found):
        raise BadInput(f"{what} are up to {MOST_WINDOWS} numbers of sessions from 2 to {MOST_WINDOW}, not {list(asked)}")
    return found


def _bounded(sessions: int) -> int:
    if not 2 <= sessions <= MOST_SESSIONS:
        raise BadInput(f"a past of 2 to {MOST_SESSIONS} sessions can be asked for, not {sessions}")
    return sessions
