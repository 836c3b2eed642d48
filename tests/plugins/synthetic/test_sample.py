"""The tape that ships: small, whole, played byte for byte, and made by the command its provenance names."""

from pathlib import Path

import numpy as np

from engine.api import named_file
from engine.contracts.event_codec import encode_event
from engine.contracts.feed import FeedSettings
from engine.contracts.tape import TapeReader, TapeWriter
from engine.domain.market import FeedCondition, FeedState, Listing, QuoteBatch, TradeBatch
from engine.kernel.paths import shipped
from plugins.synthetic.sample import write
from plugins.tape.feed import TapeFeed
from tests.kit.feeds import Running
from tests.kit.synthetic import names_of, quotes_told

MORNING = shipped("data") / "morning.tape"


def events_of(path: Path):
    with TapeReader(path) as tape:
        return list(tape)


def order_of(events):
    """What is told of whom, and when, row by row."""
    return [(type(event).__name__, int(event.at), tuple(getattr(event, "handle", np.empty(0)).tolist())) for event in events]


def test_the_shipped_tape_is_small_whole_and_holds_chains_trades_and_history():
    assert MORNING.stat().st_size < 300_000
    with TapeReader(MORNING) as tape:
        events = list(tape)
        assert tape.trouble == ""
        assert tape.header.traits.simulated
    listings = [event for event in events if isinstance(event, Listing)]
    assert [listing.securities[0].symbol for listing in listings] == ["SPY", "NVDA", "SPX", "VIX"]
    assert [len(listing.series) for listing in listings] == [3, 2, 0, 0]
    assert sum(len(event.handle) for event in events if isinstance(event, TradeBatch)) > 500
    assert events[-1].at - events[0].at == 180_000_000_000
    assert isinstance(events[-1], FeedCondition)
    assert events[-1].state is FeedState.FROZEN


async def test_the_shipped_tape_replays_byte_for_byte(tmp_path):
    feed = TapeFeed(FeedSettings(argument=str(MORNING), options={"speed": "max"}))
    async with Running(feed) as running:
        await running.sink.until(lambda sink: any(event.state is FeedState.FROZEN for event in sink.of(FeedCondition)))
    again = tmp_path / "again.tape"
    with TapeWriter(again, feed.header) as tape:
        for event in running.sink.events:
            tape.write(event)
    assert [encode_event(event) for event in running.sink.events] == [encode_event(event) for event in events_of(MORNING)]
    assert [encode_event(event) for event in events_of(again)] == [encode_event(event) for event in events_of(MORNING)]


def test_the_command_of_its_provenance_makes_it(tmp_path):
    """Prices stand on their grid; an ulp of another CPU may turn one of them here and there."""
    made = tmp_path / "made.tape"
    assert write(made) == made.stat().st_size
    told, shipped_told = (quotes_told(events, names_of(events)) for events in (events_of(made), events_of(MORNING)))
    assert told.keys() == shipped_told.keys(), "the market changed: run `python -m plugins.synthetic.sample data/morning.tape`"
    new, old = np.array(list(told.values())), np.array([shipped_told[what] for what in told])
    assert (np.abs(new - old) < 1e-9).mean() > 0.99
    assert order_of(events_of(made)) == order_of(events_of(MORNING)), "the command tells in another order now: write the tape anew"


def test_every_quote_of_the_tape_belongs_to_a_listed_instrument():
    events = events_of(MORNING)
    listed = set(names_of(events))
    assert listed == set(range(len(listed)))
    assert all(set(event.handle.tolist()) <= listed for event in events if isinstance(event, QuoteBatch | TradeBatch))


def test_a_shipped_tape_is_found_by_its_bare_name_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert named_file("morning.tape") == MORNING
    assert named_file("nosuch.tape") == tmp_path / "nosuch.tape"
    assert named_file("sub/morning.tape") == tmp_path / "sub" / "morning.tape"
    (tmp_path / "morning.tape").write_bytes(b"mine")
    assert named_file("morning.tape") == tmp_path / "morning.tape"
