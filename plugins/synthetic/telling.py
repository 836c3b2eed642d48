"""A desk's state as the batches of a feed."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Ints, codes, floats, ints, longs
from engine.domain.ids import UtcNanos
from engine.domain.market import BarBatch, QuoteBatch, SummaryBatch, TradeBatch, VolatilityHistory
from plugins.synthetic.desk import Desk
from plugins.synthetic.history import MINUTE_SESSIONS, Span, bar_batch, daily, day_of, joined, session_minutes, spans, volatility
from plugins.synthetic.motion import Moment
from plugins.synthetic.quoting import Quotes
from plugins.synthetic.tape import Prints

BATCH_ROWS = 4_000
QUOTE_COLUMNS = ("handle", "bid", "ask", "bid_size", "ask_size", "event_at")
SUMMARY = ("last", "open", "high", "low", "previous_close", "volume", "open_interest", "last_at", "vendor_iv", "vendor_delta")


class Rows:
    """Quotes and summaries gathered over a frame, told in one batch of each kind."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0
        """Quotes."""
        self.told = 0
        """Summaries."""
        self._quotes: list[tuple[Ints, Quotes]] = []
        self._summaries: list[tuple[Ints, dict[str, NDArray[np.generic]]]] = []

    def quotes(self, handles: Ints, market: Quotes) -> None:
        """Adds markets."""
        if handles.size:
            self._quotes.append((handles, market))
            self.count += handles.size

    def summaries(self, handles: Ints, **columns: Floats | NDArray[np.int64]) -> None:
        """Adds figures of the day; those not given are not said."""
        if handles.size:
            self._summaries.append((handles, dict(columns)))
            self.told += handles.size

    def quote_batches(self) -> list[QuoteBatch]:
        """All markets of the frame, in batches that keep no reader for long."""
        whole = self.quote_batch()
        if whole is None or whole.handle.size <= BATCH_ROWS:
            return [] if whole is None else [whole]
        columns = {name: getattr(whole, name) for name in QUOTE_COLUMNS}
        cuts = [slice(first, first + BATCH_ROWS) for first in range(0, whole.handle.size, BATCH_ROWS)]
        return [QuoteBatch(at=whole.at, **{name: column[cut] for name, column in columns.items()}) for cut in cuts]

    def quote_batch(self) -> QuoteBatch | None:
        """All markets of the frame in one."""
        if not self._quotes:
            return None
        handle = np.concatenate([handles for handles, _ in self._quotes])
        market = [np.concatenate(column) for column in zip(*(market for _, market in self._quotes), strict=True)]
        return QuoteBatch(
            at=UtcNanos(self.at),
            handle=ints(handle),
            bid=floats(market[0]),
            ask=floats(market[1]),
            bid_size=floats(market[2]),
            ask_size=floats(market[3]),
            event_at=longs(np.full(handle.shape, self.at)),
        )

    def summary_batch(self) -> SummaryBatch | None:
        """All figures of the frame."""
        if not self._summaries:
            return None
        sizes = [handles.size for handles, _ in self._summaries]

        def column(name: str) -> Floats:
            parts = [given.get(name) for _, given in self._summaries]
            return np.concatenate([np.full(n, np.nan) if part is None else part for part, n in zip(parts, sizes, strict=True)])

        numbers = {name: floats(column(name)) for name in SUMMARY if name != "last_at"}
        when = [given.get("last_at", np.zeros(n)) for (_, given), n in zip(self._summaries, sizes, strict=True)]
        return SummaryBatch(
            at=UtcNanos(self.at),
            handle=ints(np.concatenate([handles for handles, _ in self._summaries])),
            last_at=longs(np.concatenate(when).astype(np.int64)),
            **numbers,
        )


def tell_underlying(rows: Rows, desk: Desk, moment: Moment, *, anew: bool = False) -> None:
    """The name's own market and figures, where they moved."""
    market = desk.market(moment)
    figures = (desk.last, desk.open, desk.high, desk.low, desk.volume())
    handle = np.array([desk.handle], dtype=np.int32)
    if anew or market != desk.told[:4]:
        rows.quotes(handle, Quotes(*(np.array([number]) for number in market)))
    if anew or repr(figures) != repr(desk.told[4:]):
        last, opened, high, low, volume = (np.array([number]) for number in figures)
        rows.summaries(
            handle,
            last=last,
            open=opened,
            high=high,
            low=low,
            previous_close=np.array([desk.previous_close]),
            volume=volume,
            last_at=np.array([desk.last_at], dtype=np.int64),
        )
    desk.told = (*market, *figures)


def tell_range(rows: Rows, desk: Desk, moment: Moment, first: int, last: int, *, whole: bool = False) -> None:
    """Markets of a range of strikes where they moved, or all of them."""
    rows.quotes(*desk.chain.changed(moment, first, last, whole=whole))


