"""Flow of the frozen market: prints of every place, a sweep, a block and a guessed spread, and open interest by strike."""

from typing import Any

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import codes, flags, floats, longs
from engine.domain.flow import FlowFilter, FlowRight
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, utc_instant
from engine.domain.instruments import Right
from engine.domain.market import FeedState, Side
from engine.domain.marks import FlowFlag, Opening
from engine.messages.flow import (
    ActiveBy,
    ActiveContracts,
    FlowChanged,
    FlowTape,
    FlowTotals,
    GetFlow,
    GetMostActive,
    GetOpenInterestMap,
    InterestMap,
)
from engine.services.market.flow.places import inferred_sides, places_of
from tests.kit import facts

NAN = float("nan")
MARKET = ("SPX", "SPY", "NVDA", "TSLA", "AAPL")
TODAY = utc_instant(facts.TODAY)


def totals(**changes: Any) -> FlowTotals:
    """Puts a little ahead in contracts, calls in premium."""
    built = FlowTotals(
        since=facts.at(9, 30, 4),
        prints=18_412,
        call_volume=1_204_000.0,
        put_volume=1_493_000.0,
        call_open_interest=9_310_000.0,
        put_open_interest=11_020_000.0,
        call_premium=241_300_000.0,
        put_premium=188_700_000.0,
        call_bought=131_000_000.0,
        call_sold=94_200_000.0,
        put_bought=79_900_000.0,
        put_sold=97_400_000.0,
    )
    return replace(built, **changes)


