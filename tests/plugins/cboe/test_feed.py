import asyncio
import gzip

import numpy as np
import pytest

from engine.contracts.feed import FeedSettings
from engine.domain.errors import BadInput, Refused, UpstreamFailed
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from engine.domain.instants import HOUR_NS, new_york
from engine.domain.market import FeedCondition, FeedState, Listing, Pulse, QuoteBatch, SummaryBatch
from plugins.cboe.feed import CboeFeed
from tests.kit.chainfiles import EXPIRIES, cboe_json, options
from tests.kit.fake_cboe import NOW, FakeCboe, Reply, cboe_feed, json_reply
from tests.kit.feeds import Kept, Running

pytestmark = pytest.mark.bar("F-CB-01")


def states(sink: Kept) -> list[FeedState]:
    return [event.state for event in sink.of(FeedCondition)]


def reason(sink: Kept) -> str:
    return sink.of(FeedCondition)[-1].reason


def in_state(state: FeedState):
    return lambda sink: states(sink)[-1:] == [state]


async def test_the_first_chain_is_listed_then_told_and_said_to_be_late():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server)) as running:
        await running.sink.until(in_state(FeedState.DELAYED))
        kinds = [type(event) for event in running.sink.events]
    assert kinds == [FeedCondition, Listing, SummaryBatch, QuoteBatch, FeedCondition]
    assert "15 minutes late" in reason(running.sink)
    assert running.feed.traits.delayed_minutes == 15
    assert running.feed.traits.store == "live"


async def test_quotes_carry_the_time_they_are_of_and_the_time_they_came():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server)) as running:
        await running.sink.until(lambda sink: sink.of(QuoteBatch))
    batch = running.sink.of(QuoteBatch)[0]
    assert 0 <= batch.at - NOW < 10 * 10**9
    assert {new_york(int(at)).strftime("%H:%M:%S") for at in batch.event_at} == {"11:29:59"}


async def test_an_index_is_asked_for_with_an_underscore_and_its_weeklies_are_listed():
    chain = [*options("SPXW"), *(entry for entry in options("SPX") if entry.expiry == EXPIRIES[1])]
    async with FakeCboe(_SPX=cboe_json(chain, symbol="_SPX")) as server, Running(cboe_feed(server, default_symbol="SPX")) as running:
        await running.sink.until(lambda sink: sink.of(Listing))
        assert server.paths()[0] == "/_SPX.json"
    listing = running.sink.of(Listing)[0]
    assert {series.root for series in listing.series} == {"SPX", "SPXW"}
    assert np.isnan(running.sink.of(QuoteBatch)[0].bid[0])


async def test_only_what_is_watched_is_asked_for_again():
    async with FakeCboe(SPY=cboe_json(), QQQ=cboe_json(options("QQQ"), symbol="QQQ")) as server, Running(cboe_feed(server)) as running:
        await running.sink.until(lambda sink: sink.of(Listing))
        await asyncio.sleep(0.3)
        assert server.paths() == ["/SPY.json"]
        running.demand.want("QQQ")
        await running.sink.until(lambda sink: len(sink.of(Listing)) == 2)
        await running.sink.until(lambda _: server.paths().count("/QQQ.json") >= 3)
        assert server.paths().count("/SPY.json") == 1


async def test_a_watched_series_means_its_underlying():
    async with FakeCboe(SPY=cboe_json(), _SPX=cboe_json(options("SPXW"), symbol="_SPX")) as server, Running(cboe_feed(server)) as running:
        await running.sink.until(lambda sink: sink.of(Listing))
        running.demand.want(series=[SeriesId("SPXW/2026-07-02/PM")])
        await running.sink.until(lambda _: "/_SPX.json" in server.paths())


async def test_a_name_is_never_asked_for_faster_than_the_floor():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server, refresh=0.1), "SPY") as running:
        await running.sink.until(lambda _: len(server.asked) >= 6)
        gaps = np.diff([asked.at for asked in server.asked])
    assert (gaps >= 0.099).all()


async def test_requests_never_overlap():
    slow = json_reply(delay=0.03)
    async with FakeCboe() as server:
        server.replies = {"/SPY.json": slow} | {
            f"/{name}.json": json_reply(cboe_json(options(name), symbol=name), delay=0.03) for name in ("QQQ", "IWM", "AAPL", "NVDA")
        }
        async with Running(cboe_feed(server), "QQQ", "IWM", "SPY") as running:
            await asyncio.gather(*(running.feed.ensure_listed(Symbol(name)) for name in ("AAPL", "NVDA", "QQQ")), running_start(running))
            await running.sink.until(lambda _: len(server.asked) >= 8)
        assert server.most_at_once == 1


