"""A frozen market for tests of every room: plausible, repeatable message structs on Thursday 19 November 2026, 14:32:07 New York.

Every builder takes what a test cares about and fills in the rest; ``replace`` changes a built struct (``msgspec.structs.replace``).
"""

import math
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.domain.calendar import new_york, session, sessions, years_to
from engine.domain.chain import ChainModel, ChainSlice, ForwardMethod, IvStatus, SeriesSummary
from engine.domain.columns import Floats, codes, flags, floats, longs
from engine.domain.ids import ContractId, SourceId, Symbol, UtcNanos
from engine.domain.instants import DAY_NS, NEW_YORK, SECOND_NS, to_nanos
from engine.domain.instruments import Contract, OptionSeries, Right, Security, SessionName
from engine.domain.market import FeedState, PrintFlag, Side, Verdict
from engine.domain.osi import format_deribit, format_osi
from engine.domain.roots import make_security, make_series
from engine.messages.queries import (
    BarTable,
    Chain,
    ContractDetail,
    ExpirationTable,
    Quote,
    QuoteBoard,
    TradeTable,
    VolatilityTable,
)

TODAY = date(2026, 11, 19)
NOW: UtcNanos = to_nanos(datetime(2026, 11, 19, 14, 32, 7, tzinfo=NEW_YORK))
SOURCE = SourceId("synthetic")
NAN = math.nan

# last, previous close, iv30, rank, percentile, realised, rr25, put/call, day volume
_MARKET: dict[str, tuple[float, float, float, float, float, float, float, float, float]] = {
    "SPX": (6715.42, 6687.30, 0.1342, 0.22, 0.31, 0.1154, -0.0418, 1.24, NAN),
    "SPY": (670.12, 667.59, 0.1338, 0.22, 0.30, 0.1149, -0.0410, 1.18, 41_270_000.0),
    "QQQ": (601.37, 597.11, 0.1786, 0.31, 0.38, 0.1622, -0.0373, 0.97, 28_940_000.0),
    "IWM": (231.08, 232.36, 0.2041, 0.47, 0.55, 0.1894, -0.0352, 1.31, 19_110_000.0),
    "VIX": (14.86, 15.35, 0.8410, 0.18, 0.24, 0.7925, 0.1420, 0.61, NAN),
    "AAPL": (272.18, 271.85, 0.2234, 0.35, 0.41, 0.2010, -0.0181, 0.74, 33_720_000.0),
    "NVDA": (178.44, 175.06, 0.3824, 0.41, 0.44, 0.3561, -0.0122, 0.66, 151_300_000.0),
    "TSLA": (334.71, 342.03, 0.5268, 0.58, 0.63, 0.4873, 0.0064, 0.71, 78_460_000.0),
    "MSFT": (498.05, 496.92, 0.2105, 0.29, 0.33, 0.1837, -0.0203, 0.69, 17_080_000.0),
    "AMZN": (241.66, 243.10, 0.2742, 0.33, 0.36, 0.2588, -0.0166, 0.72, 30_550_000.0),
    "META": (702.40, 698.20, 0.2918, 0.27, 0.29, 0.2705, -0.0192, 0.81, 11_640_000.0),
    "JPM": (312.84, 311.02, 0.1987, 0.25, 0.28, 0.1762, -0.0279, 1.02, 6_830_000.0),
    "XOM": (118.27, 119.48, 0.2211, 0.39, 0.46, 0.2054, -0.0237, 0.88, 12_490_000.0),
    "BTC": (91_240.0, 92_880.0, 0.4630, 0.36, 0.40, 0.4411, -0.0311, 0.58, 31_240.0),
    "ETH": (3_042.6, 3_118.4, 0.6425, 0.44, 0.49, 0.6120, -0.0289, 0.63, 288_400.0),
}
SYMBOLS: tuple[Symbol, ...] = tuple(Symbol(name) for name in _MARKET)
_EVENTS: dict[str, dict[str, Any]] = {
    "NVDA": {"next_earnings": date(2026, 11, 25), "sector": "Semiconductors"},
    "TSLA": {"next_earnings": date(2027, 1, 20), "sector": "Automobiles"},
    "AAPL": {"next_earnings": date(2027, 1, 28), "next_ex_dividend": date(2027, 2, 8), "next_dividend_amount": 0.26},
    "MSFT": {
        "next_ex_dividend": date(2026, 11, 20),
        "next_dividend_amount": 0.91,
        "next_earnings": date(2027, 1, 27),
        "sector": "Software",
    },
    "JPM": {"next_ex_dividend": date(2027, 1, 6), "next_dividend_amount": 1.5, "next_earnings": date(2027, 1, 13), "sector": "Banks"},
    "SPY": {"next_ex_dividend": date(2026, 12, 18), "next_dividend_amount": 1.99, "dividend_yield": 0.0118},
    "SPX": {"dividend_yield": 0.0121},
}


