"""Real option prints of one session, classified by the engine and, line by line of the same files, by plain Python on whole numbers.

GOOG on the half day of 2015-12-24, one bar a contract and minute (QuantConnect's sample data): each bar is taken for one print at its
close, against the quote that stood as its minute began. Five of the contracts have no open interest in the files, many no bid.
"""

import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from engine.domain.columns import Ints, codes, floats, ints, longs
from engine.domain.flow import PRESETS, FlowRight, Place
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import new_york_instant
from engine.domain.instruments import Right
from engine.domain.market import Listing, QuoteBatch, Side
from engine.domain.marks import FlowFlag, Opening
from engine.domain.osi import format_osi
from engine.domain.roots import make_security
from engine.messages.flow import ActiveBy, GetMostActive
from tests.kit.flow_room import FlowRoom
from tests.kit.market import quotes, series_of, summaries, trades

DAY = date(2015, 12, 24)
MIDNIGHT = new_york_instant(DAY, time(0))
SPOT = 750.0
BLOCK, BLOCK_DOLLARS, LEG, CROWD = 500, 500_000, 5, 12


class Bar(NamedTuple):
    """One print and the quote before it; prices in ten thousandths of a dollar, 0 is "no quote"."""

    contract: str
    at: int
    price: int
    size: int
    bid: int
    ask: int


class Contract(NamedTuple):
    name: str
    right: int
    strike: int
    expiry: date
    interest: int | None


def read(folder: Path) -> tuple[dict[str, Contract], list[Bar]]:
    """Contracts by the middle of their file's name, and their prints in the order of time."""
    minute = folder / "lean/option/minute/goog"
    files = {kind: zipfile.ZipFile(minute / f"20151224_{kind}_american.zip") for kind in ("trade", "quote", "openinterest")}
    contracts, bars = {}, []
    for name in files["trade"].namelist():
        *_, right, strike, expiry = name.removesuffix(".csv").split("_")
        day = date(int(expiry[:4]), int(expiry[4:6]), int(expiry[6:]))
        side = Right.CALL if right == "call" else Right.PUT
        kind_of = {kind: name.replace("_trade_", f"_{kind}_") for kind in files}
        interest = None
        if kind_of["openinterest"] in files["openinterest"].NameToInfo:
            interest = int(files["openinterest"].read(kind_of["openinterest"]).split(b",")[-1])
        key = f"{right} {strike} {expiry}"
        label = format_osi("GOOG", day, side, int(strike) / 10_000)
        contracts[key] = Contract(label, 1 if right == "call" else -1, int(strike), day, interest)
        quoted = [line.split(",") for line in files["quote"].read(kind_of["quote"]).decode().split()]
        for line in files["trade"].read(name).decode().split():
            at, *_, price, size = map(int, line.split(","))
            before = [fields for fields in quoted if int(fields[0]) < at]
            bid, ask = (int(before[-1][4] or 0), int(before[-1][9] or 0)) if before else (0, 0)
            bars.append(Bar(key, at, price, size, bid, ask))
    return contracts, sorted(bars, key=lambda bar: bar.at)


@pytest.fixture(scope="module")
def session(fixtures: Path) -> tuple[dict[str, Contract], list[Bar]]:
    return read(fixtures)


@pytest.fixture(scope="module")
def room(session: tuple[dict[str, Contract], list[Bar]]) -> FlowRoom:
    contracts, bars = session
    made = FlowRoom(at=MIDNIGHT)
    made.emit(listed(contracts))
    handle = {key: place for place, key in enumerate(contracts, 1)}
    made.emit(quotes(0, SPOT - 0.01, SPOT + 0.01, at=MIDNIGHT))
    known = [(handle[key], one.interest) for key, one in contracts.items() if one.interest is not None]
    made.emit(summaries([one for one, _ in known], open_interest=[float(interest) for _, interest in known], at=MIDNIGHT))
    for at, group in by_minute(bars):
        now = UtcNanos(MIDNIGHT + at * 1_000_000)
        made.clock._wall = now
        rows = ints([handle[bar.contract] for bar in group])
        made.emit(quotes_before(rows, group, now))
        made.emit(trades(rows, [bar.price / 10_000 for bar in group], size=[float(bar.size) for bar in group], at=now))
        made.settle()
    return made


