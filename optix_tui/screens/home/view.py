"""What the overview shows: boards by kind, the term of volatility, movers, events, the session and the engine."""

from collections.abc import Mapping
from datetime import date
from math import isfinite, nan
from typing import NamedTuple

from msgspec import Struct

from engine.domain.calendar import next_open, session_at
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import SECOND_NS, new_york
from engine.domain.instruments import AssetKind, Security, SessionName
from engine.messages.queries import EngineStatus, ExpirationTable, Quote
from optix_tui import format as written
from optix_tui.screens.columns import QuoteRow
from optix_tui.screens.quality.view import state_cells
from optix_tui.screens.table import Block, Cell, Fact, ordered
from optix_tui.screens.watch.view import is_old

VOLATILITY_INDEX = Symbol("VIX")
SECTIONS: tuple[tuple[str, AssetKind], ...] = (
    ("INDICES", AssetKind.INDEX),
    ("FUNDS", AssetKind.ETF),
    ("STOCKS", AssetKind.STOCK),
    ("CRYPTO", AssetKind.CRYPTO),
    ("FUTURES", AssetKind.FUTURE),
)
COLUMNS = ("last", "arrow", "percent", "iv30", "iv_change", "rank", "premium", "reversal", "move", "put_call", "spark")
MOST_MOVERS = 4
MOST_EVENTS = 12
NEAR_DAYS = 7


class TermPoint(NamedTuple):
    """One expiry of the volatility index."""

    label: str
    days: float
    level: float


class Mover(NamedTuple):
    """A name and by how much."""

    symbol: Symbol
    value: float
    text: str


class Event(NamedTuple):
    """What is coming for a name."""

    day: date
    days: int
    symbol: Symbol
    what: str
    detail: str


class HomeFacts(Struct, frozen=True, kw_only=True):
    """What is known."""

    quotes: Mapping[Symbol, Quote] = {}
    closes: Mapping[Symbol, float] = {}
    term: ExpirationTable | None = None
    status: EngineStatus | None = None
    now: UtcNanos = UtcNanos(0)


class HomeView(Struct, frozen=True, kw_only=True):
    """The overview."""

    lines: tuple[QuoteRow | str, ...]
    """Rows, and the title of each section before its first."""
    volatility_index: QuoteRow | None
    term: tuple[TermPoint, ...]
    term_text: str
    movers: tuple[tuple[Mover, ...], tuple[Mover, ...]]
    """Up and down, in price."""
    volatility_movers: tuple[tuple[Mover, ...], tuple[Mover, ...]]
    ranks: tuple[tuple[Mover, ...], tuple[Mover, ...]]
    """The highest and the lowest ranks."""
    events: tuple[Event, ...]
    session: Block
    strip: tuple[Cell, ...]
    """Session and volatility in one line, for small tiles."""


def present(facts: HomeFacts) -> HomeView | None:
    """The overview; None until a name is known."""
    if not facts.quotes:
        return None
    rows = [_row(quote, facts) for quote in facts.quotes.values()]
    lines: list[QuoteRow | str] = []
    for title, kind in SECTIONS:
        mine = [row for row in rows if row.quote is not None and row.quote.security.kind is kind]
        lines += [title, *mine] if mine else []
    traded = [row for row in rows if row.quote is not None and row.quote.security.tradable]
    index = next((row for row in rows if row.symbol == VOLATILITY_INDEX), None)
    term = term_points(facts.term)
    session = session_block(facts)
    return HomeView(
        lines=tuple(lines),
        volatility_index=index,
        term=term,
        term_text=term_text(term, index),
        movers=_movers([Mover(row.symbol, row.quote.change_fraction, "") for row in traded if row.quote], written.signed_percent),
        volatility_movers=_movers([Mover(row.symbol, row.iv_change, "") for row in traded], lambda x: written.signed(x * 100, 1)),
        ranks=_ranks(rows),
        events=events_of([row.quote.security for row in rows if row.quote], new_york(facts.now).date()) if facts.now else (),
        session=session,
        strip=_strip(session, index, term),
    )


def _row(quote: Quote, facts: HomeFacts) -> QuoteRow:
    return QuoteRow(
        symbol=quote.security.symbol,
        quote=quote,
        iv_change=quote.iv30 - facts.closes.get(quote.security.symbol, nan),
        is_pale=is_old(quote, facts.now),
    )


def term_points(table: ExpirationTable | None) -> tuple[TermPoint, ...]:
    """The forwards of the volatility index by expiry; those that are unknown are left out."""
    if table is None:
        return ()
    return tuple(
        TermPoint(written.day(one.series.expiry)[:6], one.years * 365, one.forward)
        for one in table.expiries
        if isfinite(one.forward) and one.years > 0
    )


def term_text(term: tuple[TermPoint, ...], index: QuoteRow | None) -> str:
    """The slope from the first to the second expiry, and the first against the index itself."""
    parts = []
    if len(term) > 1:
        slope = term[1].level / term[0].level - 1
        parts.append(f"{'contango' if slope >= 0 else 'backwardation'} {written.signed_percent(slope, 1)} 1st-2nd")
    if term and index is not None and index.quote is not None and isfinite(index.quote.last):
        parts.append(f"basis {written.signed(term[0].level - index.quote.last)}")
    return "  ".join(parts)


