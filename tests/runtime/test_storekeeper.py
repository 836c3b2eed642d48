"""Who may hold the history's file, and when."""

import asyncio

from engine.messages.queries import EngineRole, GetDatabaseInfo
from tests.kit.engine import local_engine


async def test_questions_of_a_passing_command_about_the_history_take_turns(tmp_path):
    async with local_engine(tmp_path, role=EngineRole.PRIVATE, passing=True) as engine:
        found = await asyncio.gather(*(engine.ask(GetDatabaseInfo()) for _ in range(3)))
    assert [info.store for info in found] == [found[0].store] * 3
