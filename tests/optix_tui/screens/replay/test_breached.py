"""The breaches of then: what was broken at an instant, and where the day's line marks it."""

from datetime import date, time

import pytest

from engine.domain.errors import StoreUnavailable
from engine.domain.instants import DAY_NS, MINUTE_NS, new_york_instant
from engine.messages.breaches import GetBreaches
from optix_tui.screens.replay.breached import broken_at, instants_within
from tests.kit import compass_facts
from tests.kit.stage import Stage, told_engine

TEN = new_york_instant(date(2026, 11, 18), time(10))


def mark(minutes: float, *, rule: str = "ATM 1M jumps", entered: bool = True, **changes):
    return compass_facts.breach(rule=rule, entered=entered, at=TEN + int(minutes * MINUTE_NS), **changes)


TABLE = compass_facts.breaches(
    mark(60, rule="Term inverted", measure="term:30:90", value=-0.0071, deviation=float("nan")),
    mark(30, entered=False),
    mark(0),
    mark(-2 * 24 * 60, rule="Old", entered=False),
    mark(-3 * 24 * 60, rule="Old"),
)


@pytest.mark.parametrize(
    ("minutes", "rules"),
    [(-1, []), (0, ["ATM 1M jumps"]), (29, ["ATM 1M jumps"]), (30, []), (60, ["Term inverted"]), (-2.5 * 24 * 60, ["Old"])],
)
def test_a_rule_is_broken_from_its_breach_until_it_is_kept_again_and_no_later_word_counts(minutes, rules):
    assert [one.rule for one in broken_at(TABLE, TEN + int(minutes * MINUTE_NS))] == rules


def test_what_was_measured_stands_in_the_unit_of_its_measure():
    (one,) = broken_at(TABLE, TEN)
    assert (one.since, one.value) == (TEN, "13.91")
    assert broken_at(None, TEN) == ()


def test_the_line_of_a_day_has_the_breaches_of_that_day_alone():
    entered, over = instants_within(TABLE, (TEN - DAY_NS, TEN + DAY_NS))
    assert (sorted(entered.tolist()), over.tolist()) == ([TEN, TEN + 60 * MINUTE_NS], [TEN + 30 * MINUTE_NS])
    assert instants_within(None, (0, 1)) is None


async def test_a_stored_instant_tells_the_breaches_of_then_and_not_those_of_later():
    engine = told_engine()
    engine.answers[GetBreaches] = lambda _query: TABLE
    stage = Stage("REPL", "@2026-11-18T10:05", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 45)) as pilot:
        await stage.settle(pilot, turns=4)
        assert "1 rule broken" in stage.rows()[1]
        assert "▲ ATM 1M jumps  atm:30 13.91 +4.6σ" in stage.text()
        assert "10:00:00" in stage.text()
        lane = next(row for row in stage.rows() if row.startswith(" rules"))
        assert "▲" in lane
        assert "○" in lane
        await pilot.press("pagedown")
        await stage.settle(pilot, turns=4)
        assert "no rule was broken then" in stage.text()
        assert "rule broken" not in stage.rows()[1]
        asked = [one for one in engine.asked if isinstance(one, GetBreaches)]
        assert asked[0].until == new_york_instant(date(2026, 11, 19), time(0))


async def test_breaches_that_cannot_be_read_say_why_and_leave_the_rest():
    engine = told_engine()

    def refuse(_query):
        raise StoreUnavailable("the breaches are damaged")

    engine.answers[GetBreaches] = refuse
    stage = Stage("REPL", "@2026-11-18T10:05", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 45)) as pilot:
        await stage.settle(pilot, turns=4)
        assert "the breaches are damaged" in stage.text()
        assert "cannot be" in next(row for row in stage.rows() if row.startswith(" rules"))
        assert "Dealers' gamma" in stage.text()
