import gzip
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput, Refused, UpstreamFailed
from engine.domain.ids import Symbol
from engine.domain.instants import new_york
from engine.domain.market import FeedCondition, FeedEvent, FeedState, Listing, QuoteBatch, SummaryBatch
from plugins.file.feed import FileFeed
from tests.kit.chainfiles import CBOE_PREAMBLE, SHAPES, cboe_csv, cboe_json, options, yahoo_csv
from tests.kit.feeds import Running


def feed_of(path: Path, **options_) -> FileFeed:
    return FileFeed(FeedSettings(argument=str(path), options=options_))


def saved(folder: Path, data: bytes, name: str = "spy.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


async def told(feed: FileFeed) -> list[FeedEvent]:
    async with Running(feed) as running:
        await running.sink.until(lambda sink: sink.of(FeedCondition))
        assert not running.task.done(), "a file stays as long as it is looked at"
        return running.sink.events


@pytest.mark.parametrize("name", SHAPES)
async def test_a_file_of_any_shape_is_a_market_that_stands_still(tmp_path, name):
    feed = feed_of(saved(tmp_path, SHAPES[name], name))
    events = await told(feed)
    assert [type(event) for event in events] == [Listing, SummaryBatch, QuoteBatch, FeedCondition]
    assert len({event.at for event in events}) == 1
    assert events[-1].state is FeedState.FROZEN
    assert (feed.traits.source, feed.traits.store, feed.traits.own_clock, feed.traits.default_symbol) == (
        f"file:{name}",
        "file",
        True,
        "SPY",
    )


async def test_numbers_reach_the_names_they_belong_to(tmp_path):
    listing, summaries, quotes, _ = await told(feed_of(saved(tmp_path, cboe_csv())))
    row = listing.name.index("SPY   260702C00590000")
    entry = next(one for one in options() if one.name == "SPY260702C00590000")
    assert listing.handle.tolist() == quotes.handle.tolist() == summaries.handle.tolist() == list(range(31))
    assert (quotes.bid[row], quotes.ask[row]) == (entry.bid, entry.ask)
    assert (summaries.last[row], summaries.vendor_iv[row], summaries.vendor_delta[row]) == (entry.last, entry.iv, entry.delta)
    assert (summaries.volume[row], summaries.open_interest[row]) == (entry.volume, entry.open_interest)
    assert (listing.name[0], quotes.bid[0], quotes.ask[0], summaries.last[0], summaries.previous_close[0]) == (
        "SPY",
        599.99,
        600.01,
        600.0,
        598.0,
    )


async def test_a_bid_of_zero_beside_an_ask_is_one_and_nothing_on_either_side_is_no_quote(tmp_path):
    chain = options()
    chain[0].bid = 0.0
    chain[1].bid = chain[1].ask = 0.0
    quotes = (await told(feed_of(saved(tmp_path, cboe_csv(chain)))))[2]
    assert quotes.bid[1] == 0.0
    assert quotes.ask[1] > 0
    assert isnan(quotes.bid[2])
    assert isnan(quotes.ask[2])


async def test_an_index_has_a_level_and_no_quote(tmp_path):
    _, summaries, quotes, _ = await told(feed_of(saved(tmp_path, cboe_csv(options("SPXW")))))
    assert isnan(quotes.bid[0])
    assert isnan(quotes.ask[0])
    assert summaries.last[0] == 600.0


async def test_a_file_saved_on_a_saturday_stands_at_the_close_and_tells_both_instants(tmp_path):
    preamble = CBOE_PREAMBLE.replace("June 29, 2026 at 11:45 AM", "June 27, 2026 at 8:47 PM")
    feed = feed_of(saved(tmp_path, cboe_csv(preamble=preamble)))
    assert "Fri 2026-06-26 16:00:00" in feed.traits.note
    assert "saved Sat 2026-06-27 20:47:00" in feed.traits.note
    assert f"{new_york(feed.traits.saved_at):%Y-%m-%d %H:%M}" == "2026-06-27 20:47"
    condition = (await told(feed))[-1]
    assert new_york(condition.at).strftime("%a %H:%M") == "Fri 16:00"
    assert "Sat 2026-06-27 20:47:00" in condition.reason


async def test_what_could_not_be_read_is_part_of_why_it_stands_still(tmp_path):
    condition = (await told(feed_of(saved(tmp_path, yahoo_csv()[:-40]))))[-1]
    assert "1 rows left out (too few columns (a cut line?), first in line 31)" in condition.reason


async def test_a_cut_file_says_so_where_it_is_looked_at(tmp_path):
    data = cboe_json()
    condition = (await told(feed_of(saved(tmp_path, data[: len(data) // 2], "cut.json"))))[-1]
    assert "the JSON is cut or broken" in condition.reason
    assert "whole contracts were read" in condition.reason


async def test_the_same_file_is_told_in_the_same_way_each_time(tmp_path):
    path = saved(tmp_path, cboe_json(), "spy.json")
    first, second = await told(feed_of(path)), await told(feed_of(path))
    for left, right in zip(first, second, strict=True):
        for field in left.__struct_fields__:
            one, other = getattr(left, field), getattr(right, field)
            assert one.tobytes() == other.tobytes() if isinstance(one, np.ndarray) else one == other


async def test_it_lists_its_own_name_alone(tmp_path):
    async with Running(feed_of(saved(tmp_path, cboe_csv()))) as running:
        await running.sink.until(lambda sink: sink.of(FeedCondition))
        assert await running.feed.ensure_listed(Symbol("spy"))
        assert not await running.feed.ensure_listed(Symbol("QQQ"))


async def test_it_has_no_speed(tmp_path):
    feed = feed_of(saved(tmp_path, cboe_csv()))
    assert not feed.traits.has_speed
    with pytest.raises(Refused, match="stands still"):
        await feed.set_speed(10)


def test_the_time_can_be_said_by_hand(tmp_path):
    path = saved(tmp_path, cboe_csv(preamble="\nDate: who knows\n"))
    assert "2026-06-29 11:00:00" in feed_of(path, start="2026-06-29T11:00").traits.note
    assert "the time given by hand" in feed_of(path, start="2026-06-29T11:00").traits.note


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"", BadInput), (b"<html></html>", UpstreamFailed), (gzip.compress(b"", mtime=0)[:12], BadInput), (b"a,b\n", BadInput)],
)
def test_what_is_no_chain_is_refused_before_anything_runs(tmp_path, data, error):
    with pytest.raises(error, match=r"spy\.csv"):
        feed_of(saved(tmp_path, data))


def test_a_path_that_leads_nowhere_or_to_a_folder_is_refused(tmp_path):
    with pytest.raises(BadInput, match="there is no file"):
        feed_of(tmp_path / "nothing.csv")
    with pytest.raises(BadInput, match="is a folder"):
        feed_of(tmp_path)
    with pytest.raises(BadInput, match="--feed file:PATH"):
        FileFeed(FeedSettings())


@pytest.mark.parametrize("options_", [{"start": "tomorrow"}, {"speed": 5}, {"start": 7}])
def test_bad_options_are_refused(tmp_path, options_):
    with pytest.raises(BadInput, match=r"start|is no time"):
        feed_of(saved(tmp_path, cboe_csv()), **options_)
