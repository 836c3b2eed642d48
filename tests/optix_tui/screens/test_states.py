"""What every screen owes: it says that its numbers are old or cut off and keeps them, and shows a refusal in its own words."""

import asyncio

import pytest

from engine.domain.errors import OptixError
from engine.domain.ids import UtcNanos
from engine.domain.instants import SECOND_NS
from engine.messages.compass import GetCompass, GetVolatilityIndices
from engine.messages.exposure import GetExposure
from engine.messages.flow import GetFlow, GetMostActive, GetOpenInterestMap
from engine.messages.measures import GetMeasures
from engine.messages.realized import GetCorrelation, GetForecasts, GetRealized
from engine.messages.surface import GetSurface
from tests.kit import compass_facts, facts
from tests.kit.stage import DISCONNECTED, STALE, Stage, told_engine

KEPT = {
    "OVDV": "24-Nov",
    "SKEW": "18-Dec",
    "GEX": "+ wall",
    "VEX": "+ wall",
    "CEX": "+ wall",
    "FLOW": "Calls",
    "MOSO": "ranked",
    "OMST": "19Nov",
    "HVT": "Window",
    "HVG": "Realised 21 less implied",
    "CORR": "NVDA",
    "VCA": "TSLA",
    "HIVG": "now 13.42",
    "VIX": "14.36",
}
"""Code of a screen, and words of its numbers that stay readable in every state."""

ASKED = {
    "OVDV": (GetSurface,),
    "SKEW": (GetSurface,),
    "GEX": (GetExposure,),
    "VEX": (GetExposure,),
    "CEX": (GetExposure,),
    "FLOW": (GetFlow,),
    "MOSO": (GetMostActive,),
    "OMST": (GetOpenInterestMap,),
    "HVT": (GetRealized,),
    "HVG": (GetRealized, GetForecasts),
    "CORR": (GetCorrelation,),
    "VCA": (GetCompass,),
    "HIVG": (GetMeasures,),
    "VIX": (GetVolatilityIndices,),
}
"""Code of a screen, and the questions without whose answer it has nothing to show."""


@pytest.mark.parametrize("state", [STALE, DISCONNECTED], ids=["stale", "disconnected"])
@pytest.mark.parametrize("code", KEPT)
async def test_what_is_stale_or_cut_off_says_so_and_stays_readable(code, state):
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert not {"STALE", "DISCONNECTED"} & set(stage.rows()[0].split())
        await stage.become(pilot, state)
        assert ("STALE" in stage.rows()[0], "DISCONNECTED" in stage.rows()[0]) == (state is STALE, state is DISCONNECTED)
        assert KEPT[code] in stage.text()


@pytest.mark.parametrize("code", ASKED)
async def test_a_refusal_of_the_engine_is_shown_in_its_own_words(code):
    def refuse(_query):
        raise OptixError("nothing is told of it: the disk is full")

    engine = told_engine()
    engine.answers.update(dict.fromkeys(ASKED[code], refuse))
    stage = Stage(code, symbol="SPX", engine=engine)
    async with stage.run_test(size=(80, 20)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.trouble == "nothing is told of it: the disk is full"
        assert stage.tile.trouble in stage.text()


@pytest.mark.parametrize("code", ASKED)
async def test_keys_pressed_before_anything_is_known_take_nothing_down(code):
    engine = told_engine()
    engine.answers.update({question: lambda _query: asyncio.Event().wait() for question in ASKED[code]})
    stage = Stage(code, symbol="SPX", engine=engine)
    async with stage.run_test(size=(80, 20)) as pilot:
        keys = {key for one in stage.entry.keys for key in one.keys}
        for key in sorted(keys | {"up", "down", "left", "right", "enter", "home", "end"}):
            await pilot.press(key)
        stage.tile.flush()
        await pilot.pause()
        assert not stage.tile.trouble


@pytest.mark.parametrize(
    ("code", "question", "answer"),
    [("VCA", GetCompass, compass_facts.compass), ("VIX", GetVolatilityIndices, compass_facts.indices)],
    ids=["VCA", "VIX"],
)
async def test_figures_of_minutes_ago_are_stale_though_the_feed_lives(code, question, answer):
    engine = told_engine()
    engine.answers[question] = lambda _query: answer(as_of=UtcNanos(facts.NOW - 400 * SECOND_NS))
    stage = Stage(code, symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "STALE" in stage.rows()[0]