def _dice(*names: object) -> np.random.Generator:
    """A generator of its own for each named thing, the same in every process."""
    return np.random.default_rng([ord(letter) for letter in "/".join(map(str, names))])


def at(hour: int, minute: int = 0, second: int = 0, day: date = TODAY) -> UtcNanos:
    """New York's wall clock on a day (the frozen one) as an instant."""
    return to_nanos(datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=NEW_YORK))


def security(symbol: str = "SPY", **changes: Any) -> Security:
    """An underlying with its dates."""
    return replace(make_security(symbol), **{**_EVENTS.get(symbol, {}), **changes})


def _day_line(symbol: str, previous: float, last: float, count: int = 80) -> Floats:
    steps = _dice("line", symbol).normal(0, abs(last - previous) * 0.12 + last * 2e-4, count)
    walk = np.cumsum(steps)
    walk += np.linspace(previous * 0.35 + last * 0.65 - walk[0], last - walk[-1], count)
    return floats(np.round(walk, 2))


def quote(symbol: str = "SPY", **changes: Any) -> Quote:
    """An underlying in the middle of its session; any field can be given."""
    last, previous, iv30, rank, percentile, realised, reversal, put_call, volume = _MARKET.get(symbol, (50.0, 49.5, *[NAN] * 6, 1e6))
    name = security(symbol)
    line = _day_line(symbol, previous, last)
    half = max(name.tick, round(last * 1.5e-5, 2)) if name.tradable else NAN
    built = Quote(
        security=name,
        source=SOURCE,
        state=FeedState.LIVE,
        as_of=UtcNanos(NOW - 40_000_000),
        bid=round(last - half, 2),
        ask=round(last + half, 2),
        bid_size=12.0 if name.tradable else NAN,
        ask_size=9.0 if name.tradable else NAN,
        last=last,
        previous_close=previous,
        change=round(last - previous, 2),
        change_fraction=last / previous - 1,
        open=float(line[0]),
        high=float(line.max()),
        low=float(line.min()),
        volume=volume,
        verdict=int(Verdict.FINE),
        iv30=iv30,
        iv_rank=rank,
        iv_percentile=percentile,
        iv_sessions=252 if math.isfinite(rank) else 0,
        realized_30=realised,
        risk_reversal_25=reversal,
        put_call_volume=put_call,
        expected_move_day=round(last * iv30 * math.sqrt(1 / 365), 4),
        day_line=line,
    )
    return replace(built, **changes)


def unknown_quote(symbol: str = "SPY") -> Quote:
    """A listed name of which nothing has been heard yet."""
    numbers = (
        "bid ask bid_size ask_size last previous_close change change_fraction open high low volume iv30 iv_rank iv_percentile"
        " realized_30 risk_reversal_25 put_call_volume expected_move_day"
    )
    return quote(symbol, **dict.fromkeys(numbers.split(), NAN), iv_sessions=0, as_of=UtcNanos(0), day_line=floats([]))


def board(*symbols: str, state: FeedState = FeedState.LIVE) -> QuoteBoard:
    """Several names; all of them where none is given."""
    return QuoteBoard(quotes=tuple(quote(symbol, state=state) for symbol in symbols or SYMBOLS), unknown=())


