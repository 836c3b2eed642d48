"""The collector of garbage: off from the first import on, freezing while the workstation opens, gentle afterwards."""

import gc

import pytest

from optix_tui import collector


@pytest.fixture
def looked(monkeypatch):
    """What Python's collector was asked for, in order, without any of it being done; ours is given back at the end."""
    asked: list[str] = []
    monkeypatch.setattr(gc, "freeze", lambda: asked.append("freeze"))
    monkeypatch.setattr(gc, "collect", lambda generation=2: asked.append(f"collect {generation}"))
    yield asked
    collector.give_back()


@pytest.fixture
def clock(monkeypatch):
    """The collector's clock, to be set."""
    now = [1_000.0]
    monkeypatch.setattr(collector, "monotonic", lambda: now[0])
    return now


def test_python_collects_by_itself_before_and_after_a_workstation_and_not_during_it(looked):
    assert gc.isenabled()
    collector.take_over()
    assert not gc.isenabled()
    collector.give_back()
    assert gc.isenabled()


def test_what_is_made_while_the_workstation_opens_is_frozen_unlooked_at(looked, clock):
    collector.take_over()
    collector.freeze()
    clock[0] += collector.OPENING_SECONDS - 0.1
    collector.collect(idle_for=0.0)
    assert looked == ["freeze", "freeze"]


def test_afterwards_young_garbage_is_collected_while_nobody_types_and_all_of_it_once_a_minute(looked, clock):
    collector.take_over()
    clock[0] += collector.OPENING_SECONDS
    collector.collect(idle_for=collector.IDLE_SECONDS / 2)
    assert looked == []
    for _ in range(collector.LOOKS_A_MINUTE):
        collector.collect(idle_for=60.0)
    assert looked == ["collect 1"] * (collector.LOOKS_A_MINUTE - 1) + ["collect 2"]


def test_a_workspace_shown_later_is_frozen_without_its_predecessors_garbage(looked, clock):
    collector.take_over()
    clock[0] += collector.OPENING_SECONDS
    collector.freeze()
    assert looked == ["collect 2", "freeze"]


def test_in_a_process_that_is_no_workstation_nothing_is_touched(looked):
    collector.freeze()
    collector.collect(idle_for=60.0)
    assert looked == []
