"""Cones and rolling series of every estimator over finished sessions: arrays in, structs out."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.domain.columns import Floats, floats, longs
from engine.messages.realized import RollingVolatility, VolatilityCone, VolatilityEstimator
from engine.quant.volatility.cones import Cone, cone_of
from engine.quant.volatility.ranges import garman_klass, parkinson, rogers_satchell, yang_zhang
from engine.quant.volatility.realized import close_to_close
from engine.quant.volatility.windows import window_means
from engine.services.volatility.intraday import IntradayVariances
from engine.services.volatility.sessions import DailySessions

PROBABILITIES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
LEAST_WINDOWS = 20
"""Under so many of them no quantiles are told, however much they overlap."""
Rolling = Callable[[int], Floats]


def rolling_of(days: DailySessions, intraday: IntradayVariances, estimator: VolatilityEstimator) -> Rolling:
    """The estimator's rolling volatility by window: a fraction a year, as long as the sessions."""
    opens, highs, lows, closes, lengths = days.open, days.high, days.low, days.close, days.lengths
    year = days.a_year
    found: dict[VolatilityEstimator, Rolling] = {
        VolatilityEstimator.CLOSE: lambda window: close_to_close(closes=closes, window=window, sessions_a_year=year),
        VolatilityEstimator.PARKINSON: lambda window: parkinson(
            highs=highs, lows=lows, window=window, sessions_a_year=year, lengths=lengths
        ),
        VolatilityEstimator.GARMAN_KLASS: lambda window: garman_klass(
            opens=opens, highs=highs, lows=lows, closes=closes, window=window, sessions_a_year=year, lengths=lengths
        ),
        VolatilityEstimator.ROGERS_SATCHELL: lambda window: rogers_satchell(
            opens=opens, highs=highs, lows=lows, closes=closes, window=window, sessions_a_year=year, lengths=lengths
        ),
        VolatilityEstimator.YANG_ZHANG: lambda window: yang_zhang(
            opens=opens, highs=highs, lows=lows, closes=closes, window=window, sessions_a_year=year
        ),
        VolatilityEstimator.INTRADAY: lambda window: np.sqrt(window_means(intraday.variances, window=window).means * year),
    }
    return found[estimator]


def cone_struct(
    days: DailySessions, intraday: IntradayVariances, estimator: VolatilityEstimator, windows: Sequence[int], *, corrected: bool
) -> VolatilityCone:
    """The cone of one estimator; windows of which there are too few keep the latest value and lose the quantiles, with the reason."""
    made = cone_of(estimator=rolling_of(days, intraday, estimator), windows=windows, probabilities=PROBABILITIES, corrected=corrected)
    known = intraday.known if estimator is VolatilityEstimator.INTRADAY else days.known
    refusals = tuple(_refusal(made, place, known, estimator) for place in range(len(windows)))
    refused = np.array([bool(why) for why in refusals], dtype=bool)
    return VolatilityCone(
        estimator=estimator,
        windows=longs(made.windows.astype(np.int64)),
        probabilities=floats(made.probabilities),
        quantiles=floats(np.where(refused[:, None], np.nan, made.quantiles)),
        latest=floats(made.latest),
        ranks=floats(np.where(refused, np.nan, made.ranks)),
        counts=longs(np.nan_to_num(made.counts).astype(np.int64)),
        independent=longs(np.nan_to_num(made.independent).astype(np.int64)),
        refusals=refusals,
    )


def _refusal(made: Cone, place: int, known: int, estimator: VolatilityEstimator) -> str:
    count, window = int(np.nan_to_num(made.counts[place])), int(made.windows[place])
    if count >= LEAST_WINDOWS:
        return ""
    of = "sessions with minute bars" if estimator is VolatilityEstimator.INTRADAY else "sessions"
    fit = f"{count} window{'' if count == 1 else 's'} of {window}" if count else f"no window of {window}"
    return f"{known} {of} hold {fit}; {LEAST_WINDOWS} are needed"


def rolling_struct(days: DailySessions, intraday: IntradayVariances, estimator: VolatilityEstimator, window: int) -> RollingVolatility:
    """One estimator over one window, through time."""
    return RollingVolatility(estimator=estimator, window=window, values=floats(rolling_of(days, intraday, estimator)(window)))
