"""The table of forecasting models: their order, their score in words, and the columns."""

from math import isfinite

from engine.messages.realized import ForecastModel, ForecastTable, ForecastVerdict, VolatilityForecast
from optix_tui import format as written
from optix_tui.screens.table import Cell, Column, Tone, fit


def in_order(forecasts: tuple[VolatilityForecast, ...]) -> tuple[VolatilityForecast, ...]:
    """Those with a rank first, best first; then the walk, those that lose by how much, and those without a score."""
    kinds = {ForecastVerdict.BENCHMARK: 1, ForecastVerdict.LOSES: 2, ForecastVerdict.UNSCORED: 3}
    return tuple(sorted(forecasts, key=lambda one: (kinds.get(one.verdict, 0), one.rank, one.qlike if isfinite(one.qlike) else 0.0)))


def model_name(model: ForecastModel) -> str:
    """As it is called in the table."""
    return _MODELS.get(model, model.value.upper())


def score_words(table: ForecastTable | None, room: int = 80) -> str:
    """What the scores stand on."""
    if table is None:
        return "being fitted and scored …"
    scored = max((one.scored for one in table.forecasts), default=0)
    if not scored:
        return f"no score: {table.observations} sessions in a row are known"
    apart = scored // table.horizon
    words = f"scored on {scored} days out of sample, {apart} of them apart"
    return words if len(words) <= room else f"scored on {scored} days, {apart} of them apart"


def foot_words(table: ForecastTable | None, chosen: VolatilityForecast | None, width: int) -> tuple[str, Tone]:
    """How outcomes are measured; where the column of fits has no room for it, what it says of the chosen model."""
    if table is None or chosen is None:
        return "", "dim"
    why, room = chosen.refusal or chosen.fit, next((one.width for one in fit(COLUMNS, width) if one.column.key == "why"), 0)
    if len(why) > room:
        return f"{model_name(chosen.model)}: {why}", "alert" if chosen.refusal else "dim"
    return f"learnt from {table.learning} sessions and more · outcome: {table.outcome} · RMSE of the variance, squared points", "dim"


_VERDICTS: dict[ForecastVerdict, tuple[str, Tone]] = {
    ForecastVerdict.BENCHMARK: ("naive walk", "white"),
    ForecastVerdict.BEATS: ("beats", "up"),
    ForecastVerdict.AHEAD: ("ahead, by chance?", "text"),
    ForecastVerdict.LOSES: ("LOSES", "down"),
    ForecastVerdict.UNSCORED: ("no score", "dim"),
}
_MODELS: dict[ForecastModel, str] = {
    ForecastModel.LAST: "Last 22",
    ForecastModel.IMPLIED: "Implied",
    ForecastModel.AR: "AR filter",
}


def _number(value: float, digits: int) -> str:
    return f"{value:.{digits}f}" if isfinite(value) else written.UNKNOWN


def _name(one: VolatilityForecast) -> Cell:
    loses = one.verdict in {ForecastVerdict.LOSES, ForecastVerdict.UNSCORED}
    return Cell(model_name(one.model), "dim" if loses else "bright", bold=not loses)


def _verdict(one: VolatilityForecast) -> Cell:
    text, tone = _VERDICTS[one.verdict]
    return Cell(text, tone)


def _against(one: VolatilityForecast) -> Cell:
    gap = one.qlike - one.qlike_naive
    return Cell(written.signed(gap, 3), "up" if gap < 0 else "down" if gap > 0 else "text")


def _range(one: VolatilityForecast) -> Cell:
    known = isfinite(one.low) and isfinite(one.high)
    return Cell(f"{written.points(one.low)}-{written.points(one.high)}" if known else written.UNKNOWN, "dim")


def _probability(one: VolatilityForecast) -> Cell:
    return Cell("<.001" if one.p_value < 0.001 else written.small(one.p_value, 3))


def _why(one: VolatilityForecast) -> Cell:
    return Cell(one.refusal or one.fit, "alert" if one.refusal else "dim")


COLUMNS: tuple[Column[VolatilityForecast], ...] = (
    Column("rank", "#", 2, lambda one: Cell(f"{one.rank}" if one.rank else "", "security", bold=True)),
    Column("model", "Model", 9, _name, left=True),
    Column("volatility", "Vol", 5, lambda one: Cell(written.points(one.volatility), "vol", bold=True)),
    Column("range", "9 of 10", 11, _range, priority=4),
    Column("verdict", "Out of sample", 17, _verdict, left=True, priority=0),
    Column("qlike", "QLIKE", 6, lambda one: Cell(_number(one.qlike, 3)), priority=2),
    Column("against", "vs walk", 7, _against, priority=1),
    Column("p", "p", 5, _probability, priority=5),
    Column("rmse", "RMSE", 6, lambda one: Cell(_number(one.rmse * 1e4, 0)), priority=6),
    Column("r2", "R2", 6, lambda one: Cell(written.signed(one.r_squared, 2)), priority=3),
    Column("scored", "n", 4, lambda one: Cell(f"{one.scored}" if one.scored else written.UNKNOWN, "dim"), priority=7),
    Column("why", "Fit", 20, _why, priority=8, left=True, most=70),
)
