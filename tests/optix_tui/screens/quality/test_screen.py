from engine.domain.market import FeedState
from engine.messages.events import FeedQualityChanged
from tests.kit import engine_facts
from tests.kit.stage import DISCONNECTED, STALE, Stage


async def test_bad_data_do_not_fade_the_screen_that_shows_them():
    stage = Stage("DATA")
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        live = stage.colours()
        await stage.become(pilot, STALE)
        assert stage.colours() == live
        await stage.become(pilot, DISCONNECTED)
        assert "DISCONNECTED 12s" in stage.rows()[0]
        assert stage.colours() != live


async def test_a_new_word_on_the_feed_is_shown():
    stage = Stage("DATA")
    async with stage.run_test(size=(120, 30)) as pilot:
        await stage.settle(pilot)
        stage.engine.say(FeedQualityChanged(quality=engine_facts.quality(FeedState.DEGRADED)))
        await stage.settle(pilot)
        assert "degraded  no data for 42 s" in stage.text()