def series(root: str = "SPXW", expiry: date = date(2026, 11, 24), **changes: Any) -> OptionSeries:
    """One series by root and date."""
    return replace(make_series(root=root, expiry=expiry), **changes)


def contract_id(of: OptionSeries, right: Right, strike: float) -> ContractId:
    """The name its venue gives a contract."""
    return format_deribit(of.root, of.expiry, right, strike) if of.inverse else format_osi(of.root, of.expiry, right, strike)


def _smile(log_moneyness: Any, years: float, level: float) -> Any:
    scaled = log_moneyness / max(math.sqrt(years) * level, 1e-6)
    return level * (1 - 0.085 * scaled + 0.022 * scaled**2).clip(0.6, 2.5)


_cdf = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)), otypes=[float])


def summary(root: str = "SPXW", expiry: date = date(2026, 11, 24), *, spot: float | None = None, **changes: Any) -> SeriesSummary:
    """One expiry in a row."""
    one = series(root, expiry)
    spot = _MARKET.get(one.underlying, (100.0,))[0] if spot is None else spot
    level = _MARKET.get(one.underlying, (0.0, 0.0, 0.25))[2]
    years = years_to(one.settles_at, NOW)
    root_years = math.sqrt(max(years, 0))
    dice = _dice("summary", one.id)
    atm = round(level * (0.94 + 0.22 * min(root_years, 1.2) + 0.35 * math.exp(-years * 60)) + dice.normal(0, 0.0008), 5)
    calls, puts = dice.integers(9_000, 260_000), dice.integers(9_000, 320_000)
    call_interest, put_interest = calls * dice.uniform(2, 9), puts * dice.uniform(2, 9)
    return replace(
        SeriesSummary(
            series=one,
            as_of=UtcNanos(NOW - 180_000_000),
            years=years,
            spot=spot,
            forward=round(spot + 4.2 * -math.expm1(-4 * years) if one.underlying == "VIX" else spot * math.exp(0.029 * years), 2),
            forward_method=ForwardMethod.PARITY,
            forward_residual=round(0.01 + spot * 4e-6, 3),
            pairs=int(dice.integers(18, 64)),
            rate=round(0.0392 - 0.002 * min(years, 1), 4),
            atm_iv=atm,
            expected_move=round(spot * atm * root_years, 2),
            straddle=round(0.7979 * spot * atm * root_years, 2),
            risk_reversal_25=round(-0.028 - 0.022 * min(root_years, 1), 4),
            butterfly_25=round(0.004 + 0.006 * min(root_years, 1), 4),
            call_volume=float(calls),
            put_volume=float(puts),
            call_open_interest=float(round(call_interest)),
            put_open_interest=float(round(put_interest)),
            max_pain=float(round(spot / 25) * 25 if spot > 1000 else round(spot / 5) * 5),
            contracts=int(dice.integers(120, 480)),
            model=ChainModel.INVERSE_BLACK_76 if one.inverse else ChainModel.BLACK_76 if one.style == "european" else ChainModel.AMERICAN,
            state=FeedState.LIVE,
        ),
        **changes,
    )


def expiries(symbol: str = "SPX") -> list[tuple[str, date]]:
    """Roots and dates a name lists on the frozen day, nearest first."""
    if symbol in {"BTC", "ETH"}:
        return [(symbol, day) for day in (date(2026, 11, 20), date(2026, 11, 27), date(2026, 12, 25), date(2027, 3, 26))]
    daily = sessions(SessionName.NYSE, TODAY, TODAY + timedelta(days=12))
    weekly = [date(2026, 12, 4), date(2026, 12, 11), date(2026, 12, 18), date(2026, 12, 31)]
    far = [date(2027, 1, 15), date(2027, 2, 19), date(2027, 3, 19), date(2027, 6, 18), date(2027, 12, 17)]
    if symbol == "SPX":
        monthly = {date(2026, 11, 20), date(2026, 12, 18), *far}
        found = [("SPXW", day) for day in (*daily, *weekly, date(2027, 1, 15))] + [("SPX", day) for day in sorted(monthly)]
        return sorted(found, key=lambda pair: (pair[1], pair[0]))
    if symbol == "VIX":
        return [("VIX", day) for day in (date(2026, 11, 25), date(2026, 12, 16), date(2027, 1, 20), date(2027, 2, 17), date(2027, 4, 21))]
    if symbol in {"SPY", "QQQ", "IWM"}:
        return [(symbol, day) for day in (*daily, *weekly, *far)]
    return [(symbol, day) for day in (date(2026, 11, 20), *weekly, *far)]


