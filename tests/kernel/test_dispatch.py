"""Each message finds its one handler, and every failure is put in words."""

import pytest

from engine.domain.errors import BadInput, OptixError, UnknownSymbol
from engine.kernel.dispatch import Dispatch
from engine.messages.base import Receipt
from engine.messages.commands import StopEngine
from engine.messages.queries import GetStatus, GetWatchlists, WatchlistSet


async def no_lists(_: GetWatchlists) -> WatchlistSet:
    return WatchlistSet(lists=())


async def stopped(_: StopEngine) -> Receipt:
    return Receipt(text="stopped")


async def test_a_question_and_a_command_reach_their_handlers():
    dispatch = Dispatch()
    dispatch.answers(GetWatchlists, no_lists)
    dispatch.performs(StopEngine, stopped)
    assert await dispatch.ask(GetWatchlists()) == WatchlistSet(lists=())
    assert (await dispatch.do(StopEngine())).text == "stopped"
    assert dispatch.known == {GetWatchlists, StopEngine}


async def test_an_unknown_message_is_named():
    with pytest.raises(BadInput, match="does not know GetStatus"):
        await Dispatch().ask(GetStatus())


async def test_asking_a_command_and_doing_a_question_are_refused():
    with pytest.raises(BadInput, match="StopEngine is not a question"):
        await Dispatch().ask(StopEngine())
    with pytest.raises(BadInput, match="GetStatus is not a command"):
        await Dispatch().do(GetStatus())


def test_a_message_cannot_have_two_handlers():
    dispatch = Dispatch()
    dispatch.performs(StopEngine, stopped)
    with pytest.raises(ValueError, match="StopEngine has two handlers"):
        dispatch.performs(StopEngine, stopped)


async def test_a_fault_of_ours_becomes_an_error_in_words_and_a_trace_in_the_log(caplog):
    async def broken(_: GetWatchlists) -> WatchlistSet:
        raise KeyError("lists")

    dispatch = Dispatch()
    dispatch.answers(GetWatchlists, broken)
    with pytest.raises(OptixError, match="GetWatchlists failed by a fault of OPTIX \\(KeyError"):
        await dispatch.ask(GetWatchlists())
    assert "Traceback" in caplog.text


async def test_an_error_for_the_user_passes_as_it_is():
    async def unknown(_: GetWatchlists) -> WatchlistSet:
        raise UnknownSymbol("no such name")

    dispatch = Dispatch()
    dispatch.answers(GetWatchlists, unknown)
    with pytest.raises(UnknownSymbol, match="no such name"):
        await dispatch.ask(GetWatchlists())
