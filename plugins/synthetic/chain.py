"""All listed options of one name in flat columns, so that any range of series is priced and quoted in one go."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.columns import Floats, Ints, Longs, codes, floats, ints
from engine.domain.ids import ContractId, UtcNanos
from engine.domain.instruments import OptionSeries, Right, Security, Style
from engine.domain.market import Listing
from engine.domain.osi import MONTHS
from plugins.synthetic.chance import Words, bits, key
from plugins.synthetic.exercise import Exercise
from plugins.synthetic.expiries import Cycle, Expiry
from plugins.synthetic.motion import Moment
from plugins.synthetic.name import Name
from plugins.synthetic.pricing import Terms, stand_of, terms_of, values_of
from plugins.synthetic.quoting import Quotes, grid_of, markets
from plugins.synthetic.strikes import ladder
from plugins.synthetic.timeline import VarianceClock
from plugins.synthetic.vix import VixLevel, VixMotion


class Line(NamedTuple):
    """One listed series: its strikes, and the handles of its contracts, calls first."""

    series: OptionSeries
    cycle: Cycle
    strikes: Floats
    keys: Words
    """Two rows of 64 bits that make each contract's market its own."""
    first_handle: int


class Chain:
    """The options of a name as they are listed on one day."""

    def __init__(self, name: Name, lines: list[Line], clock: VarianceClock, vix: VixMotion | None, opening: Moment) -> None:
        self.name = name
        self.lines = lines
        self.clock = clock
        self._vix: VixLevel | None = vix.level if vix else None
        self._vix_leader = vix.leader if vix else None
        counts = [len(line.strikes) for line in lines]
        self.starts: list[int] = [0, *np.cumsum(counts, dtype=np.int64).tolist()]
        self.count = self.starts[-1]
        """Strikes over all series; each bears a call and a put."""
        self.strikes: Floats = np.concatenate([line.strikes for line in lines])
        self.keys: Words = np.concatenate([line.keys for line in lines], axis=1)
        self.series: Longs = np.repeat(np.arange(len(lines)), counts)
        self.handles: Ints = np.concatenate(
            [line.first_handle + np.arange(2 * n, dtype=np.int32).reshape(2, n) for line, n in zip(lines, counts, strict=True)], axis=1
        )
        self.settles_at: Longs = np.array([line.series.settles_at for line in lines], dtype=np.int64)
        self.last_trade_at: Longs = np.array([line.series.last_trade_at for line in lines], dtype=np.int64)
        self.places = {line.series.id: place for place, line in enumerate(lines)}
        self._settles_year = clock.years(self.settles_at)
        self.grid = grid_of(lines[0].series.tick_rule)
        self._exercise = Exercise(len(lines)) if lines[0].series.style is Style.AMERICAN else None
        self._opening = opening
        """Of the day: the instant that the worth of early exercise is reckoned for."""
        self._opening_terms: Terms | None = None
        self._terms: Terms | None = None
        self.told = Quotes(*(np.full((2, self.count), np.inf) for _ in range(4)))
        """What was emitted last; infinity before the first time."""

    def terms(self, moment: Moment) -> Terms:
        """What all series' prices follow from at an instant; the newest is kept."""
        if self._terms is None or self._terms.moment != moment:
            self._terms = self._terms_of(moment)
        return self._terms

    def _terms_of(self, moment: Moment) -> Terms:
        leader = self._vix_leader.moment(moment.at) if self._vix_leader else None
        return terms_of(self.name, moment, self.settles_at, self._settles_year, self.clock, self._vix, leader)

    def quotes(self, moment: Moment, first: int, last: int) -> Quotes:
        """Markets in the strikes from first to before last, counted over all series."""
        terms = self.terms(moment)
        series = self.series[first:last]
        values = values_of(self.name, terms, self.strikes[first:last], series, self._worth(series))
        return markets(self.name, terms, values, self.keys[:, first:last], series, self.grid, moment.at)

    def quotes_of(self, moment: Moment, contracts: Longs) -> tuple[Floats, Floats]:
        """Bid and offer of single contracts, named by row * count + strike."""
        right, place = np.divmod(contracts, self.count)
        terms = self.terms(moment)
        series = self.series[place]
        values = values_of(self.name, terms, self.strikes[place], series, self._worth(series))
        found = markets(self.name, terms, values, self.keys[:, place], series, self.grid, moment.at)
        column = np.arange(len(place))
        return found.bid[right, column], found.ask[right, column]

    def fair(self, moment: Moment) -> Floats:
        """Fair values of everything, before any rounding."""
        return values_of(self.name, self.terms(moment), self.strikes, self.series, self._worth(self.series)).price

    def changed(self, moment: Moment, first: int, last: int, *, whole: bool = False) -> tuple[Ints, Quotes]:
        """Handles and markets in a range that moved by a step or a size since they were emitted last (or all of them), flat."""
        found = self.quotes(moment, first, last)
        told = Quotes(*(column[:, first:last] for column in self.told))
        if whole:
            moved: NDArray[np.bool_] = np.ones(found.ask.shape, dtype=np.bool_)
        else:
            bid_moved = (found.bid != told.bid) & ~(np.isnan(found.bid) & np.isnan(told.bid))
            moved = bid_moved | (found.ask != told.ask) | (found.bid_size != told.bid_size) | (found.ask_size != told.ask_size)
        for new, old in zip(found, told, strict=True):
            old[...] = new
        return self.handles[:, first:last][moved], Quotes(*(column[moved] for column in found))

    def _worth(self, series: Longs) -> Exercise | None:
        """The tables of early exercise, with those of these series; None where there is none."""
        if self._exercise is None:
            return None
        missing = self._exercise.missing(series)
        if missing.size:
            if self._opening_terms is None:
                self._opening_terms = self._terms_of(self._opening)
            self._exercise.make(missing, stand_of(self._opening_terms, missing))
        return self._exercise

    def trading(self, at: int) -> list[int]:
        """Places of the series that still trade."""
        return np.flatnonzero(self.last_trade_at > at).tolist()


