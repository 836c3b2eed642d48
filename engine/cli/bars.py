"""`optix bars` and `optix history`: what an underlying did, in bars and in daily sessions with their implied volatility."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.session import Feed, Json, Seed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import BarTable, Engine, VolatilityTable

INTERVALS = {"1m": 60, "2m": 120, "5m": 300, "15m": 900, "30m": 1800, "60m": 3600, "1h": 3600, "1d": 86_400}
COLUMNS = ("open", "high", "low", "close", "volume", "vwap")


def bars(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    interval: Annotated[str, typer.Option("--interval", "-i", help=f"One of {', '.join(INTERVALS)}.")] = "2m",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="The newest so many.")] = 60,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
) -> None:
    """Price bars of a name, oldest first; the last one may still be growing."""
    from engine.api import BadInput, GetBars, Symbol
    from engine.domain.osi import bare_ticker

    if interval.lower() not in INTERVALS:
        raise BadInput(f"{interval!r} is no interval: use one of {', '.join(INTERVALS)}")
    question = GetBars(symbol=Symbol(bare_ticker(symbol)), seconds=INTERVALS[interval.lower()], limit=limit)

    answer = with_engine(lambda engine: engine.ask(question), feed=feed, options=feed_options(seed=seed, start=start))
    columns = [getattr(answer, name).tolist() for name in COLUMNS]
    starts = [output.instant(at) for at in answer.start.tolist()]
    if as_json:
        rows = [{"start": at, **dict(zip(COLUMNS, row, strict=True))} for at, *row in zip(starts, *columns, strict=True)]
        units = {"start": "start of the bar, ISO 8601 UTC", "volume": "shares or units", "vwap": "volume-weighted price of the bar"}
        head = {"schema": output.schema("bars", units), "symbol": answer.symbol, "source": answer.source, "seconds": answer.seconds}
        output.document({**head, "complete": answer.complete, "bars": rows})
        return
    output.table(
        ("Start (UTC)", "Open", "High", "Low", "Close", "Volume", "VWAP"),
        (
            (at, *(output.number(x) for x in row[:4]), output.count(row[4]), output.number(row[5]))
            for at, *row in zip(starts, *columns, strict=True)
        ),
    )


def history(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    sessions: Annotated[int, typer.Option("--sessions", "-n", min=1, max=10_000, help="The newest so many sessions.")] = 60,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
) -> None:
    """Daily sessions of a name: prices beside 30-day constant-maturity implied volatility, risk reversal and butterfly."""
    from engine.api import GetBars, GetVolatilityHistory, Symbol
    from engine.domain.osi import bare_ticker

    name = Symbol(bare_ticker(symbol))

    async def ask(engine: "Engine") -> "tuple[BarTable, VolatilityTable]":
        return await asyncio.gather(
            engine.ask(GetBars(symbol=name, seconds=86_400, limit=sessions)),
            engine.ask(GetVolatilityHistory(symbol=name, sessions=sessions)),
        )

    prices, vols = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start))
    unknown = float("nan")
    points = {
        (output.instant(day) or "")[:10]: values
        for day, *values in zip(
            vols.day.tolist(), vols.atm_iv.tolist(), vols.risk_reversal_25.tolist(), vols.butterfly_25.tolist(), strict=True
        )
    }
    rows = []
    for at, *values in zip(prices.start.tolist(), *(getattr(prices, name).tolist() for name in COLUMNS[:5]), strict=True):
        day = (output.instant(at) or "")[:10]
        rows.append((day, *values, *points.get(day, (unknown, unknown, unknown))))
    heads = ("day", *COLUMNS[:5], "atm_iv_30", "risk_reversal_25", "butterfly_25")
    if as_json:
        units = {
            "atm_iv_30": "fraction a year, 30-day constant maturity, at the forward",
            "risk_reversal_25": "iv(25-delta call) - iv(25-delta put), fraction",
            "butterfly_25": "(iv(25-delta call) + iv(25-delta put)) / 2 - atm, fraction",
        }
        head = {"schema": output.schema("history", units), "symbol": prices.symbol, "source": prices.source}
        output.document({**head, "sessions": [dict(zip(heads, row, strict=True)) for row in rows]})
        return
    output.table(
        ("Day", "Open", "High", "Low", "Close", "Volume", "IV30", "RR25", "BF25"),
        (
            (
                row[0],
                *(output.number(x) for x in row[1:5]),
                output.count(row[5]),
                output.percent(row[6]),
                output.signed(row[7] * 100),
                output.signed(row[8] * 100),
            )
            for row in rows
        ),
        title=f"{prices.symbol}  {prices.source}",
    )
