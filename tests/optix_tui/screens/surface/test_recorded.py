"""OVDV at an instant of the past: what it asks, what it says it is, and how one steps from one stored surface to the next."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.errors import StoreUnavailable
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, parse_instant
from engine.messages.surface import GetStoredSurfaces, GetSurface, SurfaceChanged
from optix_tui.freshness import Condition
from optix_tui.screens.surface.arguments import arguments_of, read_arguments
from optix_tui.screens.surface.coordinates import Axis, Coordinate
from optix_tui.screens.surface.heat import difference_rows
from optix_tui.screens.surface.layers import Layer, layer_rows
from optix_tui.screens.surface.reading import Past, read
from optix_tui.screens.surface.view import SurfacePreferences
from tests.kit import facts, surface_facts
from tests.kit.stage import DISCONNECTED, Stage, told_engine

THEN = "@2026-11-18T14:32"
AT = parse_instant(THEN[1:])


def surfaces_asked(stage):
    return [one for one in stage.engine.asked if isinstance(one, GetSurface)]


async def test_an_instant_shows_the_stored_surface_says_so_and_watches_nothing():
    stage = Stage("OVDV", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot)
        assert [one.at for one in surfaces_asked(stage)] == [AT]
        assert not stage.engine.subscriptions
        assert "RECORDED 18-Nov-26 14:32:00 NY" in stage.text()
        shown = stage.tile.facts.reading.surface.as_of
        stage.engine.say(SurfaceChanged(surface=surface_facts.surface("SPX")))
        await stage.settle(pilot)
        assert stage.tile.facts.reading.surface.as_of == shown == AT
        assert stage.tile.freshness.condition is Condition.RECORDED, "it never counts as stale: it is what was asked for"
        await stage.become(pilot, DISCONNECTED)
        assert "DISCONNECTED" in stage.text()
        assert "recorded 18-Nov-26 14:32:00 NY" in stage.text(), "and still said to be of the past"


async def test_change_and_yesterday_are_taken_from_that_instant():
    stage = Stage("OVDV", "CHANGE", THEN, symbol="SPX")
    async with stage.run_test(size=(140, 40)) as pilot:
        await stage.settle(pilot, turns=5)
        assert UtcNanos(AT - DAY_NS) in [one.since for one in stage.engine.asked if isinstance(one, GetStoredSurfaces)]
        assert stage.tile.facts.past.day_ago is not None
        assert stage.tile.facts.past.times.at[-1] <= AT, "what came later is no past of it"


async def test_an_instant_before_the_first_surface_is_refused_in_words():
    engine = told_engine()

    def refuse(query):
        if query.at is None:
            return surface_facts.surface(query.symbol)
        raise StoreUnavailable("No svi surface of SPX is stored up to 2020-01-02T15:00:00Z: one is kept each minute while it is fitted.")

    engine.answers[GetSurface] = refuse
    stage = Stage("OVDV", "@2020-01-02T10:00", symbol="SPX", engine=engine)
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        assert "No svi surface of SPX is stored up to 2020-01-02" in " ".join(stage.text().split())


async def test_what_is_no_instant_is_said_and_the_present_is_shown():
    stage = Stage("OVDV", "@TEATIME", symbol="SPX")
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        assert "write it as 2026-11-20T15:30" in stage.tile.misread()
        assert surfaces_asked(stage)[0].at is None


async def test_less_and_greater_step_through_stored_surfaces_and_end_in_the_present():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        await pilot.press("greater_than_sign")
        await stage.settle(pilot)
        assert stage.tile.preferences.at is None, "nothing comes after the present"
        stored = surface_facts.times().at.tolist()
        for back in (1, 2):
            await pilot.press("less_than_sign")
            await stage.settle(pilot, turns=4)
            assert stage.tile.preferences.at == stored[-back]
            assert "RECORDED" in stage.text()
        await pilot.press("greater_than_sign")
        await stage.settle(pilot, turns=4)
        assert stage.tile.preferences.at == stored[-1]
        await pilot.press("greater_than_sign")
        await stage.settle(pilot, turns=4)
        assert stage.tile.preferences.at is None
        assert "RECORDED" not in stage.text()
        assert stage.engine.subscriptions, "the present is watched again"


def test_the_words_bring_a_tile_back_to_its_instant_and_without_them_it_is_live():
    found, wrong = read_arguments(("SMILE", THEN), SurfacePreferences())
    assert (found.at, wrong) == (AT, "")
    assert arguments_of(found, None) == ("SMILE", THEN)
    assert read_arguments(("SMILE",), found)[0].at is None
    assert read_arguments(("@9:45",), found, facts.NOW)[0].at == parse_instant("2026-11-19T09:45")
    assert read_arguments(("@9:45",), found)[1], "a time alone needs a day"


@pytest.mark.parametrize("coordinate", [Coordinate.DELTA, Coordinate.STRIKE])
def test_the_difference_of_two_surfaces_is_taken_at_the_same_delta_or_strike(coordinate):
    now, then = read(surface_facts.surface("SPX", only_good=True)), read(surface_facts.surface("SPX", only_good=True, lift=0.01))
    axis = Axis(coordinate, 0.25, 0.75) if coordinate is Coordinate.DELTA else Axis(coordinate, 6600.0, 6800.0)
    found = difference_rows(now, then, axis, axis.values(3))
    assert not found.reason
    middle = found.values[5, 1]
    assert -1.6 < middle < -0.6, "a point lower, more or less: the fixture lifts its level by one"
    same = difference_rows(now, now, axis, axis.values(3)).values
    assert abs(same[~(same != same)]).max() < 1e-12


def test_surfaces_without_an_expiry_in_common_have_no_difference():
    whole = surface_facts.surface("SPX", only_good=True)
    one, other = read(replace(whole, slices=whole.slices[:2])), read(replace(whole, slices=whole.slices[2:4]))
    axis = Axis(Coordinate.DELTA, 0.25, 0.75)
    assert "no expiry in common" in difference_rows(one, other, axis, axis.values(3)).reason


def test_a_stored_fit_without_its_quotes_says_why_nothing_is_rich_or_cheap():
    whole = surface_facts.stored("SPX", 1.0)
    k = np.zeros((len(whole.slices), 1))
    assert not layer_rows(Layer.RICH, read(whole), k, Past(), facts.NOW).reason
    bare = replace(whole, slices=tuple(replace(one, residual=floats(np.full(one.strikes.size, np.nan))) for one in whole.slices))
    assert "only its fit" in layer_rows(Layer.RICH, read(bare), k, Past(), facts.NOW).reason
    assert not layer_rows(Layer.RICH, read(replace(bare, recorded=False)), k, Past(), facts.NOW).reason