async def running_start(running: Running) -> None:
    await running.sink.until(lambda sink: sink.of(Listing))


async def test_a_name_nobody_listed_yet_is_fetched_on_request():
    async with FakeCboe(SPY=cboe_json(), QQQ=cboe_json(options("QQQ"), symbol="QQQ")) as server, Running(cboe_feed(server)) as running:
        await running.sink.until(lambda sink: sink.of(Listing))
        assert await running.feed.ensure_listed(Symbol("qqq"))
        assert await running.feed.ensure_listed(Symbol("SPY"))
        assert running.sink.of(Listing)[-1].securities[0].symbol == "QQQ"
        assert len(server.asked) == 2


@pytest.mark.parametrize("status", [403, 404])
async def test_a_name_the_venue_does_not_have_is_no_trouble(status):
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server), "SPY") as running:
        server.replies["/NOPE.json"] = Reply(status=status)
        await running.sink.until(in_state(FeedState.DELAYED))
        assert not await running.feed.ensure_listed(Symbol("NOPE"))
        assert not await running.feed.ensure_listed(Symbol("../ETC"))
        assert states(running.sink)[-1] is FeedState.DELAYED


async def test_an_unchanged_file_is_not_told_again():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server), "SPY") as running:
        await running.sink.until(lambda sink: len(sink.of(Pulse)) >= 3)
        assert len(running.sink.of(QuoteBatch)) == 1


async def test_a_conditional_request_is_made_once_the_server_gave_a_tag():
    def answer(asked):
        if asked.headers.get("if-none-match") == '"v1"':
            return Reply(status=304)
        return json_reply(headers={"etag": '"v1"'})

    async with FakeCboe() as server, Running(cboe_feed(server), "SPY") as running:
        server.replies["/SPY.json"] = answer
        await running.sink.until(lambda sink: sink.of(Pulse))
        assert "if-none-match" not in server.asked[0].headers
        assert server.asked[-1].headers["if-none-match"] == '"v1"'
        assert states(running.sink)[-1] is FeedState.DELAYED


async def test_a_file_that_stays_the_same_for_too_long_in_a_session_is_told_of():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server, refresh=0.01), "SPY") as running:
        await running.sink.until(in_state(FeedState.DEGRADED))
    assert "has been the same" in reason(running.sink)


async def test_a_new_expiry_is_listed_by_itself_and_old_handles_keep_their_names():
    short = options(expiries=EXPIRIES[:2])
    async with FakeCboe(SPY=cboe_json(short)) as server, Running(cboe_feed(server), "SPY") as running:
        await running.sink.until(lambda sink: sink.of(Listing))
        server.replies["/SPY.json"] = json_reply(cboe_json(saved="2026-06-29 15:46:00"))
        await running.sink.until(lambda sink: len(sink.of(QuoteBatch)) == 2)
    first, second = running.sink.of(Listing)
    assert [series.expiry for series in second.series] == [EXPIRIES[2]]
    assert second.securities == ()
    assert not set(first.handle.tolist()) & set(second.handle.tolist())
    assert sorted([*first.handle.tolist(), *second.handle.tolist()]) == list(range(31))


async def test_an_older_answer_than_the_one_before_is_left_alone():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server), "SPY") as running:
        await running.sink.until(lambda sink: sink.of(QuoteBatch))
        server.replies["/SPY.json"] = json_reply(cboe_json(saved="2026-06-29 15:40:00"))
        await running.sink.until(lambda sink: len(sink.of(Pulse)) >= 2)
        assert len(running.sink.of(QuoteBatch)) == 1


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=403, body=b"<Error/>"), "HTTP 403"),
        (Reply(status=401), "HTTP 401"),
        (Reply(status=302, headers={"location": "https://example.org/"}), "HTTP 302"),
        (Reply(body=b"<html>please wait</html>", headers={"content-type": "text/html"}), "a web page"),
        (Reply(body=b"<html>please wait</html>", headers={"content-type": "application/json"}), "a web page"),
        (Reply(body=b"UnavailableUnavailable"), "error message"),
        (Reply(body=b""), "an empty file"),
        (Reply(body=b'{"data":{"kontrakte":[]}}'), "JSON without option contracts"),
        (Reply(body=bytes(range(256))), "binary data"),
        (json_reply(cboe_json(options("QQQ"), symbol="QQQ")), "is a chain of QQQ"),
    ],
    ids=["403", "401", "redirect", "html", "html in disguise", "error text", "empty", "new schema", "noise", "another name"],
)
async def test_an_answer_that_is_no_chain_keeps_the_last_good_one_and_says_its_age(reply, says):
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server), "SPY") as running:
        await running.sink.until(lambda sink: sink.of(QuoteBatch))
        server.replies["/SPY.json"] = reply
        await running.sink.until(in_state(FeedState.DEGRADED))
        assert says in reason(running.sink)
        assert "newest quotes kept are of 11:29:59" in reason(running.sink)
        asked = len(server.asked)
        await asyncio.sleep(0.3)
        assert len(server.asked) == asked, "a refusal is not answered by asking again at once"
        assert len(running.sink.of(QuoteBatch)) == 1


