"""One name at work: its options as listed today, its tapes, and what was last said of it."""

from collections.abc import Iterator
from datetime import date
from math import floor

import numpy as np
from msgspec.structs import replace

from engine.domain.calendar import previous_session
from engine.domain.columns import Floats, Ints, Longs
from engine.domain.instants import MINUTE_NS, SECOND_NS, new_york, utc_instant
from engine.domain.instruments import Security, SessionName
from engine.domain.market import Side
from engine.domain.roots import make_security
from plugins.synthetic.chain import Chain, Line, make_lines
from plugins.synthetic.chance import bits, bits_of_each, inverse_normal, key, quarters, to_unit
from plugins.synthetic.corporate import payments, reports
from plugins.synthetic.expiries import listed
from plugins.synthetic.history import Columns, joined, minutes
from plugins.synthetic.interest import Stand, held, traded
from plugins.synthetic.motion import Moment
from plugins.synthetic.name import Name
from plugins.synthetic.quoting import nearest
from plugins.synthetic.tape import Prints, Tape
from plugins.synthetic.timeline import HALF_HOUR_NS
from plugins.synthetic.vix import VixMotion
from plugins.synthetic.world import World, is_open, market_hours

LINES = 12
"""Series made in one go."""


class Desk:
    """A name of the simulated market."""

    def __init__(self, name: Name, world: World, first_handle: int) -> None:
        self.name = name
        self.world = world
        self.motion = world.motion(name.symbol)
        self.handle = first_handle
        self.chain: Chain
        self.hours: tuple[int, int, int] = (0, 0, 0)
        self.previous_close = np.nan
        self.open = np.nan
        self.high = np.nan
        self.low = np.nan
        self.last = np.nan
        self.last_at = 0
        self.told: tuple[float, ...] = ()
        """What was last said of the name itself."""
        self.bars_until = 0
        """Minutes before this instant were told."""
        self.open_interest: Floats = np.empty((2, 0))
        self.closed_at: Floats = np.empty((2, 0))
        """Yesterday's fair values on the grid."""
        self.option_last: Floats = np.empty(0)
        self.option_last_at: Longs = np.empty(0, np.int64)
        self.told_volume: Floats = np.empty(0)
        self._own = key(world.seed, "quote", name.symbol)
        self._plain = make_security(name.symbol, sector=name.sector)
        self._steps = round(1.0 / self._plain.tick)
        self._lines: list[Line] = []
        self._moment = Moment(0, np.nan, 0.0, 0.0, 0.0, 0.0)
        self._market: tuple[int, tuple[float, float, float, float]] = (0, (np.nan, np.nan, 0.0, 0.0))
        self._sizes: tuple[int, float, float] = (0, 0.0, 0.0)
        self._counted = False
        self._counted_until = 0
        self.fresh: list[Line] = []
        """Series the day in force brought."""
        self.day_start = 0
        """First half hour of the day in force: the session's open, or a coin's midnight UTC."""
        self.day_end = 0

    @property
    def tick(self) -> float:
        """Price step of the underlying."""
        return self._plain.tick

    def begin(self, day: date, at: int, next_handle: int) -> Iterator[None]:
        """Lists what this day brings, about where prices stand at an instant; the new series are in ``fresh`` then."""
        self.hours = market_hours(day)
        vix = self.motion if isinstance(self.motion, VixMotion) else None
        moment = self.motion.moment(at)
        yield
        clock = self.world.clock(self.name)
        known = {line.series.id for line in self._lines}
        kept = [line for line in self._lines if line.series.last_trade_at > at]
        wanted = [one for one in listed(self.name, day) if one.series.last_trade_at > at and one.series.id not in known]
        yield
        self.fresh = []
        for first in range(0, len(wanted), LINES):
            lines = make_lines(
                self.name,
                wanted[first : first + LINES],
                moment=moment,
                clock=clock,
                vix=vix,
                seed=self.world.seed,
                first_handle=next_handle,
            )
            next_handle += sum(2 * len(line.strikes) for line in lines)
            self.fresh.extend(lines)
            yield
        self._lines = sorted([*kept, *self.fresh], key=lambda line: (line.series.settles_at, line.series.root))
        before = (self.chain, self.option_last, self.option_last_at) if known else None
        self.chain = Chain(self.name, self._lines, clock, vix, self.motion.moment(self.hours[0]))
        yield
        yield from self._open_books(day, moment)
        if before is not None:
            self._carry_over(*before)
        yield
        self._look_back(day, moment)

    def security(self, at: int) -> Security:
        """The name with its dates to come."""
        year = new_york(at).year
        report = next((one for one in reports(self.name, year, year + 1) if one.at > at), None)
        paid = next((one for one in payments(self.name, year, year + 1) if one.at > at), None)
        share = 4.0 * self.name.dividends.amount / self.name.price if self.name.dividends else self.name.dividend_yield
        return replace(
            self._plain,
            dividend_yield=round(share, 6),
            next_earnings=report.day if report else None,
            next_ex_dividend=paid.day if paid else None,
            next_dividend_amount=paid.amount if paid else None,
        )

    def is_open(self, at: int) -> bool:
        """Whether it trades at an instant of the day in force."""
        return is_open(self.name, at, self.hours)

    def moment(self, at: int) -> Moment:
        """Its state; the newest is kept."""
        if self._moment.at != at:
            self._moment = self.motion.moment(at)
        return self._moment

    def market(self, moment: Moment) -> tuple[float, float, float, float]:
        """Bid, offer and sizes of the name itself; of an index the indication about its level."""
        if self._market[0] != moment.at:
            self._market = (moment.at, self._market_of(moment))
        return self._market[1]

    def _market_of(self, moment: Moment) -> tuple[float, float, float, float]:
        wide = self.name.dealing.ticks_wide
        steps = self._steps
        if self.name.is_index:
            level = round(moment.price * steps)
            return (level - wide // 2) / steps, (level + wide // 2) / steps, 1.0, 1.0
        bid = floor(moment.price * steps + 1e-7) - (wide - 1) // 2
        return bid / steps, (bid + wide) / steps, *self._size(moment.at)

    def _size(self, at: int) -> tuple[float, float]:
        """Sizes of its market, new every other second."""
        turn = at // (2 * SECOND_NS)
        if self._sizes[0] != turn:
            first, second, _, _ = (float(draw[0]) for draw in quarters(bits(self._own, turn)))
            lot = 0.1 if self.name.is_coin else 100.0
            self._sizes = (turn, round(lot * (1 + floor(24.0 * first**2)), 1), round(lot * (1 + floor(24.0 * second**2)), 1))
        return self._sizes[1], self._sizes[2]

    def note(self, moment: Moment, shares: Prints) -> None:
        """Takes in where the name stands and what of it was traded."""
        if self.name.is_index:
            self.last, self.last_at = round(moment.price * self._steps) / self._steps, moment.at
        elif shares.at.size:
            bid, ask, _, _ = self.market(moment)
            self.last = ask if shares.side[-1] > 0 else bid
            self.last_at = int(shares.at[-1])
        self.high = max(self.high, self.last)
        self.low = min(self.low, self.last)

    def volume(self) -> float:
        """Units of the underlying traded today; NaN of an index, and as long as the day so far is not counted."""
        return float("nan") if self.name.is_index or not self._counted else round(float(self.shares.volume[0]), 3)

    def count(self, at: int) -> bool:
        """Counts what was traded today before an instant, a half hour at a time; true when it is done."""
        end = min(self._counted_until + HALF_HOUR_NS, at)
        moment = self.motion.moment(end)
        prints = self.options.until(end, self.day_end)
        if prints.at.size:
            self._note_newest(moment, prints)
        shares = self.shares.until(end, self.day_end)
        if shares.at.size:
            self.note(moment, shares)
        self._counted_until = end
        self._counted = end >= at
        return self._counted

    def priced(self, moment: Moment, prints: Prints) -> Floats:
        """Prices of option prints: at the offer for a buyer, at the bid for a seller, in between where nobody knows."""
        bid, ask = self.chain.quotes_of(moment, prints.what)
        low = np.where(np.isnan(bid), ask, bid)
        between = nearest(self.chain.grid, 0.5 * (low + ask))
        return np.where(prints.side == Side.BUY, ask, np.where(prints.side == Side.SELL, low, between))

    def note_options(self, moment: Moment, prints: Prints, prices: Floats) -> None:
        """Takes in option prints."""
        self.option_last[prints.what] = prices
        self.option_last_at[prints.what] = np.minimum(prints.at, moment.at)

    def minutes_until(self, at: int, most: int = 4) -> Columns | None:
        """Bars of the minutes that ended since they were told last, of so many half hours at most; None where none did."""
        end = min(at - at % MINUTE_NS, self.day_end)
        if end <= self.bars_until:
            return None
        bones = self.motion.skeleton
        parts: list[Columns] = []
        block = bones.block(self.bars_until)
        while int(bones.at[block]) < end and len(parts) < most:
            bars = minutes(self.motion, self.world.seed, block, open_at=self.day_start, tick=self.tick)
            parts.append(bars.chosen((bars.start >= self.bars_until) & (bars.start < end)))
            block += 1
        self.bars_until = min(end, int(bones.at[block]))
        found = joined(parts)
        today = found.chosen(found.start >= self.day_start)
        if today.start.size:
            self.high = max(self.high, float(today.high.max()))
            self.low = min(self.low, float(today.low.min()))
        return found

    def contracts(self, prints: Prints) -> Ints:
        """Handles of option prints."""
        right, place = np.divmod(prints.what, self.chain.count)
        return self.chain.handles[right, place]

    def _open_books(self, day: date, moment: Moment) -> Iterator[None]:
        name, chain, seed = self.name, self.chain, self.world.seed
        self.day_start = utc_instant(day) if name.is_coin else self.hours[0]
        self.day_end = self.hours[2] if name.is_coin else self.hours[1]
        terms = chain.terms(moment)
        columns = zip(chain.lines, terms.years.tolist(), terms.forward.tolist(), np.sqrt(terms.theta).tolist(), strict=True)
        holdings, flows = [], []
        for place, (line, years, price, width) in enumerate(columns):
            stand = Stand(line.strikes, price, width, max(years, 0.0))
            holdings.append(held(name, line.cycle, stand, line.keys))
            flows.append(traded(name, stand, line.keys))
            if place % LINES == LINES - 1:
                yield
        share = np.concatenate(holdings, axis=1)
        change = np.exp(0.05 * inverse_normal(to_unit(bits_of_each(chain.keys, day.toordinal()))))
        self.open_interest = np.floor(name.dealing.open_interest * share / share.sum() * change)
        self.options = Tape(name, seed=seed, day_start=self.day_start, weights=np.concatenate(flows, axis=1).ravel())
        self.shares = Tape(name, seed=seed, day_start=self.day_start, weights=None)
        self.option_last = np.full(2 * chain.count, np.nan)
        self.option_last_at = np.zeros(2 * chain.count, np.int64)
        self.told_volume = np.full(2 * chain.count, -1.0)

    def _look_back(self, day: date, now: Moment) -> None:
        """Yesterday's closes, today's open."""
        close = market_hours(previous_session(SessionName.NYSE, day))[1]
        if self.name.is_coin:
            close = self.day_start
        then = self.motion.moment(close)
        self.previous_close = round(then.price * self._steps) / self._steps
        start = self.motion.moment(self.day_start)
        self.open = self.high = self.low = round(start.price * self._steps) / self._steps
        self.last, self.last_at = round(now.price * self._steps) / self._steps, now.at
        self.bars_until = max(self.bars_until, self.day_start) if not self.name.is_coin or not self.bars_until else self.bars_until
        self.told = ()
        self._counted, self._counted_until = False, self.day_start
        fair = nearest(self.chain.grid, self.chain.fair(then))
        self.closed_at = np.where(fair > 0.0, fair, np.nan)

    def _carry_over(self, before: Chain, last: Floats, last_at: Longs) -> None:
        """Last prices of series that were listed yesterday."""
        for place, line in enumerate(self.chain.lines):
            old = before.places.get(line.series.id)
            if old is None:
                continue
            for right in (0, 1):
                here = right * self.chain.count + self.chain.starts[place]
                there = right * before.count + before.starts[old]
                self.option_last[here : here + len(line.strikes)] = last[there : there + len(line.strikes)]
                self.option_last_at[here : here + len(line.strikes)] = last_at[there : there + len(line.strikes)]

    def _note_newest(self, moment: Moment, prints: Prints) -> None:
        """The last print of each contract in a half hour, priced at its end."""
        what, place = np.unique(prints.what[::-1], return_index=True)
        newest = len(prints.at) - 1 - place
        chosen = Prints(prints.at[newest], what, prints.size[newest], prints.side[newest], prints.flags[newest])
        self.note_options(moment, chosen, self.priced(moment, chosen))
