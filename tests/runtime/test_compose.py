"""The engine put together: every message has its handler, trouble is told of, and what was opened is closed."""

import asyncio
import logging
import threading

import pytest

from engine.domain.errors import Refused, StoreUnavailable
from engine.domain.ids import SourceId, Symbol
from engine.kernel.configuration import Configuration
from engine.kernel.paths import Paths
from engine.messages.base import topic
from engine.messages.commands import SetSetting
from engine.messages.events import NoticePosted
from engine.messages.queries import EngineRole, GetDatabaseInfo, GetSettings, GetStatus
from engine.messages.registry import COMMANDS, QUERIES
from engine.runtime.compose import compose
from engine.runtime.feed_name import FeedName
from engine.runtime.storekeeper import StoreKeeper, StoreOnDemand
from engine.storage.store import Store
from tests.kit.engine import StillFeed, local_engine, plan, until


async def test_every_query_and_command_has_a_handler(tmp_path):
    async with local_engine(tmp_path) as engine:
        assert engine.context.dispatch.known == {*QUERIES.values(), *COMMANDS.values()}


async def test_the_status_is_right_before_the_feed_has_said_a_word(tmp_path):
    async with local_engine(tmp_path, role=EngineRole.PRIVATE) as engine:
        status = await engine.ask(GetStatus())
        assert (status.source, status.role, status.default_symbol) == ("still", EngineRole.PRIVATE, "SPY")


async def test_what_stands_in_the_configuration_and_means_nothing_is_told(tmp_path):
    paths = Paths.of(tmp_path)
    paths.make()
    (paths.config / "config.toml").write_text("terminal.theem = 'paper'\n")
    configuration = Configuration.load(paths, environment={}, project=tmp_path)
    engine = await compose(plan(tmp_path, configuration=configuration))
    told = engine.watch(topic(NoticePosted))
    engine._services[0].start()
    assert any("did you mean terminal.theme?" in notice.text for notice in told.drain())
    await engine.close()


async def test_work_that_crashes_is_told_and_the_rest_goes_on(tmp_path, caplog):
    async with local_engine(tmp_path) as engine:
        told = engine.watch(topic(NoticePosted))

        async def crash() -> None:
            raise ValueError("a bad number")

        engine.context.tasks.spawn(crash(), name="pricing")
        await until(lambda: bool(told._waiting))
        (notice,) = told.drain()
        assert (notice.title, "ValueError: a bad number" in notice.text) == ("pricing has stopped", True)
        assert (await engine.ask(GetStatus())).source == "still"


async def test_a_setting_that_is_changed_is_in_force_for_the_next_question(tmp_path):
    async with local_engine(tmp_path) as engine:
        await engine.do(SetSetting(key="terminal.theme", value="cvd"))
        table = await engine.ask(GetSettings())
        (row,) = [row for row in table.settings if row.key == "terminal.theme"]
        assert (row.value, row.origin) == ("cvd", f"file {table.path}")


async def test_a_service_that_fails_to_start_leaves_nothing_running(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.services.analytics.room.AnalyticsRoom.start", lambda _: (_ for _ in ()).throw(Refused("no")))
    with pytest.raises(Refused, match="no"):
        await compose(plan(tmp_path, passing=False))
    await until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith(("optix", "history"))])
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_service_that_fails_to_end_keeps_none_of_the_others_from_ending(tmp_path, monkeypatch, caplog):
    async def fail(_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr("engine.services.market.room.MarketRoom.close", fail)
    with caplog.at_level(logging.ERROR):
        async with local_engine(tmp_path, passing=False) as engine:
            await engine.ask(GetDatabaseInfo())
    assert "MarketRoom did not end as it should" in caplog.text
    await until(lambda: not [thread for thread in threading.enumerate() if thread.name.startswith("history")])


async def test_a_feed_that_crashes_is_made_again(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.services.market.feed_runner.FIRST_PAUSE", 0.01)
    made = []

    async def fails_once(self: StillFeed, sink: object, demand: object) -> None:
        made.append(self)
        if len(made) == 1:
            raise RuntimeError("torn")
        await asyncio.Event().wait()

    monkeypatch.setattr(StillFeed, "run", fails_once)
    async with local_engine(tmp_path):
        await until(lambda: len(made) == 2)
    assert made[0] is not made[1]


async def test_an_engine_that_is_to_record_nothing_opens_no_store(tmp_path):
    configuration = Configuration.load(Paths.of(tmp_path), environment={"OPTIX_STORE__RECORD": "off"}, project=tmp_path)
    async with local_engine(tmp_path, passing=False, configuration=configuration) as engine:
        with pytest.raises(Refused, match="keeps no history"):
            await engine.ask(GetDatabaseInfo())
    assert not list(tmp_path.rglob("*.duckdb"))


async def test_a_scratch_folder_is_cleared_away_at_the_end(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    paths = Paths(data=scratch, config=tmp_path / "config", state=tmp_path / "state", cache=tmp_path / "cache")
    async with local_engine(tmp_path, passing=False, paths=paths, scratch=scratch) as engine:
        await engine.ask(GetDatabaseInfo())
        assert list(scratch.glob("*.duckdb"))
    assert not scratch.exists()


async def test_a_passing_command_makes_no_database_to_look_for_prices(tmp_path):
    async with local_engine(tmp_path) as engine:
        (keeper,) = [service for service in engine._services if isinstance(service, StoreKeeper)]
        store = keeper.store
        assert isinstance(store, StoreOnDemand)
        for asking in (store.bars(Symbol("SPY"), 60), store.volatility_history(Symbol("SPY"))):
            with pytest.raises(StoreUnavailable, match="nothing has been recorded"):
                await asking
        assert store.status().path == ""
        assert not list(tmp_path.rglob("*.duckdb"))
        async with keeper.opened("sim", SourceId("still")) as opened:
            assert isinstance(opened, Store)
            await opened.ready()
        assert (await store.bars(Symbol("SPY"), 60)).start.size == 0


async def test_a_feeds_options_come_from_its_section_and_from_what_was_said_with_it(tmp_path):
    environment = {"OPTIX_FEEDS__STILL__DEPTH": "5", "OPTIX_FEEDS__STILL__SPEED": "2"}
    configuration = Configuration.load(Paths.of(tmp_path), environment=environment, project=tmp_path)
    seen = []
    made = StillFeed.__init__

    def remember(self: StillFeed, settings: object) -> None:
        seen.append(settings)
        made(self, settings)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StillFeed, "__init__", remember)
        async with local_engine(tmp_path, configuration=configuration, options={"speed": 3.0}, feed=FeedName(name="still")):
            pass
    assert dict(seen[0].options) == {"depth": 5, "speed": 3.0}
    assert seen[0].cache == Paths.of(tmp_path).cache / "still"
    assert seen[0].now > 0
