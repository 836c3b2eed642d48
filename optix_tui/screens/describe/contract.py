"""The description of a contract: its terms, its time, its quote and its numbers."""

from math import isfinite, nan
from typing import Any

import numpy as np

from engine.domain.calendar import years_to
from engine.domain.chain import IV_STATUS_WORDS, ChainSlice, IvStatus
from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york
from engine.domain.instruments import Contract, Right
from engine.messages.queries import ContractDetail, Quote
from optix_tui import format as written
from optix_tui.screens.columns import direction
from optix_tui.screens.describe.words import SETTLED_IN, SETTLEMENTS, STYLES, duration, tick_words, utc, verdict_words
from optix_tui.screens.table import Block, Cell, Fact


def contract_blocks(detail: ContractDetail, page: ChainSlice | None, quote: Quote | None, now: UtcNanos) -> tuple[Block, ...]:
    """All that is known of a contract."""
    place = place_in(page, detail.contract) if page is not None else None
    blocks = [_terms(detail), _instants(detail.contract, now)]
    if page is not None and place is not None:
        blocks += [_quote(detail.contract, page, place, now), _numbers(detail.contract, page, place)]
    else:
        blocks.append(Block("QUOTE", (Fact.of("", "not among the listed quotes" if page is not None else "not heard of yet", "dim"),)))
    if quote is not None:
        blocks.append(_underlying(quote))
    return tuple(blocks)


def place_in(page: ChainSlice, contract: Contract) -> tuple[int, int] | None:
    """Row and column of a contract in its slice; None where it is not in it."""
    columns = np.flatnonzero(np.isclose(page.strikes, contract.strike, rtol=0, atol=1e-9))
    row = 0 if contract.right is Right.CALL else 1
    if not columns.size or not page.contract[row * page.strikes.size + int(columns[0])]:
        return None
    return row, int(columns[0])


def _terms(detail: ContractDetail) -> Block:
    contract, series = detail.contract, detail.contract.series
    call = contract.right is Right.CALL
    kind = "adjusted" if series.adjusted else "weekly" if series.weekly else "standard"
    facts = [
        Fact.of("Contract", contract.id, "white", bold=True),
        Fact("Underlying", (Cell(series.underlying, "security", bold=True), Cell(f"  {detail.security.name}", "dim"))),
        Fact.of("Root", f"{series.root}, {kind}"),
        Fact.of("Right", "call" if call else "put", "call" if call else "put", bold=True),
        Fact.of("Strike", written.strike(contract.strike), "white", bold=True),
        Fact.of("Expiry", f"{series.expiry:%a} {written.day(series.expiry)}", "security"),
        Fact.of("Style", STYLES[series.style]),
        Fact.of("Settlement", SETTLEMENTS[series.settlement]),
        Fact.of("Settled in", SETTLED_IN[series.settled_in]),
        Fact.of("Multiplier", f"{series.multiplier:g}"),
        Fact.of("Premium in", f"{series.currency}{', inverse' if series.inverse else ''}"),
        Fact.of("Price step", tick_words(series.tick_rule)),
        Fact.of("Deliverable", series.deliverable or _plain(contract), "alert" if series.adjusted else "text"),
    ]
    return Block("CONTRACT", tuple(facts))


def _plain(contract: Contract) -> str:
    series = contract.series
    if series.settled_in == "shares":
        return f"{series.multiplier:g} shares of {series.underlying}"
    if series.settled_in == "coin":
        return f"{series.multiplier:g} {series.underlying}, paid in {series.currency}"
    return f"{series.multiplier:g} x the difference in {series.currency}"


def _instants(contract: Contract, now: UtcNanos) -> Block:
    series = contract.series
    today = new_york(now).date() if now else None
    days = str((series.expiry - today).days) if today else written.UNKNOWN
    left = series.settles_at - now
    facts = (
        Fact("Settles NY", (Cell(written.moment(series.settles_at), "security"),)),
        Fact("Settles UTC", (Cell(utc(series.settles_at), "text"),)),
        Fact("Last trade NY", (Cell(written.moment(series.last_trade_at), "security"),)),
        Fact("Last trade UTC", (Cell(utc(series.last_trade_at), "text"),)),
        Fact("Days", (Cell(days, "white", bold=True), Cell("  calendar, to the date", "dim"))),
        Fact("Years", (Cell(f"{years_to(series.settles_at, now):.6f}" if now else written.UNKNOWN, "white"), Cell("  ACT/365", "dim"))),
        Fact.of("Left", (duration(left) if left > 0 else f"settled {duration(left)}") if now else written.UNKNOWN),
    )
    return Block("TIME", facts)


