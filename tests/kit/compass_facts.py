"""Volatility across names and through time in the frozen market: most have a rank, one name is too young, of one nothing is known."""

from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import Floats, codes, flags, floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS, utc_instant
from engine.domain.market import FeedState
from engine.domain.marks import BreachBasis, BreachMark, BreachRule, BreachSide, BreachTable
from engine.domain.measures import parse_measure
from engine.domain.volatility import MaturityFlag
from engine.messages.breaches import BreachBoard, BreachHappened, BreachStanding, GetBreaches, GetBreachRules
from engine.messages.compass import Compass, CompassRow, GetCompass, GetVolatilityIndices, VolatilityIndex, VolatilityIndexTable
from engine.messages.measures import GetMeasures, MeasureHistory, MeasureTable
from engine.quant.volatility.standing import standing
from tests.kit import facts

NAN = facts.NAN
AS_OF = UtcNanos(facts.NOW - 20_000_000_000)
YOUNG, UNKNOWN = Symbol("META"), Symbol("XOM")
"""Listed for 40 sessions; nothing of its volatility is known."""
TODAY = utc_instant(facts.TODAY)
INDEX_DAYS = (9, 30, 90, 180, 365)


def row(symbol: str = "SPX", **changes: Any) -> CompassRow:
    """One name. Of XOM only the price is known, META has a past of 40 sessions."""
    quote = facts.quote(symbol)
    young, unknown = symbol == YOUNG, symbol == UNKNOWN
    iv, dice = quote.iv30, np.random.default_rng([3, *map(ord, symbol)])
    month = quote.realized_30
    built = CompassRow(
        symbol=Symbol(symbol),
        name=quote.security.name,
        state=FeedState.LIVE,
        as_of=AS_OF,
        spot=quote.last,
        change_fraction=quote.change_fraction,
        iv30=iv,
        iv_change=round(float(dice.normal(0, 0.008)), 4),
        rank=NAN if young else quote.iv_rank,
        percentile=NAN if young else quote.iv_percentile,
        sessions=40 if young else 252,
        refusal="40 sessions are known in the window, and rank and percentile need 120" if young else "",
        realized_20=month * 0.93,
        realized_30=month,
        premium=iv - month,
        ratio=iv / month,
        risk_reversal_25=quote.risk_reversal_25,
        butterfly_25=0.0061,
        slope=-0.021 if symbol == "VIX" else 0.0113,
        index=iv * 1.07,
        put_call=quote.put_call_volume,
        exposure=NAN if symbol == "VIX" else float(round(dice.normal(0, 2e9))),
        filter=iv * 0.81,
        line=floats(_wander(symbol, "atm:30", 60, iv)),
        broken={"TSLA": ("Term inverted",), "VIX": ("ATM 1M jumps", "Term inverted")}.get(symbol, ()),
    )
    if unknown:
        names = "iv30 iv_change rank percentile realized_20 realized_30 premium ratio risk_reversal_25 butterfly_25 slope index".split()
        built = replace(
            built,
            as_of=UtcNanos(0),
            **dict.fromkeys([*names, "put_call", "exposure", "filter"], NAN),
            sessions=0,
            refusal="0 sessions are known in the window, and rank and percentile need 120",
            line=floats([]),
        )
    return replace(built, **changes)


def compass(*symbols: str, **changes: Any) -> Compass:
    """All names of the market, or these."""
    built = Compass(
        source=facts.SOURCE,
        as_of=AS_OF,
        window=252,
        least=120,
        rows=tuple(row(symbol) for symbol in symbols or facts.SYMBOLS),
        unknown=(),
    )
    return replace(built, **changes)


def _wander(symbol: str, measure: str, count: int, now: float) -> Floats:
    """A mean-reverting past that ends at ``now``; about as wide as a sixth of it."""
    dice = np.random.default_rng([11, *map(ord, symbol + measure)])
    found, size = np.empty(count), abs(now) / 18 or 0.001
    found[0] = 0.0
    for place, shock in enumerate(dice.normal(0, size, count - 1), 1):
        found[place] = found[place - 1] * 0.94 + shock
    ended: Floats = found - found[-1] + now
    return ended


LEVELS = {
    "atm:30": 0.1342,
    "rr25:30": -0.0418,
    "bf25:30": 0.0061,
    "term:30:90": 0.0113,
    "index:30": 0.1436,
    "vrp:30": 0.0188,
    "rv:30": 0.1154,
}