def listed(contracts: dict[str, Contract]) -> Listing:
    """GOOG itself under handle 0, then the contracts in their order."""
    days = sorted({one.expiry for one in contracts.values()})
    return Listing(
        at=UtcNanos(MIDNIGHT),
        securities=(make_security("GOOG"),),
        series=tuple(series_of("GOOG", day) for day in days),
        handle=ints(range(len(contracts) + 1)),
        security=ints([0, *[-1] * len(contracts)]),
        series_index=ints([-1, *(days.index(one.expiry) for one in contracts.values())]),
        strike=floats([np.nan, *(one.strike / 10_000 for one in contracts.values())]),
        right=codes([0, *(one.right for one in contracts.values())]),
        name=("GOOG", *(one.name for one in contracts.values())),
    )


def quotes_before(rows: Ints, group: list[Bar], now: UtcNanos) -> QuoteBatch:
    """The quotes that stood before the prints of a minute; no bid or ask is NaN."""
    bid, ask = ([price / 10_000 if price else np.nan for price in side] for side in ([b.bid for b in group], [b.ask for b in group]))
    ones, times = floats(np.ones(len(group))), longs(np.full(len(group), now))
    return QuoteBatch(at=now, handle=rows, bid=floats(bid), ask=floats(ask), bid_size=ones, ask_size=ones, event_at=times)


def by_minute(bars: list[Bar]) -> Iterator[tuple[int, list[Bar]]]:
    groups = defaultdict(list)
    for bar in bars:
        groups[bar.at].append(bar)
    return iter(sorted(groups.items()))


# -- the same, by hand ------------------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    bar: Bar
    place: str
    side: int
    volume: int
    dollars: float
    flags: frozenset[str]
    ask_share: float


def place_of(bar: Bar) -> str:
    if bar.bid and bar.ask and bar.bid > bar.ask:
        return "UNKNOWN"
    if bar.ask and bar.price > bar.ask:
        return "ABOVE"
    if bar.bid and bar.price < bar.bid:
        return "BELOW"
    if bar.bid and bar.ask and bar.bid == bar.ask:
        return "MID"
    if bar.ask and bar.price == bar.ask:
        return "ASK"
    if bar.bid and bar.price == bar.bid:
        return "BID"
    return "MID" if bar.bid and bar.ask else "UNKNOWN"


def judged(contracts: dict[str, Contract], bars: list[Bar]) -> list[Judged]:
    """Every print by its file's own numbers; legs are contracts of one size in one minute where no more than twelve printed."""
    volume, at_ask, found = defaultdict(int), defaultdict(int), []
    for bar in bars:
        at_ask[bar.contract] += bar.size if place_of(bar) in {"ASK", "ABOVE"} else 0
        volume[bar.contract] += bar.size
    total, volume = dict(volume), defaultdict(int)
    for _, group in by_minute(bars):
        for bar in group:
            volume[bar.contract] += bar.size
            place, interest = place_of(bar), contracts[bar.contract].interest
            alike = [other for other in group if other.size == bar.size]
            flags = set()
            if interest is not None and volume[bar.contract] > interest:
                flags.add("ABOVE_OPEN_INTEREST")
            if bar.size >= BLOCK or bar.price * bar.size // 100 >= BLOCK_DOLLARS:
                flags.add("BLOCK")
            if len(group) <= CROWD and bar.size >= LEG and 2 <= len(alike) <= 4:
                flags.add("MULTI_LEG")
            side = {"ASK": 1, "ABOVE": 1, "BID": -1, "BELOW": -1}.get(place, 0)
            share = at_ask[bar.contract] / total[bar.contract]
            found.append(Judged(bar, place, side, volume[bar.contract], bar.price * bar.size / 100, frozenset(flags), share))
    return found