def expirations(symbol: str = "SPX", **changes: Any) -> ExpirationTable:
    """All series of a name."""
    rows = tuple(summary(root, day) for root, day in expiries(symbol))
    return replace(
        ExpirationTable(symbol=Symbol(symbol), source=SOURCE, spot=_MARKET[symbol][0], as_of=UtcNanos(NOW - 180_000_000), expiries=rows),
        **changes,
    )


def slice_of(
    root: str = "SPXW", expiry: date = date(2026, 11, 24), *, strikes: int = 41, step: float | None = None, **changes: Any
) -> ChainSlice:
    """One series with quotes, IVs and Greeks that fit each other (Black-76 on the summary's forward)."""
    head = changes.pop("summary", None) or summary(root, expiry)
    one, forward, years = head.series, head.forward, max(head.years, 1e-6)
    step = step or (1000.0 if head.spot > 20_000 else 5.0 if head.spot > 1000 else 1.0)
    middle = round(head.spot / step) * step
    strike = np.round(middle + step * (np.arange(strikes) - strikes // 2), 4)
    smile = np.round(_smile(np.log(strike / forward), years, head.atm_iv), 6)
    spread_years, discount = smile * math.sqrt(years), math.exp(-head.rate * years)
    upper = np.log(forward / strike) / spread_years + spread_years / 2
    density = np.exp(-(upper**2) / 2) / math.sqrt(2 * math.pi)
    call = discount * (forward * _cdf(upper) - strike * _cdf(upper - spread_years))
    price = np.maximum(np.vstack([call, call - discount * (forward - strike)]), 0) / (forward if one.inverse else 1.0)
    tick = np.where(price < one.tick_rule.threshold, one.tick_rule.small, one.tick_rule.large)
    half = np.maximum(tick, price * 0.006)
    bid = np.maximum(np.round(np.floor((price - half) / tick + 1e-9) * tick, 4), 0)
    ask = np.round(np.ceil((price + half) / tick - 1e-9) * tick, 4)
    dice = _dice("slice", one.id, strikes)
    shape = (2, strikes)
    sign = np.array([[1.0], [-1.0]])
    near = np.exp(-(((strike - head.spot) / (head.spot * 0.02)) ** 2))
    verdict = np.where(bid <= 0, Verdict.NO_BID, 0)
    vega = np.vstack([discount * forward * density * math.sqrt(years) * 0.01] * 2)
    theta = -vega / 0.01 * smile / (2 * years) / 365
    return replace(
        ChainSlice(
            symbol=one.underlying,
            source=SOURCE,
            summary=head,
            strikes=floats(strike),
            contract=tuple(contract_id(one, right, float(k)) for right in (Right.CALL, Right.PUT) for k in strike),
            bid=floats(np.where(bid > 0, bid, NAN)),
            ask=floats(ask),
            bid_size=floats(np.where(bid > 0, dice.integers(1, 90, shape), NAN)),
            ask_size=floats(dice.integers(1, 90, shape)),
            last=floats(np.round(np.round(price / tick) * tick, 4)),
            volume=floats(np.round(dice.integers(0, 300, shape) + near * dice.integers(0, 4000, shape))),
            open_interest=floats(np.round(dice.integers(20, 2000, shape) + near * dice.integers(0, 9000, shape))),
            quoted_at=longs(NOW - dice.integers(0, 2_000, shape) * 1_000_000),
            verdict=flags(verdict),
            mid=floats(np.where(bid > 0, (bid + ask) / 2, NAN)),
            iv=floats(np.where(bid > 0, np.vstack([smile, smile]), NAN)),
            iv_status=codes(np.where(bid > 0, IvStatus.OK, IvStatus.BAD_INPUT)),
            iv_bid=floats(np.maximum(smile - half / np.maximum(vega, 1e-9) * 0.01, 0.01)),
            iv_ask=floats(smile + half / np.maximum(vega, 1e-9) * 0.01),
            delta=floats(sign * discount * _cdf(sign * upper)),
            gamma=floats(np.vstack([discount * density / (forward * spread_years)] * 2)),
            theta=floats(theta),
            vega=floats(vega),
            rho=floats(-years * price * 0.01),
            probability_itm=floats(_cdf(sign * (upper - spread_years))),
            vendor_iv=floats(np.full(shape, NAN)),
            vendor_delta=floats(np.full(shape, NAN)),
            fit_iv=floats(smile + 0.0005 * np.sin(np.arange(strikes))),
            residual=floats(np.where(sign * (strike - forward) >= 0.0, 0.4 * np.sin(np.arange(strikes)), NAN)),
        ),
        **changes,
    )


def with_fit_greeks(piece: ChainSlice) -> ChainSlice:
    """The same with Greeks at the fitted smile, which are a little off its own."""
    wave = 0.02 * np.sin(np.arange(piece.strikes.size))
    own = {name: getattr(piece, name) for name in ("delta", "gamma", "theta", "vega")}
    return replace(piece, **{f"fit_{name}": floats(column * (1.0 + wave)) for name, column in own.items()})


def chain(symbol: str = "SPX", *, count: int = 3, strikes: int = 41, state: FeedState = FeedState.LIVE) -> Chain:
    """The nearest series of a name."""
    slices = tuple(slice_of(root, day, strikes=strikes, summary=summary(root, day, state=state)) for root, day in expiries(symbol)[:count])
    return Chain(
        symbol=Symbol(symbol), source=SOURCE, spot=_MARKET[symbol][0], as_of=UtcNanos(NOW - 180_000_000), state=state, slices=slices
    )


def contract(root: str = "SPXW", expiry: date = date(2026, 11, 24), strike: float = 6700.0, right: Right = Right.PUT) -> ContractDetail:
    """One contract and the security under it."""
    one = series(root, expiry)
    return ContractDetail(
        contract=Contract(id=contract_id(one, right, strike), series=one, strike=strike, right=right), security=security(one.underlying)
    )


def _bar_starts(symbol: str, seconds: int, count: int) -> Any:
    name = make_security(symbol).session
    if seconds >= 86_400:
        days = sessions(name, TODAY - timedelta(days=count * 2 + 10), TODAY)[-count:]
        return np.array([session(name, day).open_at for day in days])  # type: ignore[union-attr]
    step = seconds * SECOND_NS
    starts: list[int] = []
    day = TODAY
    while len(starts) < count:
        hours = session(name, day)
        if hours is not None:
            last = min(hours.close_at - step, NOW - NOW % step)
            starts = list(range(hours.open_at, last + 1, step)) + starts
        day -= timedelta(days=1)
    return np.array(starts[-count:])


def bars(symbol: str = "SPY", seconds: int = 120, count: int = 390, **changes: Any) -> BarTable:
    """History that ends in the growing bar of the frozen instant, at the name's last price."""
    last = _MARKET.get(symbol, (50.0,))[0]
    level = _MARKET.get(symbol, (0.0, 0.0, 0.25))[2]
    level = 0.25 if math.isnan(level) else level
    start = _bar_starts(symbol, seconds, count)
    dice = _dice("bars", symbol, seconds)
    per_bar = level * math.sqrt(seconds / 86_400 / 252 * (1 if seconds >= 86_400 else 24 / 6.5))
    close = np.exp(np.cumsum(dice.normal(0.02 * per_bar, per_bar, count)))
    close = np.round(close * last / close[-1], 2)
    opened = np.round(np.concatenate([[close[0] * (1 - per_bar / 2)], close[:-1]]) * (1 + dice.normal(0, per_bar * 0.05, count)), 2)
    reach = np.abs(dice.normal(0, per_bar * 0.5, (2, count))) * last
    high = np.round(np.maximum(opened, close) + reach[0], 2)
    low = np.round(np.minimum(opened, close) - reach[1], 2)
    hour = np.array([new_york(int(instant)).hour + new_york(int(instant)).minute / 60 for instant in start])
    smile = 1 + 0.9 * ((hour - 12.75) / 3.25) ** 2 if seconds < 86_400 else np.ones(count)
    volume = np.round(dice.lognormal(11.5, 0.5, count) * smile)
    vwap = np.round((high + low + close) / 3, 4)
    today = session(make_security(symbol).session, TODAY)
    return replace(
        BarTable(
            symbol=Symbol(symbol),
            source=SOURCE,
            seconds=seconds,
            start=longs(start),
            open=floats(opened),
            high=floats(high),
            low=floats(low),
            close=floats(close),
            volume=floats(volume),
            vwap=floats(vwap),
            complete=False,
            session_open=today.open_at if today else UtcNanos(0),
        ),
        **changes,
    )


def volatility_history(symbol: str = "SPY", count: int = 252) -> VolatilityTable:
    """A year of constant-maturity volatility that ends at the name's iv30."""
    level, reversal = _MARKET[symbol][2], _MARKET[symbol][6]
    dice = _dice("vol", symbol)
    pull = np.exp(np.cumsum(dice.normal(0, 0.035, count)))
    days = sessions(make_security(symbol).session, TODAY - timedelta(days=count * 2), TODAY)[-count:]
    return VolatilityTable(
        symbol=Symbol(symbol),
        source=SOURCE,
        day=longs([to_nanos(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK)) // DAY_NS * DAY_NS for day in days]),
        atm_iv=floats(np.round(level * pull / pull[-1], 5)),
        risk_reversal_25=floats(np.round(reversal + dice.normal(0, 0.004, count), 5)),
        butterfly_25=floats(np.round(0.008 + np.abs(dice.normal(0, 0.002, count)), 5)),
    )


def trades(symbol: str = "SPX", count: int = 60, **changes: Any) -> TradeTable:
    """Option prints, newest first, at the bid, at the ask and between, with a sweep and a block among them."""
    pages = chain(symbol, count=3).slices
    spot = _MARKET[symbol][0]
    dice = _dice("trades", symbol, count)
    rows: list[tuple[str, float, float, int, int, float, float, float]] = []
    for i in range(count):
        page = pages[int(dice.integers(0, len(pages)))]
        right, column = int(dice.integers(0, 2)), int(np.clip(dice.normal(20, 6), 0, page.strikes.size - 1))
        bid, ask = float(np.nan_to_num(page.bid[right, column])), float(page.ask[right, column])
        where = (0.0, 1.0, 0.5)[int(dice.choice(3, p=[0.4, 0.42, 0.18]))]
        mark = (
            PrintFlag.SWEEP if i % 9 == 3 else PrintFlag.BLOCK if i % 17 == 5 else PrintFlag.MULTI_LEG if i % 13 == 7 else PrintFlag.PLAIN
        )
        size = float(dice.integers(500, 2500)) if mark is PrintFlag.BLOCK else float(dice.integers(1, 120))
        side = Side.UNKNOWN if where == 0.5 or i % 3 == 0 else Side.BUY if where == 1.0 else Side.SELL
        name = page.contract[right * page.strikes.size + column]
        rows.append(
            (name, round(bid + (ask - bid) * where, 3), size, side, mark, bid, ask, round(spot + float(dice.normal(0, spot * 2e-4)), 2))
        )
    names, prices, sizes, sides, marks, bids, asks, spots = zip(*rows, strict=True) if rows else ((),) * 8
    return replace(
        TradeTable(
            symbol=Symbol(symbol),
            source=SOURCE,
            at=longs(NOW - np.cumsum(dice.integers(200, 4_000, count)) * 1_000_000),
            name=tuple(names),
            price=floats(prices),
            size=floats(sizes),
            side=codes(sides),
            flags=codes(marks),
            bid=floats(bids),
            ask=floats(asks),
            spot=floats(spots),
            total=count * 37,
        ),
        **changes,
    )