def history(
    symbol: str = "SPX", measure: str = "atm:30", *, count: int = 380, window: int = 252, limit: int = 10_000, gap: bool = True
) -> MeasureHistory:
    """The newest ``limit`` of so many sessions of one coordinate, the last one today's; one of them is unknown."""
    told = parse_measure(measure)
    values = _wander(symbol, measure, max(count, 1), LEVELS.get(measure, 0.7))[:count]
    if gap and count > 20:
        values[count - count // 4] = NAN
    days = TODAY - np.arange(count - 1, -1, -1) * DAY_NS
    stands = standing(past=values[:-1], now=float(values[-1]) if count else NAN, window=window)
    kept = slice(max(count - limit, 0), None)
    return MeasureHistory(
        measure=told.text,
        words=told.words,
        unit=told.unit.value,
        in_percent=told.in_percent,
        at=longs(days[kept]),
        value=floats(values[kept]),
        origins=tuple("import" if place < count - 20 else "synthetic" for place in range(count))[kept],
        now=float(values[-1]) if count else NAN,
        now_at=UtcNanos(int(days[-1])) if count else UtcNanos(0),
        window=window,
        **{name: getattr(stands, name) for name in "rank percentile sessions low high mean deviation refusal".split()},
    )


def samples(symbol: str = "SPX", measure: str = "atm:30", count: int = 180) -> MeasureHistory:
    """As recorded within the session, one a minute."""
    whole = history(symbol, measure, count=count, gap=False)
    at = facts.NOW - np.arange(count - 1, -1, -1) * MINUTE_NS
    return replace(whole, at=longs(at), origins=())


def measures(query: GetMeasures) -> MeasureTable:
    """What a told engine knows: a year and a half of most, 40 sessions of META, nothing of XOM; the wing is younger than the level."""
    named = query.measures or tuple(LEVELS)
    most = {YOUNG: 40, UNKNOWN: 0}.get(query.symbol, 380)
    found = [
        history(query.symbol, one, count=min(70 if one == "bf25:30" else most, most), window=query.window, limit=query.limit)
        for one in named
    ]
    if not query.daily:
        found = [samples(query.symbol, one, 0 if query.symbol == UNKNOWN else 180) for one in named]
    return MeasureTable(symbol=query.symbol, source=facts.SOURCE, daily=query.daily, histories=tuple(found))


def breach(days_ago: float = 0.0, *, symbol: str = "SPX", **changes: Any) -> BreachMark:
    """A jump of the level, broken so many days ago."""
    built = BreachMark(
        at=UtcNanos(int(facts.NOW - days_ago * DAY_NS)),
        symbol=Symbol(symbol),
        rule="ATM 1M jumps",
        measure="atm:30",
        entered=True,
        value=0.1391,
        estimate=0.1338,
        deviation=4.6,
        threshold=4.0,
    )
    return replace(built, **changes)


def happened(**changes: Any) -> BreachHappened:
    """The event of one."""
    return BreachHappened(breach=breach(**changes))


MARKS = (
    breach(0.02),
    breach(8.0, entered=False, value=0.1349, deviation=1.8, threshold=2.0),
    breach(8.1, value=0.1285, deviation=-5.1),
    breach(30.0, symbol="TSLA", rule="Term inverted", measure="term:30:90", value=-0.0071, estimate=NAN, deviation=NAN, threshold=-0.005),
)


def breaches(*marks: BreachMark) -> BreachTable:
    """Marks as the table that answers, newest first."""
    return BreachTable(
        at=longs([mark.at for mark in marks]),
        symbols=tuple(mark.symbol for mark in marks),
        rules=tuple(mark.rule for mark in marks),
        measures=tuple(mark.measure for mark in marks),
        entered=codes([int(mark.entered) for mark in marks]),
        **{name: floats([getattr(mark, name) for mark in marks]) for name in "value estimate deviation threshold".split()},
    )


def answer_breaches(query: GetBreaches) -> BreachTable:
    """Those of a name, a rule and a time, as the engine would choose them."""
    kept = [mark for mark in MARKS if query.symbol in {"", mark.symbol} and query.rule in {"", mark.rule}]
    within = [mark for mark in kept if (query.since or 0) <= mark.at < (query.until or 2**62)]
    return breaches(*within[: query.limit])


RULES = (
    BreachRule(name="ATM 1M jumps", measure="atm:30", threshold=4.0, release=2.0),
    BreachRule(name="Term inverted", measure="term:30:90", side=BreachSide.BELOW, basis=BreachBasis.VALUE, threshold=-0.005, release=0.0),
    BreachRule(name="Night watch", measure="ar", symbols=(Symbol("BTC"), Symbol("ETH")), side=BreachSide.ABOVE, enabled=False),
)


def board(query: GetBreachRules | None = None) -> BreachBoard:
    """Three rules, one of them off; one name breaks the second, and of another there are too few samples."""
    symbol = query.symbol if query is not None else ""
    standings = (
        BreachStanding(
            rule="ATM 1M jumps", symbol=Symbol("SPX"), measure="atm:30", at=AS_OF, value=0.1342, estimate=0.1338, error=0.0003,
            deviation=1.33, samples=96, broken_since=UtcNanos(0), refusal="",
        ),
        BreachStanding(
            rule="ATM 1M jumps", symbol=Symbol("TSLA"), measure="atm:30", at=AS_OF, value=0.5268, estimate=NAN, error=NAN,
            deviation=NAN, samples=12, broken_since=UtcNanos(0),
            refusal="12 samples of 100 are there, one a minute, and an estimate needs 30",
        ),
        BreachStanding(
            rule="Term inverted", symbol=Symbol("TSLA"), measure="term:30:90", at=AS_OF, value=-0.0071, estimate=NAN, error=NAN,
            deviation=NAN, samples=96, broken_since=UtcNanos(facts.NOW - 3 * MINUTE_NS), refusal="",
        ),
    )  # fmt: skip
    return BreachBoard(
        source=facts.SOURCE, as_of=AS_OF, rules=RULES, standings=tuple(one for one in standings if symbol in {"", one.symbol})
    )


OFFICIAL = {"SPX": ("VIX9D", "VIX", "VIX3M", "VIX6M", "VIX1Y"), "AAPL": ("", "VXAPL", "", "", "")}


def index(symbol: str = "SPX", **changes: Any) -> VolatilityIndex:
    """One name: the prints of SPX lie a little under ours, that of AAPL is not in the feed, IWM lists no year, XOM is not fitted."""
    level = facts.quote(symbol).iv30
    days = np.array(INDEX_DAYS)
    bend = -0.1 if symbol == "VIX" else 0.06
    value = level * 1.07 * (1 + bend * np.log(days / 30) / np.log(12))
    marks = np.full(days.size, MaturityFlag.INTERPOLATED)
    if symbol == "IWM":
        value[-1], marks[-1] = NAN, MaturityFlag.EXTRAPOLATED
    official = OFFICIAL.get(symbol, ("",) * days.size)
    has_print = np.array([symbol == "SPX" and bool(one) for one in official])
    unknown = symbol == UNKNOWN
    expiries = np.array([4.0, 8, 15, 29, 57, 92, 183, 400])
    built = VolatilityIndex(
        symbol=Symbol(symbol),
        state=FeedState.LIVE,
        as_of=UtcNanos(0) if unknown else AS_OF,
        days=longs(days),
        value=floats(np.full(days.size, NAN) if unknown else value),
        atm_iv=floats(np.full(days.size, NAN) if unknown else value / 1.07),
        flags=flags(np.full(days.size, MaturityFlag.UNKNOWN) if unknown else marks),
        official=official,
        printed=floats(np.where(has_print, value - 0.0024, NAN)),
        printed_at=longs(np.where(has_print, AS_OF, 0)),
        expiry_days=floats([] if unknown else expiries),
        expiry_iv=floats([] if unknown else level * (1 + 0.06 * np.log(expiries / 30) / np.log(12))),
        refusal="its surface is not fitted yet: names nobody looks at are fitted in turn" if unknown else "",
    )
    return replace(built, **changes)


def indices(*symbols: str, **changes: Any) -> VolatilityIndexTable:
    """All names of the market, or these."""
    rows = tuple(index(symbol) for symbol in symbols or facts.SYMBOLS)
    return replace(VolatilityIndexTable(source=facts.SOURCE, as_of=AS_OF, rows=rows, unknown=()), **changes)


def teach(engine: Any) -> Any:
    """Lets a fake engine answer what concerns volatility across names and through time."""
    engine.answers[GetCompass] = lambda query: compass(*query.symbols, window=query.window)
    engine.answers[GetMeasures] = measures
    engine.answers[GetBreaches] = answer_breaches
    engine.answers[GetBreachRules] = board
    engine.answers[GetVolatilityIndices] = lambda query: indices(*query.symbols)
    return engine