def test_every_print_of_the_session_is_placed_flagged_and_counted_as_by_hand(session, room) -> None:
    contracts, bars = session
    tape = room.tape("GOOG")
    mine = judged(contracts, bars)
    assert len(mine) == 958 == tape.seen
    told = {}
    for i in range(len(tape.name)):
        flags = frozenset(flag.name for flag in FlowFlag if tape.flags[i] & flag)
        told[tape.name[i], int(tape.at[i])] = (
            Place(tape.place[i]).name,
            int(tape.side[i]),
            tape.volume[i],
            round(float(tape.premium[i]), 4),
            flags,
            bool(tape.inferred[i]),
        )
    wanted = {
        (contracts[one.bar.contract].name, MIDNIGHT + one.bar.at * 1_000_000): (
            one.place,
            one.side,
            one.volume,
            round(one.dollars, 4),
            one.flags,
            True,
        )
        for one in mine
    }
    assert told == wanted
    places = Counter(one.place for one in mine)
    assert places == {"ABOVE": 35, "ASK": 104, "MID": 474, "BID": 125, "BELOW": 30, "UNKNOWN": 190}


def test_unknown_open_interest_is_never_zero_and_opening_is_never_claimed_on_the_day(session, room) -> None:
    contracts, _ = session
    tape = room.tape("GOOG")
    unknown = {one.name for one in contracts.values() if one.interest is None}
    assert len(unknown) == 5
    columns = zip(tape.name, tape.open_interest.tolist(), tape.flags.tolist(), tape.opening.tolist(), strict=True)
    for name, interest, flags, opening in columns:
        assert np.isnan(interest) == (name in unknown)
        assert not (name in unknown and flags & FlowFlag.ABOVE_OPEN_INTEREST)
        assert opening == Opening.UNKNOWN


def test_the_sums_of_the_day_and_puts_over_calls_are_those_of_the_files(session, room) -> None:
    contracts, bars = session
    totals = room.tape("GOOG").totals
    mine = judged(contracts, bars)

    def of(right: int, side: int | None = None) -> float:
        return sum(one.dollars for one in mine if contracts[one.bar.contract].right == right and side in {None, one.side})

    calls = totals.call_premium, totals.call_bought, totals.call_sold
    puts = totals.put_premium, totals.put_bought, totals.put_sold
    for right, told in ((1, calls), (-1, puts)):
        assert told == pytest.approx((of(right), of(right, 1), of(right, -1)))
    volume = {right: sum(bar.size for bar in bars if contracts[bar.contract].right == right) for right in (1, -1)}
    interest = {right: sum(one.interest or 0 for one in contracts.values() if one.right == right) for right in (1, -1)}
    assert totals.put_call_volume == pytest.approx(volume[-1] / volume[1])
    assert totals.put_call_open_interest == pytest.approx(interest[-1] / interest[1])
    assert totals.put_call_premium == pytest.approx(of(-1) / of(1))
    assert totals.prints == 958


PASSING = {
    "all": lambda one, contract: True,
    "ask ≥ 50 %": lambda one, contract: one.ask_share >= 0.5,
    "volume > OI": lambda one, contract: contract.interest is not None and one.volume > contract.interest,
    "single leg": lambda one, contract: "MULTI_LEG" not in one.flags,
    "out of the money": lambda one, contract: contract.right * (contract.strike - SPOT * 10_000) > 0,
    "≥ $10k": lambda one, contract: one.dollars >= 10_000,
    "≥ $50k": lambda one, contract: one.dollars >= 50_000,
    "sweeps and blocks": lambda one, contract: "BLOCK" in one.flags,
    "multi-leg": lambda one, contract: "MULTI_LEG" in one.flags,
}
PASSING["unusual"] = lambda one, contract: all(
    PASSING[name](one, contract) for name in ("single leg", "out of the money", "volume > OI", "≥ $10k")
)


