"""What follows an expiry that has settled, and how a tile that stands on it goes on."""

from datetime import date, time

import pytest
from msgspec.structs import replace

from engine.domain.ids import UtcNanos
from engine.domain.instants import new_york_instant
from engine.messages.events import ExpirationsChanged
from engine.messages.flow import GetOpenInterestMap
from engine.messages.surface import SurfaceChanged
from optix_tui.settled import has_settled, successor
from tests.kit import facts
from tests.kit.stage import Stage
from tests.kit.workstation import workstation
from tests.optix_tui.screens.test_linked_expiries import CHOOSERS, chosen

CLOSE = new_york_instant(date(2026, 11, 20), time(16))
TODAY, MONDAY, THIRD_FRIDAY = "SPXW/2026-11-20/PM", "SPXW/2026-11-23/PM", "SPX/2026-11-20/AM"


def test_an_expiry_settles_at_its_instant_of_morning_or_evening():
    assert not has_settled(TODAY, UtcNanos(CLOSE - 1))
    assert has_settled(TODAY, CLOSE)
    assert has_settled(THIRD_FRIDAY, new_york_instant(date(2026, 11, 20), time(12)))


@pytest.mark.parametrize("odd", ["", "SPX", "SPX/soon/PM", "SPX/2026-11-20/NOON"])
def test_what_is_no_series_never_settles(odd):
    assert not has_settled(odd, CLOSE)
    assert successor(odd, [MONDAY], CLOSE) is None


def test_an_expiry_that_is_missing_for_another_reason_has_no_successor():
    assert successor(MONDAY, [], CLOSE) is None
    assert successor(MONDAY, [TODAY], CLOSE) is None, "it was not fitted this time"
    assert successor(TODAY, [TODAY, MONDAY], CLOSE) is None, "it is listed still"
    assert successor(TODAY, [MONDAY], UtcNanos(0)) is None, "no time is known"


def test_the_next_of_the_same_root_follows_and_else_the_next_of_all():
    found = successor(TODAY, ["SPX/2026-11-21/AM", MONDAY], CLOSE)
    assert found is not None
    assert found.series == MONDAY
    assert found.word == "SPXW 20-Nov-26 has settled: SPXW 23-Nov-26 follows"
    assert successor(THIRD_FRIDAY, [MONDAY], CLOSE).series == MONDAY


def deliver(tile, gone):
    """What the tile is told once everything up to one expiry has settled."""
    match tile.entry.code:
        case "OVDV" | "SKEW":
            reading = tile.facts.reading if tile.entry.code == "OVDV" else tile.reading
            left = tuple(one for one in reading.surface.slices if one.series.settles_at > gone.settles_at)
            tile.deliver([SurfaceChanged(surface=replace(reading.surface, slices=left))])
            return [one.series.id for one in left]
        case "GEX":
            whole = tile.facts.whole
            left = tuple(one for one in whole.expiries if one.split("/")[1] > gone.expiry.isoformat())
            tile._take(replace(whole, expiries=left), ())
            return list(left)
        case "OMST":
            known = tile.interest
            kept = [place for place, one in enumerate(known.series) if one.settles_at > gone.settles_at]
            columns = ("call_volume", "put_volume", "call_open_interest", "put_open_interest", "call_change", "put_change")
            cut = {name: getattr(known, name)[:, kept] for name in columns}
            series = tuple(known.series[place] for place in kept)
            tile.answered(GetOpenInterestMap(symbol=known.symbol), replace(known, series=series, days=known.days[kept], **cut))
            return [one.id for one in series]
    left = tuple(one for one in facts.expirations("SPX").expiries if one.series.settles_at > gone.settles_at)
    tile.deliver([ExpirationsChanged(table=replace(facts.expirations("SPX"), expiries=left))])
    return [one.series.id for one in left]


def terms(tile, series):
    """The series itself, as the tile knows it."""
    root, day, _ = series.split("/")
    return facts.series(root, date.fromisoformat(day))


@pytest.mark.parametrize("code", [code for code in CHOOSERS if code != "REPL"])
async def test_a_tile_whose_expiry_settles_goes_on_with_the_next_and_says_so(code):
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press(*CHOOSERS[code])
        await stage.settle(pilot)
        before = chosen(stage)
        gone = terms(stage.tile, before)
        stage.expiries.clear()
        stage.market_time = lambda: gone.settles_at
        left = deliver(stage.tile, gone)
        await pilot.pause()
        root = before.split("/")[0]
        assert before not in left
        assert chosen(stage) == next((one for one in left if one.split("/")[0] == root), left[0])
        assert [word for word in stage.told if word.startswith(f"{root} ") and "has settled: " in word]
        assert stage.expiries == [], "the others follow by themselves"
        assert not stage.tile.trouble


@pytest.mark.parametrize("code", [code for code in CHOOSERS if code not in {"REPL", "OMON"}])
async def test_a_tile_keeps_its_expiry_when_an_earlier_one_settles(code):
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pilot.press(*CHOOSERS[code], *CHOOSERS[code], *CHOOSERS[code])
        await stage.settle(pilot)
        before = chosen(stage)
        gone = facts.series(*facts.expiries("SPX")[0])
        assert gone.id != before
        stage.market_time = lambda: gone.settles_at
        deliver(stage.tile, gone)
        await pilot.pause()
        assert chosen(stage) == before
        assert not [word for word in stage.told if "has settled" in word]


async def test_an_open_expiry_beside_the_cursor_is_followed_too():
    stage = Stage("OMON", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        names = list(stage.tile.board.summaries)
        stage.tile.take_expiry(names[2])
        await stage.settle(pilot)
        assert names[0] in stage.tile.board.opened
        gone = facts.series(*facts.expiries("SPX")[0])
        stage.market_time = lambda: gone.settles_at
        left = deliver(stage.tile, gone)
        await stage.settle(pilot)
        follows = next((one for one in left if one.split("/")[0] == gone.root), left[0])
        assert follows in stage.tile.board.opened
        assert stage.tile.cursor.series == names[2]


async def test_a_tile_that_cannot_use_an_expiry_says_so_and_stops_nobody():
    stage = Stage("SKEW", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        stage.tile.reading = object()
        stage.tile.offer_expiry(MONDAY)
        assert stage.tile.trouble.startswith("cannot show the expiry its link group chose: AttributeError")
        stage.tile.reading = None


async def test_one_tile_of_a_link_group_that_fails_does_not_keep_an_expiry_from_the_others(monkeypatch):
    async with workstation() as station:
        tiles = list(station.app.bench.tiles)
        symbol = tiles[0].context.symbol
        assert tiles[0].context.group is not None
        taken = []
        for tile in tiles[1:]:
            tile.context = replace(tile.context, symbol=symbol, group=tiles[0].context.group)
            monkeypatch.setattr(tile, "take_expiry", taken.append)
        monkeypatch.setattr(tiles[1], "take_expiry", lambda _: 1 / 0)
        station.app.link_expiry(tiles[0], MONDAY)
        assert taken == [MONDAY] * (len(tiles) - 2)
        assert len(taken) > 0
        assert "ZeroDivisionError" in tiles[1].trouble