def _movers(every: list[Mover], write: object) -> tuple[tuple[Mover, ...], tuple[Mover, ...]]:
    assert callable(write)
    known = [mover._replace(text=write(mover.value)) for mover in every if isfinite(mover.value)]
    up = ordered([mover for mover in known if mover.value > 0], lambda mover: mover.value, descending=True)
    down = ordered([mover for mover in known if mover.value < 0], lambda mover: mover.value, descending=False)
    return up[:MOST_MOVERS], down[:MOST_MOVERS]


def _ranks(rows: list[QuoteRow]) -> tuple[tuple[Mover, ...], tuple[Mover, ...]]:
    known = [
        Mover(row.symbol, row.quote.iv_rank, written.points(row.quote.iv_rank, 0))
        for row in rows
        if row.quote is not None and isfinite(row.quote.iv_rank)
    ]
    high = ordered(known, lambda mover: mover.value, descending=True)
    return high[:MOST_MOVERS], high[::-1][:MOST_MOVERS]


def events_of(securities: list[Security], today: date) -> tuple[Event, ...]:
    """Earnings and ex-dividend days from today on, the nearest first."""
    found = []
    for security in securities:
        if security.next_earnings is not None:
            found.append((security.next_earnings, security.symbol, "earnings", ""))
        if security.next_ex_dividend is not None:
            amount = security.next_dividend_amount
            found.append((security.next_ex_dividend, security.symbol, "ex-div", written.price(amount) if amount is not None else ""))
    coming = sorted((event for event in found if event[0] >= today), key=lambda event: (event[0], event[1], event[2]))
    return tuple(Event(day, (day - today).days, symbol, what, detail) for day, symbol, what, detail in coming[:MOST_EVENTS])


def countdown(nanoseconds: int) -> str:
    """``1:27:53``, or ``2d 03:04:05``."""
    seconds = max(nanoseconds, 0) // SECOND_NS
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{days}d {hours:02d}:{minutes:02d}:{seconds:02d}" if days else f"{hours}:{minutes:02d}:{seconds:02d}"


def session_cells(name: SessionName, now: UtcNanos) -> tuple[Cell, ...]:
    """Whether a calendar trades, and how long until that changes."""
    if not now:
        return (Cell("the market's clock is not known yet", "dim"),)
    if name is SessionName.CRYPTO:
        return (Cell("open", "up", bold=True), Cell("  at all hours", "dim"))
    found = session_at(name, now)
    if found is not None:
        half = "  half day" if found.half_day else ""
        return (
            Cell("open", "up", bold=True),
            Cell("  closes in ", "dim"),
            Cell(countdown(found.close_at - now), "white", bold=True),
            Cell(f"  {written.minute(found.close_at)}{half}", "alert" if half else "dim"),
        )
    opens = next_open(name, now)
    return (
        Cell("closed", "down", bold=True),
        Cell("  opens in ", "dim"),
        Cell(countdown(opens - now), "white", bold=True),
        Cell(f"  {written.day(new_york(opens).date())[:6]} {written.minute(opens)}", "dim"),
    )


def session_block(facts: HomeFacts) -> Block:
    """Sessions, feed and store."""
    lines = [
        Fact("NYSE", session_cells(SessionName.NYSE, facts.now)),
        Fact("Index opts", session_cells(SessionName.CBOE_INDEX, facts.now)),
    ]
    status = facts.status
    if status is not None:
        name = f"{status.source}" + (" SIM" if status.simulated else "")
        delay = f" {status.delayed_minutes:.0f} min late" if status.delayed_minutes else ""
        speed = f" x{status.speed:g}" if status.speed != 1 else ""
        lines.append(Fact("Feed", state_cells(status.feed_state, status.feed_reason)))
        lines.append(Fact("", (Cell(f"{name}{delay}{speed}  {written.whole(status.updates_per_second)}/s", "text"),)))
        store = status.store
        if store.path:
            size = f"{written.size_of(store.size_bytes)} of {written.size_of(store.budget_bytes)}"
            lines.append(Fact("Recorder", (Cell(size), Cell("" if store.healthy else f"  {store.trouble}", "alert"))))
    return Block("SESSION", tuple(lines))


def _strip(session: Block, index: QuoteRow | None, term: tuple[TermPoint, ...]) -> tuple[Cell, ...]:
    cells = [Cell("NYSE ", "dim"), *session.facts[0].values]
    if index is not None and index.quote is not None:
        quote = index.quote
        tone = "up" if quote.change > 0 else "down" if quote.change < 0 else "text"
        cells += [
            Cell("   VIX ", "dim"),
            Cell(written.money(quote.last), "white", bold=True),
            Cell(f" {written.arrow(quote.change)}{written.signed_percent(quote.change_fraction)}", tone),  # type: ignore[arg-type]
        ]
    for point in term[:3]:
        cells += [Cell(f"  {point.days:.0f}d ", "dim"), Cell(f"{point.level:.2f}", "vol")]
    return tuple(cells)