def tell_volume(rows: Rows, desk: Desk, first: int, last: int) -> None:
    """Volume and last price of a range of strikes where something was traded since it was told."""
    chain = desk.chain
    places = np.concatenate([np.arange(first, last), chain.count + np.arange(first, last)])
    moved = places[desk.options.volume[places] != desk.told_volume[places]]
    if moved.size:
        _tell_traded(rows, desk, moved)


def tell_day(rows: Rows, desk: Desk, first: int, last: int) -> None:
    """All figures of the day of a range of strikes."""
    chain = desk.chain
    places = np.concatenate([np.arange(first, last), chain.count + np.arange(first, last)])
    desk.told_volume[places] = desk.options.volume[places]
    rows.summaries(
        chain.handles.ravel()[places],
        last=desk.option_last[places],
        previous_close=desk.closed_at.ravel()[places],
        volume=np.round(desk.options.volume[places], 1),
        open_interest=desk.open_interest.ravel()[places],
        last_at=desk.option_last_at[places],
    )


def _tell_traded(rows: Rows, desk: Desk, places: NDArray[np.int64]) -> None:
    desk.told_volume[places] = desk.options.volume[places]
    rows.summaries(
        desk.chain.handles.ravel()[places],
        last=desk.option_last[places],
        volume=np.round(desk.options.volume[places], 1),
        last_at=desk.option_last_at[places],
    )


class Printed(NamedTuple):
    """Prints to be told."""

    handle: Ints
    price: Floats
    prints: Prints


def tell_options(rows: Rows, desk: Desk, moment: Moment, most: int) -> Printed | None:
    """Option prints since the last look; the newest where there are too many to tell, all of them in the volume."""
    prints = desk.options.until(moment.at, desk.day_end)
    count = len(prints.at)
    if not count:
        return None
    prints = prints.between(max(0, count - most), count)
    prices = desk.priced(moment, prints)
    desk.note_options(moment, prints, prices)
    _tell_traded(rows, desk, np.unique(prints.what))
    return Printed(desk.contracts(prints), prices, prints)


def tell_shares(desk: Desk, moment: Moment, most: int) -> Printed | None:
    """Prints of the name itself since the last look."""
    prints = desk.shares.until(moment.at, desk.day_end)
    desk.note(moment, prints)
    count = len(prints.at)
    if not count:
        return None
    prints = prints.between(max(0, count - most), count)
    bid, ask, _, _ = desk.market(moment)
    price = np.where(prints.side > 0, ask, bid)
    return Printed(np.full(len(prints.at), desk.handle, dtype=np.int32), price, prints)


def trade_batch(at: int, printed: Sequence[Printed]) -> TradeBatch | None:
    """Prints of a frame in the order of their times."""
    if not printed:
        return None
    prints = Prints._make(map(np.concatenate, zip(*(one.prints for one in printed), strict=True)))
    order = np.argsort(prints.at, kind="stable")
    return TradeBatch(
        at=UtcNanos(at),
        handle=ints(np.concatenate([one.handle for one in printed])[order]),
        price=floats(np.concatenate([one.price for one in printed])[order]),
        size=floats(prints.size[order]),
        side=codes(prints.side[order]),
        flags=codes(prints.flags[order]),
        event_at=longs(prints.at[order]),
    )


def tell_past(desk: Desk, day: date, now: Callable[[], int]) -> Iterator[BarBatch | VolatilityHistory | None]:
    """Everything that came before, in steps: volatility by day, minutes of the last sessions and of today, bars by day."""
    seed = desk.world.seed
    symbol = desk.name.symbol
    days = spans(desk.motion, desk.world.first, day - timedelta(days=1))
    yield None
    yield volatility(desk.motion, days, now())
    last = []
    for span in days[-MINUTE_SESSIONS:]:
        bars = session_minutes(desk.motion, seed, span, desk.tick)
        last.append(day_of(bars, span.day))
        yield bar_batch(now(), symbol, 60, bars)
    while (today := desk.minutes_until(now())) is not None:
        yield bar_batch(now(), symbol, 60, today)
    bars = daily(desk.motion, seed, days, desk.tick)
    yield bar_batch(now(), symbol, 86_400, joined([bars.chosen(slice(None, -MINUTE_SESSIONS)), *last]))


def tell_yesterday(desk: Desk, day: date, now: Callable[[], int]) -> Iterator[BarBatch | VolatilityHistory]:
    """The day that ended: its bar, and where volatility closed."""
    span: list[Span] = spans(desk.motion, day, day)
    if span:
        yield volatility(desk.motion, span, now())
        yield bar_batch(now(), desk.name.symbol, 86_400, daily(desk.motion, desk.world.seed, span, desk.tick))