@pytest.mark.parametrize(
    "reply", [Reply(status=429), Reply(status=500), Reply(status=503), json_reply(hang_up=True), json_reply(delay=1.0)]
)
async def test_a_server_in_trouble_is_asked_with_growing_patience_and_believed_again(reply):
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server, timeout_seconds=0.15), "SPY") as running:
        await running.sink.until(lambda sink: sink.of(QuoteBatch))
        server.replies["/SPY.json"] = reply
        await running.sink.until(lambda sink: states(sink)[-1] in {FeedState.DEGRADED, FeedState.DISCONNECTED})
        server.replies["/SPY.json"] = json_reply(cboe_json(saved="2026-06-29 15:47:00"))
        await running.sink.until(lambda sink: len(sink.of(QuoteBatch)) == 2)
        await running.sink.until(in_state(FeedState.DELAYED))


async def test_nobody_at_the_address_is_said_and_tried_again():
    async with FakeCboe() as server:
        feed = cboe_feed(server)
    async with Running(feed) as running:
        await running.sink.until(in_state(FeedState.DISCONNECTED))
        assert "cannot be reached" in reason(running.sink)
        assert not running.task.done()


async def test_a_name_asked_for_while_nobody_answers_is_not_called_unknown():
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server), "SPY") as running:
        await running.sink.until(lambda sink: sink.of(QuoteBatch))
        server.replies["/QQQ.json"] = Reply(status=503)
        with pytest.raises(UpstreamFailed, match="asks for patience"):
            await running.feed.ensure_listed(Symbol("QQQ"))


async def test_an_answer_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("plugins.cboe.client.MAX_FILE_BYTES", 100_000)
    bomb = Reply(body=gzip.compress(bytes(5_000_000)), headers={"content-encoding": "gzip", "content-type": "application/json"})
    async with FakeCboe() as server, Running(cboe_feed(server)) as running:
        server.replies["/SPY.json"] = bomb
        await running.sink.until(in_state(FeedState.DEGRADED))
    assert "larger than 100,000 bytes" in reason(running.sink)


async def test_after_the_close_the_feed_says_so_and_asks_seldom():
    evening = UtcNanos(NOW + 9 * HOUR_NS)
    async with FakeCboe(SPY=cboe_json()) as server, Running(cboe_feed(server, now=evening), "SPY") as running:
        await running.sink.until(in_state(FeedState.CLOSED))
        await asyncio.sleep(0.3)
        assert len(server.asked) == 1


async def test_cancelled_in_the_middle_of_an_answer_it_ends_at_once_and_leaves_nothing():
    async with FakeCboe() as server:
        server.replies["/SPY.json"] = json_reply(delay=30.0)
        async with Running(cboe_feed(server)) as running:
            await running.sink.until(lambda _: server.asked)
            await running.stop()
            assert running.left_behind() - server.tasks == set()
            assert not await running.feed.ensure_listed(Symbol("QQQ"))


@pytest.mark.parametrize(
    ("options_", "says"),
    [
        ({"base_url": "http://example.org"}, "https, or http on this machine"),
        ({"base_url": "ftp://127.0.0.1"}, "https, or http on this machine"),
        ({"base_url": "file:///etc/passwd"}, "https, or http on this machine"),
        ({"refresh_seconds": 1.0}, "30 to 86400"),
        ({"refresh_seconds": float("nan")}, "30 to 86400"),
        ({"refresh_seconds": "often"}, "refresh_seconds"),
        ({"timeout_seconds": 0.0}, "0.1 to 120"),
        ({"default_symbol": "../x"}, "ticker"),
        ({"speed": 5}, "speed"),
    ],
)
def test_bad_options_are_refused_with_what_is_allowed(options_, says):
    with pytest.raises(BadInput, match=says):
        CboeFeed(FeedSettings(options=options_))


def test_an_argument_is_refused():
    with pytest.raises(BadInput, match="nothing after a colon"):
        CboeFeed(FeedSettings(argument="SPY"))


async def test_it_cannot_be_hurried():
    with pytest.raises(Refused, match="cannot be run 5 times faster"):
        await CboeFeed(FeedSettings()).set_speed(5)
