"""`optix quote`: where underlyings are."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.session import Feed, Json, Seed, Speed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import Engine, Symbol

LISTING_SECONDS = 1.0
"""A feed that listed nothing more for so long has listed what it has."""
MOST_LOOKS = 20
MOST_NAMES = 100_000

UNITS = {
    "iv30": "fraction a year, 30-day constant maturity, at the forward",
    "iv_rank": "0 to 1 over the stored sessions",
    "iv_percentile": "0 to 1 over the stored sessions",
    "realized_30": "fraction a year, close to close, 30 sessions",
    "risk_reversal_25": "iv(25-delta call) - iv(25-delta put) at 30 days, fraction",
    "expected_move_day": "one standard deviation over one calendar day, price",
    "change_fraction": "fraction of the previous close",
}


async def _every_name(engine: "Engine") -> "tuple[Symbol, ...]":
    """All names of the feed: one that has just started is given the time to list them."""
    from engine.api import FindSecurities, GetStatus, UnknownSymbol

    listed = 0
    for _ in range(MOST_LOOKS):
        found = await engine.ask(FindSecurities(limit=MOST_NAMES))
        now = (await engine.ask(GetStatus())).instruments
        if now == listed:
            break
        listed = now
        await asyncio.sleep(LISTING_SECONDS)
    if not listed:
        raise UnknownSymbol("this feed lists a name when it is asked for it: name one, as in `optix quote SPY`")
    return tuple(security.symbol for security in found.securities)


def quote(
    symbols: Annotated[list[str] | None, typer.Argument(help="Tickers; none: every listed underlying.")] = None,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
) -> None:
    """Quotes of underlyings with 30-day IV, rank and expected move."""
    from engine.api import GetQuotes, GetSecurity, Quote, QuoteBoard, Symbol, UnknownSymbol
    from engine.domain.osi import bare_ticker

    wanted = tuple(Symbol(bare_ticker(symbol)) for symbol in symbols or ())

    async def why_unknown(engine: Any, symbol: Symbol) -> str:
        """The engine's own words about a name that is not listed."""
        try:
            await engine.ask(GetSecurity(symbol=symbol))
        except UnknownSymbol as error:
            return str(error)
        return f"{symbol} was listed only just now: ask again"

    async def ask(engine: Any) -> tuple[QuoteBoard, tuple[str, ...]]:
        board: QuoteBoard = await engine.ask(GetQuotes(symbols=wanted or await _every_name(engine), complete=True))
        return board, tuple([await why_unknown(engine, Symbol(name)) for name in board.unknown])

    board, reasons = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    if reasons and not board.quotes:
        raise UnknownSymbol("; ".join(reasons))

    def record(item: Quote) -> dict[str, Any]:
        fields = (
            "bid ask bid_size ask_size last previous_close change change_fraction open high low volume "
            "iv30 iv_rank iv_percentile iv_sessions realized_30 risk_reversal_25 put_call_volume expected_move_day"
        )
        return {
            "symbol": item.security.symbol,
            "name": item.security.name,
            "kind": item.security.kind,
            "currency": item.security.currency,
            "asof": output.instant(item.as_of),
            "source": item.source,
            "state": item.state,
            **{name: getattr(item, name) for name in fields.split()},
        }

    if as_json:
        output.document(
            {"schema": output.schema("quotes", UNITS), "quotes": [record(item) for item in board.quotes], "unknown": board.unknown}
        )
    else:
        output.table(
            ("Symbol", "Last", "Change", "Chg%", "Bid", "Ask", "Volume", "IV30", "IVR", "EM 1d ±", "Source"),
            (
                (
                    item.security.symbol,
                    output.number(item.last),
                    output.signed(item.change),
                    output.percent(item.change_fraction, 2),
                    output.number(item.bid),
                    output.number(item.ask),
                    output.count(item.volume),
                    output.percent(item.iv30),
                    output.count(item.iv_rank * 100),
                    output.number(item.expected_move_day),
                    f"{item.source} ({item.state})",
                )
                for item in board.quotes
            ),
        )
    if reasons:
        raise UnknownSymbol("; ".join(reasons))