def make_lines(
    name: Name, expiries: list[Expiry], *, moment: Moment, clock: VarianceClock, vix: VixMotion | None, seed: int, first_handle: int
) -> list[Line]:
    """New series with ladders about where their forwards stand."""
    settles = np.array([expiry.series.settles_at for expiry in expiries], dtype=np.int64)
    leader = vix.leader.moment(moment.at) if vix else None
    terms = terms_of(name, moment, settles, clock.years(settles), clock, vix.level if vix else None, leader)
    found = []
    columns = (terms.forward.tolist(), np.sqrt(terms.theta).tolist(), terms.years.tolist())
    for expiry, forward, deviation, years in zip(expiries, *columns, strict=True):
        strikes = ladder(name, price=forward, deviation=deviation, years=years, cycle=expiry.cycle)
        thousandths = np.rint(strikes * 1_000.0).astype(np.int64) * 2
        keys = bits(key(seed, "contract", expiry.series.id), np.stack([thousandths, thousandths + 1]))
        found.append(Line(expiry.series, expiry.cycle, strikes, keys, first_handle))
        first_handle += 2 * len(strikes)
    return found


def contract_names(line: Line) -> tuple[str, ...]:
    """Names of a series' contracts, calls first; the spelling is that of ``engine.domain.osi``, written in bulk."""
    series = line.series
    if series.inverse:
        head = f"{series.root}-{series.expiry.day}{MONTHS[series.expiry.month - 1]}{series.expiry:%y}-"
        numbers = [f"{strike:.10g}".replace(".", "d") for strike in line.strikes.tolist()]
        return tuple(f"{head}{number}-{right.value}" for right in (Right.CALL, Right.PUT) for number in numbers)
    head = f"{series.root:<6}{series.expiry:%y%m%d}"
    digits = [f"{thousandths:08d}" for thousandths in np.rint(line.strikes * 1_000.0).astype(np.int64).tolist()]
    return tuple(ContractId(f"{head}{right.value}{number}") for right in (Right.CALL, Right.PUT) for number in digits)


def listing(at: int, security: Security, handle: int, lines: list[Line]) -> Listing:
    """A listing of a security and some of its series."""
    counts = [2 * len(line.strikes) for line in lines]
    none = np.array([np.nan])
    return Listing(
        at=UtcNanos(at),
        securities=(security,),
        series=tuple(line.series for line in lines),
        handle=ints(np.concatenate([[handle], *(line.first_handle + np.arange(n) for line, n in zip(lines, counts, strict=True))])),
        security=ints(np.concatenate([[0], np.full(sum(counts), -1)])),
        series_index=ints(np.concatenate([[-1], np.repeat(np.arange(len(lines)), counts)])),
        strike=floats(np.concatenate([none, *(np.concatenate([line.strikes, line.strikes]) for line in lines)])),
        right=codes(np.concatenate([[0], *(np.repeat([1, -1], len(line.strikes)) for line in lines)])),
        name=(security.symbol, *(name for line in lines for name in contract_names(line))),
    )
