from math import isnan

import pytest
from msgspec.structs import replace

from optix_tui.screens.system.view import COLUMNS, PaintFigures, SystemFacts, beat_of, cpu_share, present
from tests.kit import engine_facts

STATUS = engine_facts.status()
BEFORE = replace(STATUS, cpu_seconds=STATUS.cpu_seconds - 0.25, wall_time=STATUS.wall_time - 10**9)


def said(**facts) -> dict[str, str]:
    view = present(SystemFacts(status=STATUS, **facts) if "status" not in facts else SystemFacts(**facts))
    return {fact.label: "".join(cell.text for cell in fact.values) for block in view.blocks for fact in block.facts}


def test_load_is_the_difference_of_two_statuses_of_one_run():
    assert cpu_share(STATUS, BEFORE) == pytest.approx(0.25)
    assert isnan(cpu_share(STATUS, None))
    assert isnan(cpu_share(STATUS, replace(BEFORE, run="another")))
    assert isnan(cpu_share(STATUS, STATUS))
    assert said(before=BEFORE)["CPU"] == "25.0%  of a core, now"
    assert said()["CPU"] == "—  of a core, now"


def test_the_budget_is_a_gauge():
    view = present(SystemFacts(status=STATUS))
    assert view.gauge.share == pytest.approx(0.291, abs=1e-3)
    assert view.gauge.text == "312.5 MB of 1.1 GB  29%"
    none = present(SystemFacts(status=engine_facts.status(store=engine_facts.store_status(path=""))))
    assert isnan(none.gauge.share)


def test_plugins_say_why_they_cannot_be_used():
    cells = {column.key: column.cell for column in COLUMNS}
    stranger = engine_facts.plugins().plugins[-1]
    assert cells["state"](stranger).text == "not allowed"
    assert "plugins.allow" in cells["title"](stranger).text
    assert cells["kind"](engine_facts.plugins().plugins[1]).text == "15 min late"


def test_a_sick_store_and_a_late_loop_are_marked():
    sick = engine_facts.status(store=engine_facts.store_status(healthy=False, trouble="the disk is full"), loop_lag_ms=80.0)
    assert said(status=sick)["Recorder"] == "the disk is full"
    load = next(block for block in present(SystemFacts(status=sick)).blocks if block.title == "LOAD")
    assert next(fact for fact in load.facts if fact.label == "Loop lag").values[0].tone == "alert"


def test_the_terminals_own_figures_are_shown_where_they_are_known():
    assert said(figures=PaintFigures(9.97, 3.4, 6, 160, 45, "amber"))["Beats"] == "10.0 Hz  achieved"
    assert "Beats" not in said()


def test_the_last_minutes_are_drawn_from_the_second_beat_on():
    beats = (beat_of(STATUS, BEFORE), beat_of(STATUS, BEFORE))
    assert [trace.title for trace in present(SystemFacts(status=STATUS, history=beats)).traces] == ["CPU", "UPDATES", "LOOP LAG"]
    assert present(SystemFacts(status=STATUS, history=beats[:1])).traces == ()
    assert present(SystemFacts()) is None