def tape(symbol: str = "SPX", count: int = 60, *, filtered: FlowFilter = FlowFilter(), first: int = 1, **changes: Any) -> FlowTape:  # noqa: B008
    """The newest prints of a name, or ("") of five of them in turn, numbered up to ``first + count - 1``."""
    names = MARKET if not symbol else (symbol,)
    pages = {name: facts.chain(name, count=3).slices for name in names}
    dice = np.random.default_rng([7, *map(ord, symbol)])
    rows: list[dict[str, Any]] = []
    for i in range(count):
        name = names[i % len(names)]
        page = pages[name][int(dice.integers(0, 3))]
        side = int(dice.integers(0, 2))
        column = int(np.clip(dice.normal(20, 5), 0, page.strikes.size - 1))
        bid, ask = float(np.nan_to_num(page.bid[side, column])), float(page.ask[side, column])
        share = (0.0, 1.0, 0.5, 1.2, -0.2)[int(dice.choice(5, p=[0.36, 0.38, 0.18, 0.05, 0.03]))]
        price = round(max(bid + (ask - bid) * share, 0.01), 2)
        block = i % 17 == 5
        size = float(dice.integers(500, 2500)) if block else float(dice.integers(1, 120))
        interest = NAN if i % 11 == 4 else float(page.open_interest[side, column])
        volume = float(page.volume[side, column]) + size
        spot, strike = page.summary.spot, float(page.strikes[column])
        mark = (FlowFlag.BLOCK if block else 0) | (FlowFlag.SWEEP | FlowFlag.SAID_BY_VENUE if i % 9 == 3 else 0)
        mark |= FlowFlag.MULTI_LEG if i in {7, 8} else 0
        mark |= FlowFlag.ABOVE_OPEN_INTEREST if volume > interest else 0
        rows.append(
            {
                "symbols": Symbol(name), "name": page.contract[side * page.strikes.size + column], "strike": strike,
                "right": -1 if side else 1, "expiry": utc_instant(page.summary.series.expiry), "price": price, "size": size,
                "flags": mark, "premium": price * size * page.summary.series.multiplier, "bid": bid, "ask": ask, "spot": spot,
                "otm": (strike / spot - 1) * (-1 if side else 1), "iv": float(page.iv[side, column]),
                "delta": float(page.delta[side, column]), "volume": volume, "open_interest": interest,
                "structure": "bull call spread" if i in {7, 8} else "", "package": 3 if i in {7, 8} else 0,
            }
        )  # fmt: skip
    column_of = {key: [row[key] for row in rows] for key in (rows[0] if rows else _EMPTY)}
    price, bid, ask = (np.array(column_of[key], dtype=float) for key in ("price", "bid", "ask"))
    place = places_of(price=price, bid=bid, ask=ask)
    side = inferred_sides(place)
    said = np.arange(count) % 3 == 0
    expiry = np.array(column_of["expiry"], dtype=np.int64)
    built = FlowTape(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        state=FeedState.LIVE,
        as_of=UtcNanos(facts.NOW - 300_000_000),
        filtered=filtered,
        sequence=longs(first + count - 1 - np.arange(count)),
        at=longs(facts.NOW - np.cumsum(dice.integers(200, 4_000, count)) * 1_000_000),
        symbols=tuple(column_of["symbols"]),
        name=tuple(column_of["name"]),
        strike=floats(column_of["strike"]),
        right=codes(column_of["right"]),
        expiry=longs(expiry),
        days=longs((expiry - TODAY) // DAY_NS),
        price=floats(price),
        size=floats(column_of["size"]),
        place=codes(place),
        side=codes(side),
        inferred=codes(~said | (side == Side.UNKNOWN)),
        flags=flags(column_of["flags"]),
        premium=floats(column_of["premium"]),
        bid=floats(bid),
        ask=floats(ask),
        spot=floats(column_of["spot"]),
        otm=floats(column_of["otm"]),
        iv=floats(column_of["iv"]),
        delta=floats(column_of["delta"]),
        volume=floats(column_of["volume"]),
        open_interest=floats(column_of["open_interest"]),
        opening=codes(np.full(count, Opening.UNKNOWN)),
        structure=tuple(column_of["structure"]),
        package=longs(column_of["package"]),
        totals=totals(),
        seen=count * 41,
        dropped=0,
    )
    return replace(built, **changes)


_EMPTY = dict.fromkeys(
    "symbols name strike right expiry price size flags premium bid ask spot otm iv delta volume open_interest structure package".split()
)


def changed(symbol: str = "SPX", *, count: int = 5, first: int = 1_000) -> FlowChanged:
    """New prints."""
    return FlowChanged(flow=tape(symbol, count, first=first))


def active(symbol: str = "SPX", by: ActiveBy = ActiveBy.VOLUME, right: FlowRight = FlowRight.ANY, **changes: Any) -> ActiveContracts:
    """The contracts of three expiries, ranked; change of open interest is known of every second one."""
    names = MARKET if not symbol else (symbol,)
    rows: list[dict[str, Any]] = []
    for name in names:
        for page in facts.chain(name, count=3).slices:
            for side in (0, 1):
                for column in range(0, page.strikes.size, 3):
                    spot, strike = page.summary.spot, float(page.strikes[column])
                    volume, interest = float(page.volume[side, column]), float(page.open_interest[side, column])
                    last = float(page.last[side, column])
                    rows.append(
                        {
                            "symbols": Symbol(name), "name": page.contract[side * page.strikes.size + column], "strike": strike,
                            "contract_right": -1 if side else 1, "expiry": utc_instant(page.summary.series.expiry), "last": last,
                            "bid": float(page.bid[side, column]), "ask": float(page.ask[side, column]), "spot": spot,
                            "otm": (strike / spot - 1) * (-1 if side else 1), "volume": volume, "open_interest": interest,
                            "change": NAN if column % 2 else round(interest * 0.1) - 60, "premium": volume * last * 20,
                            "ask_share": 0.3 + 0.4 * ((column * 7) % 10) / 10, "iv": float(page.iv[side, column]),
                            "delta": float(page.delta[side, column]),
                        }
                    )  # fmt: skip
    key = {
        ActiveBy.VOLUME: lambda row: row["volume"],
        ActiveBy.PREMIUM: lambda row: row["premium"],
        ActiveBy.VOLUME_OVER_OI: lambda row: row["volume"] / row["open_interest"],
        ActiveBy.OI_CHANGE: lambda row: abs(row["change"]),
    }[by]
    wanted = {FlowRight.ANY: (1, -1), FlowRight.CALLS: (1,), FlowRight.PUTS: (-1,)}[right]
    chosen = sorted((row for row in rows if row["contract_right"] in wanted and key(row) == key(row)), key=key, reverse=True)[:60]
    texts = {name: tuple(row[name] for row in chosen) for name in ("symbols", "name")}
    numbers = "strike last bid ask spot otm volume open_interest change premium ask_share iv delta".split()
    expiry = np.array([row["expiry"] for row in chosen], dtype=np.int64)
    built = ActiveContracts(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        state=FeedState.LIVE,
        as_of=UtcNanos(facts.NOW - 300_000_000),
        by=by,
        right=right,
        contract_right=codes([row["contract_right"] for row in chosen]),
        expiry=longs(expiry),
        days=longs((expiry - TODAY) // DAY_NS),
        **texts,
        **{name: floats([row[name] for row in chosen]) for name in numbers},
        totals=totals(),
        compared_with=facts.at(16, 15, day=facts.TODAY.replace(day=18)),
        contracts=len(rows),
    )
    return replace(built, **changes)


def interest(symbol: str = "SPX", **changes: Any) -> InterestMap:
    """Six expiries; the strikes of the third are not all listed, and of the last no open interest is told."""
    pages = facts.chain(symbol, count=6).slices
    strikes = np.unique(np.concatenate([page.strikes for page in pages]))
    shape = (strikes.size, len(pages))
    matrices = {name: np.full(shape, NAN) for name in ("call_volume", "put_volume", "call_open_interest", "put_open_interest")}
    for place, page in enumerate(pages):
        rows = np.searchsorted(strikes, page.strikes)
        for side, right in enumerate((Right.CALL, Right.PUT)):
            word = "call" if right is Right.CALL else "put"
            matrices[f"{word}_volume"][rows, place] = page.volume[side]
            matrices[f"{word}_open_interest"][rows, place] = page.open_interest[side]
    for matrix in matrices.values():
        matrix[::4, 2] = NAN
    matrices["call_open_interest"][:, -1] = matrices["put_open_interest"][:, -1] = NAN
    expiry = np.array([utc_instant(page.summary.series.expiry) for page in pages], dtype=np.int64)
    built = InterestMap(
        symbol=Symbol(symbol),
        source=facts.SOURCE,
        state=FeedState.LIVE,
        as_of=UtcNanos(facts.NOW - 300_000_000),
        spot=pages[0].summary.spot,
        strikes=floats(strikes),
        series=tuple(page.summary.series for page in pages),
        days=longs((expiry - TODAY) // DAY_NS),
        **{name: floats(matrix) for name, matrix in matrices.items()},
        call_change=floats(np.round(matrices["call_open_interest"] * 0.08) - 30),
        put_change=floats(np.round(matrices["put_open_interest"] * 0.05) - 40),
        compared_with=facts.at(16, 15, day=facts.TODAY.replace(day=18)),
        totals=totals(),
    )
    return replace(built, **changes)


def teach(engine: Any) -> Any:
    """Lets a fake engine answer what concerns flow."""
    engine.answers[GetFlow] = lambda query: tape(query.symbol, filtered=query.filtered, recorded=query.recorded)
    engine.answers[GetMostActive] = lambda query: active(query.symbol, query.by, query.right)
    engine.answers[GetOpenInterestMap] = lambda query: interest(query.symbol)
    return engine
