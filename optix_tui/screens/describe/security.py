"""The description of a security, in blocks of facts."""

from datetime import date
from math import isfinite

from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york
from engine.messages.queries import ExpirationTable, Quote
from optix_tui import format as written
from optix_tui.screens.columns import direction, plus_minus
from optix_tui.screens.describe.words import SESSIONS, duration, verdict_words
from optix_tui.screens.expirations.view import known_sum, ratio
from optix_tui.screens.table import Block, Cell, Fact


def security_blocks(quote: Quote, table: ExpirationTable | None, now: UtcNanos) -> tuple[Block, ...]:
    """All that is known of a security."""
    return tuple(block for block in (_who(quote), _quote(quote, now), _volatility(quote), _dates(quote, now), _options(table)) if block)


def _who(quote: Quote) -> Block:
    one = quote.security
    facts = [
        Fact.of("Symbol", one.symbol, "security", bold=True),
        Fact.of("Name", one.name, "bright"),
        Fact.of("Kind", one.kind.value),
        Fact.of("Market", one.market.value),
        Fact.of("Currency", one.currency),
        Fact.of("Sessions", SESSIONS[one.session]),
        Fact.of("Price step", written.price(one.tick, one.tick)),
        Fact.of("Traded", "yes" if one.tradable else "no: quoted only"),
    ]
    if one.sector:
        facts.append(Fact.of("Sector", one.sector))
    return Block("SECURITY", tuple(facts))


def _quote(quote: Quote, now: UtcNanos) -> Block:
    tick = quote.security.tick
    change = f"{written.signed(quote.change)}  {written.signed_percent(quote.change_fraction)}"
    tone = direction(quote.change)
    facts = (
        Fact("Last", (Cell(written.money(quote.last, tick), "white", bold=True), Cell(f"  {written.arrow(quote.change)} {change}", tone))),
        Fact(
            "Bid x ask",
            (
                Cell(f"{written.money(quote.bid, tick)} x {written.money(quote.ask, tick)}"),
                Cell(f"  {written.compact(quote.bid_size)} x {written.compact(quote.ask_size)}", "dim"),
            ),
        ),
        Fact.of("Open", written.money(quote.open, tick)),
        Fact.of("High, low", f"{written.money(quote.high, tick)}  {written.money(quote.low, tick)}"),
        Fact.of("Last close", written.money(quote.previous_close, tick)),
        Fact.of("Volume", written.whole(quote.volume)),
        Fact.of("As of NY", f"{written.moment(quote.as_of)}  {written.age(written.seconds_between(quote.as_of, now))} old"),
        Fact.of("Verdict", verdict_words(quote.verdict), "alert" if quote.verdict else "text"),
        Fact.of("Source", f"{quote.source}, {quote.state.value}"),
    )
    return Block("QUOTE", facts)


def _volatility(quote: Quote) -> Block:
    sessions = f" over {quote.iv_sessions} sessions" if quote.iv_sessions else ""
    facts = (
        Fact.of("IV30", written.percent(quote.iv30), "vol", bold=True),
        Fact("IV rank", (Cell(written.points(quote.iv_rank, 0), "vol"), Cell(sessions, "dim"))),
        Fact("IV percentile", (Cell(written.points(quote.iv_percentile, 0), "vol"), Cell(sessions, "dim"))),
        Fact("HV30", (Cell(written.percent(quote.realized_30), "vol"), Cell("  close to close, 252 days", "dim"))),
        Fact.of("IV - HV", f"{written.signed((quote.iv30 - quote.realized_30) * 100, 1)} points", "vol"),
        Fact("RR25 30d", (Cell(f"{written.signed(quote.risk_reversal_25 * 100, 1)}", "vol"), Cell("  call - put, points", "dim"))),
        Fact("EM 1d", (Cell(plus_minus(quote.expected_move_day), "white"), Cell("  1 SD, ~68 %", "dim"))),
        Fact("P/C volume", (Cell(written.price(quote.put_call_volume)), Cell("  all expiries", "dim"))),
    )
    return Block("VOLATILITY", facts)


def _dates(quote: Quote, now: UtcNanos) -> Block:
    one = quote.security
    today = new_york(now).date() if now else None

    def day(value: date | None, detail: str = "") -> tuple[Cell, ...]:
        if value is None:
            return (Cell(written.UNKNOWN, "dim"),)
        away = f"  in {(value - today).days}d" if today is not None and value >= today else "  past"
        return (Cell(written.day(value), "security"), Cell(away, "dim"), Cell(detail, "text"))

    amount = one.next_dividend_amount
    dividend = f"  {written.price(amount)} {one.currency} a share" if amount is not None and isfinite(amount) else ""
    facts = (
        Fact("Earnings", day(one.next_earnings)),
        Fact("Ex-dividend", day(one.next_ex_dividend, dividend)),
        Fact("Yield", (Cell(written.percent(one.dividend_yield, 2) if one.dividend_yield else "none stated"), Cell("  continuous", "dim"))),
    )
    return Block("DATES", facts)


def _options(table: ExpirationTable | None) -> Block | None:
    if table is None:
        return None
    if not table.expiries:
        return Block("OPTIONS", (Fact.of("", "none are listed", "dim"),))
    first, last = table.expiries[0].series, table.expiries[-1].series
    roots = dict.fromkeys(f"{one.series.root} {one.series.settlement.value} {one.series.style.value}" for one in table.expiries)
    calls = known_sum([one.call_open_interest for one in table.expiries])
    puts = known_sum([one.put_open_interest for one in table.expiries])
    contracts = sum(one.contracts for one in table.expiries)
    facts = [
        Fact.of("Series", f"{len(table.expiries)}, {contracts:,} contracts"),
        Fact.of("Nearest", f"{written.day(first.expiry)}  {duration(first.settles_at - table.as_of)}", "security"),
        Fact.of("Farthest", written.day(last.expiry), "security"),
        *(Fact.of("Roots" if place == 0 else "", text) for place, text in enumerate(roots)),
        Fact.of("Multiplier", f"{first.multiplier:g}"),
        Fact("Open interest", (Cell(f"{written.compact(calls, 7)} calls", "call"), Cell(f"  {written.compact(puts, 7)} puts", "put"))),
        Fact.of("P/C interest", ratio(puts, calls)),
    ]
    return Block("OPTIONS", tuple(facts))
