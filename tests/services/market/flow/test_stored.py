"""Recorded prints as they are told again: a side that the venue said is no inference, and what is unknown passes no condition."""

import numpy as np

from engine.domain.columns import codes, flags, floats, longs
from engine.domain.flow import parse_filter
from engine.domain.ids import SourceId, Symbol
from engine.domain.market import FeedState, Side
from engine.domain.marks import FlowFlag, FlowTable
from engine.domain.roots import make_security
from engine.kernel.tasks import Tasks
from engine.messages.flow import GetFlow
from engine.services.market.flow import desk
from engine.services.market.flow.settings import FlowSettings
from engine.services.market.flow.stored import tape_of
from tests.kit.flow_room import FlowRoom
from tests.kit.market import NAN, NOON, listing, series_of

CALL = "AAPL  261218C00100000"


def table(mark: list[int], **changed) -> FlowTable:
    count = len(mark)
    facts = {"price": 2.2, "size": 50.0, "premium": 11_000.0, "bid": 2.0, "ask": 2.2, "spot": 99.0, "iv": 0.2, "delta": 0.5}
    numbers = {name: floats(np.full(count, value)) for name, value in {**facts, "volume": 60.0, "open_interest": NAN, **changed}.items()}
    return FlowTable(
        symbol=Symbol("AAPL"),
        at=longs(np.full(count, NOON)),
        name=(CALL,) * count,
        side=codes(np.full(count, Side.BUY)),
        flags=flags(mark),
        event_at=longs(np.zeros(count)),
        opening=codes(np.zeros(count)),
        **numbers,
    )


def told(stored: FlowTable, words: str = ""):
    return tape_of(stored, make_security("AAPL"), parse_filter(words), 10, source=SourceId("test"), state=FeedState.LIVE)


def test_a_side_is_inferred_unless_the_venues_word_was_kept_with_it():
    tape = told(table([FlowFlag.BLOCK, FlowFlag.BLOCK | FlowFlag.SIDE_SAID]))
    assert tape.inferred.tolist() == [1, 0]
    assert tape.flags.tolist() == [FlowFlag.BLOCK, FlowFlag.BLOCK]


def test_a_filter_on_what_was_not_kept_or_is_unknown_lets_nothing_pass():
    stored = table([FlowFlag.BLOCK], premium=NAN, spot=NAN)
    for words in ("ask>=50%", ">=1", "otm", "itm", "vol>oi"):
        assert told(stored, words).name == (), words
    assert told(stored, "block ask calls single").name == (CALL,)


def test_of_the_past_no_sums_of_a_day_are_told():
    totals = told(table([FlowFlag.BLOCK])).totals
    assert np.isnan(totals.call_volume)
    assert (totals.prints, totals.since, totals.day, totals.gaps) == (0, 0, 0, ())


async def test_a_filter_that_few_pass_is_looked_for_further_back_before_nothing_is_said_to_pass(monkeypatch):
    marks = table([FlowFlag.SWEEP] * 300 + [FlowFlag.BLOCK])
    asked = []

    class History:
        def record(self, event):
            """Keeps nothing."""

        async def flow_marks(self, _symbol, _since, _until, limit):
            asked.append(limit)
            columns = {name: getattr(marks, name)[:limit] for name in FlowTable.__struct_fields__ if name != "symbol"}
            return FlowTable(symbol=marks.symbol, **columns)

    monkeypatch.setattr(desk, "MOST_STORED", 1_000)
    run = FlowRoom()
    run.emit(listing(series_of("AAPL")))
    made = desk.FlowDesk(
        state=run.state,
        names=run.names(),
        bus=run.bus,
        clock=run.clock,
        tasks=Tasks(),
        settings=FlowSettings(),
        history=History(),
        remembers=False,
    )
    found = await made.flow(GetFlow(symbol=Symbol("AAPL"), filtered=parse_filter("block"), limit=10, recorded=True))
    assert (len(found.name), asked) == (1, [200, 1_000])
    asked.clear()
    found = await made.flow(GetFlow(symbol=Symbol("AAPL"), filtered=parse_filter("sweep"), limit=10, recorded=True))
    assert (len(found.name), asked) == (10, [200])