@pytest.mark.parametrize(("name", "words"), PRESETS)
def test_each_preset_lets_through_what_it_says(session, room, name, words) -> None:
    contracts, bars = session
    wanted = sorted(
        (contracts[one.bar.contract].name, MIDNIGHT + one.bar.at * 1_000_000)
        for one in judged(contracts, bars)
        if PASSING[name](one, contracts[one.bar.contract])
    )
    tape = room.tape("GOOG", words)
    assert sorted(zip(tape.name, tape.at.tolist(), strict=True)) == wanted


@pytest.mark.parametrize("side", [Side.BUY, Side.SELL])
def test_a_filter_of_one_side_takes_prints_at_it_or_beyond_and_none_between(session, room, side) -> None:
    contracts, bars = session
    tape = room.tape("GOOG", "ask" if side is Side.BUY else "bid")
    assert len(tape.name) == sum(one.side == side for one in judged(contracts, bars))
    assert set(tape.place.tolist()) == ({Place.ASK, Place.ABOVE} if side is Side.BUY else {Place.BID, Place.BELOW})


# -- what is made of them ---------------------------------------------------------------------------------------------------


def traded(contracts: dict[str, Contract], bars: list[Bar]) -> dict[str, tuple[int, float, float]]:
    """By contract: volume, dollars, and the part of the volume that met the ask."""
    found = {}
    for one in judged(contracts, bars):
        volume, dollars, _ = found.get(one.bar.contract, (0, 0.0, 0.0))
        found[one.bar.contract] = volume + one.bar.size, dollars + one.dollars, one.ask_share
    return found


MEASURES = {
    ActiveBy.VOLUME: lambda one, sums: sums[0],
    ActiveBy.PREMIUM: lambda one, sums: sums[1],
    ActiveBy.VOLUME_OVER_OI: lambda one, sums: sums[0] / one.interest if one.interest and sums[0] >= 100 else 0.0,
}


@pytest.mark.parametrize("right", [FlowRight.ANY, FlowRight.CALLS, FlowRight.PUTS])
@pytest.mark.parametrize("by", MEASURES)
def test_the_most_active_are_ranked_as_the_files_add_up(session, room, by, right) -> None:
    contracts, bars = session
    side = {FlowRight.ANY: (1, -1), FlowRight.CALLS: (1,), FlowRight.PUTS: (-1,)}[right]
    measured = {
        contracts[key].name: MEASURES[by](contracts[key], sums)
        for key, sums in traded(contracts, bars).items()
        if contracts[key].right in side
    }
    wanted = sorted((value for value in measured.values() if value > 0), reverse=True)
    told = room.active.ranked(Symbol("GOOG"), GetMostActive(symbol=Symbol("GOOG"), by=by, right=right, limit=1_000))
    assert [measured[name] for name in told.name] == pytest.approx(wanted)
    assert told.contracts == len(wanted)
    by_name = {contracts[key].name: sums for key, sums in traded(contracts, bars).items()}
    assert told.ask_share.tolist() == pytest.approx([by_name[name][2] for name in told.name])
    assert np.isnan(told.change).all()
    assert told.compared_with == 0


def test_the_map_of_interest_adds_up_to_the_files_and_leaves_unknown_contracts_empty(session, room) -> None:
    contracts, bars = session
    told = room.maps.map_of(Symbol("GOOG"))
    column = {series.expiry: place for place, series in enumerate(told.series)}
    row = {strike: place for place, strike in enumerate(told.strikes.tolist())}
    sums = traded(contracts, bars)
    listed = np.zeros(told.call_volume.shape, dtype=bool), np.zeros(told.call_volume.shape, dtype=bool)
    for key, one in contracts.items():
        place = row[one.strike / 10_000], column[one.expiry]
        volume, interest = (told.call_volume, told.call_open_interest) if one.right > 0 else (told.put_volume, told.put_open_interest)
        listed[0 if one.right > 0 else 1][place] = True
        assert volume[place] == sums[key][0]
        assert interest[place] == one.interest or (one.interest is None and np.isnan(interest[place]))
    assert np.isnan(told.call_volume[~listed[0]]).all()
    assert np.isnan(told.put_open_interest[~listed[1]]).all()