def _quote(contract: Contract, page: ChainSlice, place: tuple[int, int], now: UtcNanos) -> Block:
    tick = contract.series.tick_rule.small
    at = UtcNanos(int(page.quoted_at[place]))
    verdict = int(page.verdict[place])
    facts = (
        Fact(
            "Bid x ask",
            (
                Cell(f"{written.price(float(page.bid[place]), tick)} x {written.price(float(page.ask[place]), tick)}", "white", bold=True),
                Cell(f"  {written.compact(float(page.bid_size[place]))} x {written.compact(float(page.ask_size[place]))}", "dim"),
            ),
        ),
        Fact.of("Mid", written.price(float(page.mid[place]), tick / 10 if tick >= 0.01 else tick)),
        Fact.of("Last", written.price(float(page.last[place]), tick)),
        Fact.of("Volume", written.whole(float(page.volume[place]))),
        Fact("Open interest", (Cell(written.whole(float(page.open_interest[place]))), Cell("  last session's", "dim"))),
        Fact.of("Quoted NY", f"{written.moment(at)}  {written.age(written.seconds_between(at, now))} old" if at else "never"),
        Fact.of("Verdict", verdict_words(verdict), "alert" if verdict else "text"),
    )
    return Block("QUOTE", facts)


def _numbers(contract: Contract, page: ChainSlice, place: tuple[int, int]) -> Block:
    def at(matrix: Any) -> float:
        return float(matrix[place])

    head = page.summary
    status = IvStatus(int(page.iv_status[place]))
    note = "" if status is IvStatus.OK else f"  {IV_STATUS_WORDS[status]}"
    intrinsic = _intrinsic(contract, head.spot)
    facts = [
        Fact("IV of mid", (Cell(written.percent(at(page.iv), 2), "vol", bold=True), Cell(note, "alert"))),
        Fact.of("IV bid, ask", f"{written.percent(at(page.iv_bid), 2)}  {written.percent(at(page.iv_ask), 2)}", "vol"),
        Fact.of("Delta", written.signed(at(page.delta), 3)),
        Fact.of("Gamma", written.significant(at(page.gamma))),
        Fact("Theta", (Cell(written.signed(at(page.theta), 3)), Cell("  a calendar day", "dim"))),
        Fact("Vega", (Cell(written.price(at(page.vega), 0.001)), Cell("  a vol point", "dim"))),
        Fact("Rho", (Cell(written.signed(at(page.rho), 3)), Cell("  1 % of rate", "dim"))),
        Fact("P(ITM)", (Cell(written.percent(at(page.probability_itm))), Cell("  risk-neutral", "dim"))),
        Fact.of("Forward, rate", f"{written.money(head.forward)}  {written.percent(head.rate, 2)}  {head.forward_method.value}"),
    ]
    if isfinite(intrinsic):
        facts.append(Fact.of("Intrinsic", f"{written.price(intrinsic)}, time value {written.price(at(page.mid) - intrinsic)}"))
    facts.append(Fact.of("Model", head.model.value, "dim"))
    return Block("NUMBERS, PER SHARE", tuple(facts))


def _intrinsic(contract: Contract, spot: float) -> float:
    """What exercise would bring at the spot; not said of a premium in coin."""
    if contract.series.inverse or not isfinite(spot):
        return nan
    return max(spot - contract.strike if contract.right is Right.CALL else contract.strike - spot, 0.0)


def _underlying(quote: Quote) -> Block:
    tick = quote.security.tick
    change = f"  {written.arrow(quote.change)} {written.signed(quote.change)}  {written.signed_percent(quote.change_fraction)}"
    facts = (
        Fact("Last", (Cell(written.money(quote.last, tick), "white", bold=True), Cell(change, direction(quote.change)))),
        Fact.of("IV30, rank", f"{written.percent(quote.iv30)}  {written.points(quote.iv_rank, 0)}", "vol"),
    )
    return Block(f"UNDERLYING {quote.security.symbol}", facts)
