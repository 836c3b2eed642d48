"""What `optix vol cone` and `optix vol forecast` give to programs: fields, their units, rows and documents."""

from typing import TYPE_CHECKING, Any

from engine.cli import output

if TYPE_CHECKING:
    from engine.api import ForecastTable, RealizedVolatility, VolatilityCone, VolatilityForecast

CONE_FIELDS = "estimator window n independent min q05 q25 median q75 q95 max now rank implied refusal".split()
CONE_UNITS = {
    "asof": "close of the newest session that counts, ISO 8601 UTC: one that runs does not",
    "sessions_a_year": "252, or 365 for what trades every day",
    "known": "finished sessions with a bar",
    "missing": "sessions between them without one: no window runs over them",
    "filled": "sessions among the known that were not recorded here and were asked of the feed afterwards",
    "intraday_sessions": "sessions with enough five-minute bars for the estimator intraday",
    "implied_asof": "market time of the implied volatility, ISO 8601 UTC",
    "window": "sessions",
    "n": "windows that the quantiles stand on; they overlap",
    "independent": "of them as many as fit end to end: below 10 the outer quantiles say little",
    "min": "fraction a year, as every volatility here",
    "q05": "quantile of the windows; min, q25, median, q75, q95 and max likewise",
    "now": "over the newest sessions",
    "rank": "share of the windows that lie below now, 0 to 1",
    "implied": "at the forward, now, at the calendar days of the window",
    "refusal": "why there are no quantiles; null where there are",
    "missing_value": "null",
}
PLACES = {"min": 0.0, "q05": 0.05, "q25": 0.25, "median": 0.5, "q75": 0.75, "q95": 0.95, "max": 1.0}
FORECAST_FIELDS = (
    "model rank verdict volatility low high scored qlike qlike_naive p_value rmse rmse_naive r_squared fit refusal".split()
)  # the order is part of what is promised
FORECAST_UNITS = {
    "asof": "close of the newest session that counts, ISO 8601 UTC",
    "horizon": "sessions ahead that forecasts and scores are of",
    "observations": "sessions in a row that the models were given",
    "learning": "of them those before the first scored forecast",
    "outcome": "how a session's variance is measured",
    "rank": "1 is the best by QLIKE; null where the model loses, has no score, or is the naive walk",
    "verdict": "against the naive walk, out of sample: benchmark, beats (5 %), ahead (chance may do it), loses, unscored",
    "volatility": "over the horizon, fraction a year: a model's figure",
    "low": "between low and high nine of ten past outcomes lay, beside what was forecast then; fractions a year",
    "high": "see low",
    "scored": "days forecast and come, out of sample; their horizons overlap",
    "qlike": "x/f + ln(f/m), x what came, f the forecast, m the mean of what came: lower is better",
    "qlike_naive": "the naive walk's on the same days",
    "p_value": "Diebold-Mariano on QLIKE, two-sided",
    "rmse": "of the annual variance",
    "rmse_naive": "the naive walk's on the same days",
    "r_squared": "1 - squared errors over the walk's; above zero where it is closer than the walk",
    "refusal": "why there is no forecast, or no score; null where there are both",
    "sessions": "ahead",
    "missing": "null",
}


def cone_rows(answer: "RealizedVolatility") -> list[dict[str, Any]]:
    """A row an estimator and window, as JSON and CSV have it."""
    return [row for one in answer.cones for row in rows_of(one, answer)]


def rows_of(found: "VolatilityCone", answer: "RealizedVolatility") -> list[dict[str, Any]]:
    """A row a window of one estimator."""
    columns = {name: found.probabilities.tolist().index(share) for name, share in PLACES.items()}
    return [
        {
            "estimator": found.estimator,
            "window": int(found.windows[place]),
            "n": int(found.counts[place]),
            "independent": int(found.independent[place]),
            **{name: float(found.quantiles[place, column]) for name, column in columns.items()},
            "now": float(found.latest[place]),
            "rank": float(found.ranks[place]),
            "implied": float(answer.implied[place]),
            "refusal": found.refusals[place] or None,
        }
        for place in range(found.windows.size)
    ]


def cone_document(answer: "RealizedVolatility", *, corrected: bool) -> dict[str, Any]:
    """The documented JSON of the cone."""
    return {
        "schema": output.schema("vol.cone", CONE_UNITS),
        "symbol": answer.symbol,
        "source": answer.source,
        "asof": output.instant(answer.as_of),
        "sessions_a_year": answer.sessions_a_year,
        "known": answer.known,
        "missing": answer.missing,
        "filled": answer.filled,
        "intraday_sessions": answer.intraday_sessions,
        "corrected": corrected,
        "implied_asof": output.instant(answer.implied_as_of),
        "implied_reason": answer.implied_reason or None,
        "windows": cone_rows(answer),
    }


def model_row(found: "VolatilityForecast") -> dict[str, Any]:
    """One model, as JSON and CSV have it."""
    row = {name: getattr(found, name) for name in FORECAST_FIELDS}
    return row | {"rank": found.rank or None, "fit": found.fit or None, "refusal": found.refusal or None}


def forecast_document(answer: "ForecastTable") -> dict[str, Any]:
    """The documented JSON of the forecasts."""
    terms = [
        [
            {"sessions": sessions, "volatility": level, "low": low, "high": high}
            for sessions, level, low, high in zip(
                answer.horizons.tolist(), one.term.tolist(), one.term_low.tolist(), one.term_high.tolist(), strict=True
            )
        ]
        for one in answer.forecasts
    ]
    return {
        "schema": output.schema("vol.forecast", FORECAST_UNITS),
        "symbol": answer.symbol,
        "source": answer.source,
        "asof": output.instant(answer.as_of),
        "horizon": answer.horizon,
        "sessions_a_year": answer.sessions_a_year,
        "observations": answer.observations,
        "learning": answer.learning,
        "outcome": answer.outcome,
        "models": [{**model_row(one), "term": term} for one, term in zip(answer.forecasts, terms, strict=True)],
    }
