"""`optix chain` and `optix expirations`: an option chain with its numbers, for people and for programs."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.session import Csv, Feed, Json, Seed, Speed, Start, feed_options, note_of, with_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.api import Chain, ChainSlice, Engine, SeriesSummary

UNITS = {
    "spot": "price in the underlying's currency",
    "years": "ACT/365 to the settlement instant",
    "forward": "price",
    "rate": "fraction a year, continuous",
    "atm_iv": "fraction a year, at the forward",
    "expected_move": "price, one standard deviation: spot * atm_iv * sqrt(years), covers about 68 %",
    "straddle": "price of the at-the-forward straddle, covers about 57.5 %",
    "iv": "fraction a year, of the mid",
    "delta": "price per 1 of the underlying, per share",
    "gamma": "delta per 1 of the underlying, per share",
    "theta": "price per calendar day, per share",
    "vega": "price per vol point (0.01), per share",
    "rho": "price per 1 % of rate, per share",
    "fit_iv": "fraction a year, of the SVI smile fitted to the expiry's quotes",
    "fit_delta": "as delta, at fit_iv instead of iv",
    "fit_gamma": "as gamma, at fit_iv instead of iv",
    "fit_theta": "as theta, at fit_iv instead of iv",
    "fit_vega": "as vega, at fit_iv instead of iv",
    "volume": "contracts",
    "open_interest": "contracts, as of the last session",
    "strike": "price of the underlying",
    "bid": "price per share (in coin for coin-settled options), 0 where the source says 0",
    "ask": "as bid",
    "mid": "as bid; null without a bid and an ask to trust",
    "last": "as bid",
    "multiplier": "shares, or units of the underlying, a contract",
    "risk_reversal_25": "iv(25-delta call) - iv(25-delta put), fraction a year",
    "butterfly_25": "(iv(25-delta call) + iv(25-delta put)) / 2 - atm_iv, fraction a year",
    "max_pain": "strike at which all open options together are worth least at expiry",
    "call_open_interest": "contracts, as of the last session",
    "put_open_interest": "contracts, as of the last session",
    "call_volume": "contracts",
    "put_volume": "contracts",
    "contracts": "options listed, as a count or one by one",
    "asof": "market time, ISO 8601 UTC",
    "settles_at": "ISO 8601 UTC",
    "expiry": "YYYY-MM-DD",
    "missing": "null",
}
COLUMNS = ("bid", "ask", "mid", "last", "volume", "open_interest", "iv", "delta", "gamma", "theta", "vega", "rho")
FIT_COLUMNS = ("fit_iv", "fit_delta", "fit_gamma", "fit_theta", "fit_vega")
LINE_FIELDS = ("expiry", "root", "settlement", "forward", "contract", "strike", "right", *COLUMNS, "iv_status")
"""Of each line of CSV, before the Greeks at fit."""
EXPECTED_MOVE = "spot * atm_iv * sqrt(years)"


def head_of(summary: "SeriesSummary") -> dict[str, Any]:
    """What stands above the contracts of one expiry."""
    series = summary.series
    return {
        "expiry": series.expiry,
        "root": series.root,
        "settlement": series.settlement,
        "settles_at": output.instant(series.settles_at),
        "style": series.style,
        "multiplier": series.multiplier,
        "currency": series.currency,
        "years": summary.years,
        "forward": summary.forward,
        "forward_method": summary.forward_method,
        "rate": summary.rate,
        "rate_source": summary.rate_source,
        "atm_iv": summary.atm_iv,
        "expected_move": summary.expected_move,
        "straddle": summary.straddle,
        "risk_reversal_25": summary.risk_reversal_25,
        "butterfly_25": summary.butterfly_25,
        "max_pain": summary.max_pain,
        "model": summary.model,
        "expected_move_method": EXPECTED_MOVE,
        "state": summary.state,
    }


def contracts_of(part: "ChainSlice") -> list[dict[str, Any]]:
    """The listed contracts of one series, by strike, call before put; with the Greeks at the fitted smile where it has them."""
    from engine.api import IV_STATUS_WORDS, IvStatus

    matrices = {name: getattr(part, name).tolist() for name in COLUMNS}
    if part.fit_delta.size:
        matrices |= {"fit_iv": [part.fit_iv.tolist()] * 2, **{name: getattr(part, name).tolist() for name in FIT_COLUMNS[1:]}}
    status = part.iv_status.tolist()
    width = len(part.strikes)
    rows = []
    for place, strike in enumerate(part.strikes.tolist()):
        for side, right in enumerate("CP"):
            name = part.contract[side * width + place]
            if not name:
                continue
            row: dict[str, Any] = {"contract": name, "strike": strike, "right": right}
            row |= {column: values[side][place] for column, values in matrices.items()}
            row["iv_status"] = IV_STATUS_WORDS[IvStatus(status[side][place])]
            rows.append(row)
    return rows


def chain_lines(chain: "Chain") -> "Iterator[dict[str, Any]]":
    """Every contract with the expiry and the forward it belongs to: what a table of a program wants."""
    for part in chain.slices:
        series = part.summary.series
        about = {"expiry": series.expiry, "root": series.root, "settlement": series.settlement, "forward": part.summary.forward}
        yield from (about | row for row in contracts_of(part))


def chain_document(chain: "Chain", note: str) -> dict[str, Any]:
    """The documented JSON of `optix chain`."""
    return {
        "schema": output.schema("chain", UNITS),
        "symbol": chain.symbol,
        "spot": chain.spot,
        "asof": output.instant(chain.as_of),
        "source": chain.source,
        "state": chain.state,
        "note": note,
        "expiries": [{**head_of(part.summary), "contracts": contracts_of(part)} for part in chain.slices],
    }


def chain(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    expiry: Annotated[
        str | None,
        typer.Option(
            "--expiry", "-e", metavar="DATE", help="2026-12-18, dec18, fri, 0dte; AM and PM of a day both show. Default: the nearest."
        ),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", "-a", help="Every expiry.")] = False,
    around: Annotated[int, typer.Option("--strikes", "-n", min=1, help="Strikes shown either side of the forward (the table only).")] = 10,
    fit_greeks: Annotated[
        bool, typer.Option("--fit-greeks", help="Greeks at the smile fitted to each expiry too, beside those at each quote's own IV.")
    ] = False,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """The option chain of a name with IV and Greeks, computed here from the quotes."""
    from engine.api import BadInput, GetChain, GetExpirations, GetStatus, Symbol
    from engine.domain.instants import new_york
    from engine.domain.osi import bare_ticker, parse_expiry

    name = Symbol(bare_ticker(symbol))
    if expiry and everything:
        raise BadInput("say --expiry or --all, not both")
    output.one_form(as_json=as_json, as_csv=as_csv)

    async def ask(engine: "Engine") -> "tuple[Chain, str]":
        if expiry is None:
            found = await engine.ask(GetChain(symbol=name, everything=everything, fit_greeks=fit_greeks))
        else:
            table = await engine.ask(GetExpirations(symbol=name))
            wanted = parse_expiry(expiry, new_york(table.as_of).date())
            chosen = tuple(row.series.id for row in table.expiries if row.series.expiry == wanted)
            if not chosen:
                days = sorted({row.series.expiry.isoformat() for row in table.expiries})
                raise BadInput(f"{name} has no expiry {wanted}; it has {', '.join(days[:12])}{' ...' if len(days) > 12 else ''}")
            found = await engine.ask(GetChain(symbol=name, series=chosen, fit_greeks=fit_greeks))
        return found, note_of(await engine.ask(GetStatus()))

    answer, note = with_engine(ask, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
    if as_json:
        output.document(chain_document(answer, note))
        return
    if as_csv:
        output.comma_separated((*LINE_FIELDS, *(FIT_COLUMNS if fit_greeks else ())), chain_lines(answer))
        return
    for part in answer.slices:
        _print_slice(answer, part, around, fit_greeks=fit_greeks)


def _print_slice(chain: "Chain", part: "ChainSlice", around: int, *, fit_greeks: bool) -> None:
    summary = part.summary
    series = summary.series
    title = (
        f"{chain.symbol} {series.expiry:%d-%b-%y} {series.root} {series.settlement}   spot {output.number(chain.spot)}   "
        f"forward {output.number(summary.forward)}   rate {output.percent(summary.rate, 2)}   ATM IV {output.percent(summary.atm_iv)}   "
        f"EM ±{output.number(summary.expected_move)}   {chain.source} ({summary.state})"
    )
    centre = summary.forward if summary.forward == summary.forward else chain.spot
    places = sorted(range(len(part.strikes)), key=lambda i: abs(float(part.strikes[i]) - centre))[: 2 * around + 1]

    if fit_greeks:
        title += "   f: at the fitted smile"

    def side(row: int, i: int) -> tuple[str, ...]:
        own = (
            output.number(part.bid[row, i]),
            output.number(part.ask[row, i]),
            output.percent(part.iv[row, i]),
            output.number(part.delta[row, i], 3),
        )
        if not fit_greeks:
            return (*own, output.count(part.volume[row, i]), output.count(part.open_interest[row, i]))
        digits = {"fit_delta": 3, "fit_gamma": 5, "fit_theta": 4, "fit_vega": 4}
        return (*own, *(output.number(getattr(part, name)[row, i], places) for name, places in digits.items()))

    last = ("Δf", "Γf", "Θf", "Vf") if fit_greeks else ("vol", "OI")
    smile = ("IVf",) if fit_greeks else ()
    heads = ("Strike", *smile, "C bid", "ask", "IV", "Δ", *last, "P bid", "ask", "IV", "Δ", *last)
    rows = (
        (f"{part.strikes[i]:g}", *((output.percent(part.fit_iv[i]),) if fit_greeks else ()), *side(0, i), *side(1, i))
        for i in sorted(places)
    )
    output.table(heads, rows, left=0, title=title)


def expirations(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
) -> None:
    """The expiries of a name with what each implies: forward, rate, ATM IV, expected move, open interest."""
    from engine.api import GetExpirations, Symbol
    from engine.domain.osi import bare_ticker

    answer = with_engine(
        lambda engine: engine.ask(GetExpirations(symbol=Symbol(bare_ticker(symbol)))),
        feed=feed,
        options=feed_options(seed=seed, start=start, speed=speed),
    )
    counts = "contracts call_volume put_volume call_open_interest put_open_interest".split()
    if as_json:
        rows = [{**head_of(row), **{name: getattr(row, name) for name in counts}} for row in answer.expiries]
        head = {"schema": output.schema("expirations", UNITS), "symbol": answer.symbol, "spot": answer.spot}
        output.document({**head, "asof": output.instant(answer.as_of), "source": answer.source, "expiries": rows})
        return
    output.table(
        ("Expiry", "Root", "", "Days", "Forward", "Rate", "ATM IV", "EM ±", "RR25", "C OI", "P OI", "C vol", "P vol", "MaxPain"),
        (
            (
                f"{row.series.expiry:%d-%b-%y}",
                row.series.root,
                row.series.settlement,
                output.number(row.years * 365, 1),
                output.number(row.forward),
                output.percent(row.rate, 2),
                output.percent(row.atm_iv),
                output.number(row.expected_move),
                output.signed(row.risk_reversal_25 * 100, 1),
                output.count(row.call_open_interest),
                output.count(row.put_open_interest),
                output.count(row.call_volume),
                output.count(row.put_volume),
                f"{row.max_pain:g}",
            )
            for row in answer.expiries
        ),
        left=3,
        title=f"{answer.symbol}  spot {output.number(answer.spot)}  {answer.source}",
    )
