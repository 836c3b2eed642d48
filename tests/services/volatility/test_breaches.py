"""The Volatility Filter, alive: what is judged, told, remembered and answered."""

import asyncio
from math import isnan, nan
from types import SimpleNamespace

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from engine.domain.errors import BadInput, StoreUnavailable
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import DAY_NS, HOUR_NS, MINUTE_NS
from engine.domain.market import FeedState
from engine.domain.marks import BreachBasis, BreachMark, BreachRule, BreachRules, BreachSide, MeasureMark, MeasureSeries
from engine.domain.measures import parse_measure
from engine.kernel.bus import Bus
from engine.kernel.clock import FrozenClock
from engine.kernel.offload import Offload
from engine.messages.base import topic
from engine.messages.breaches import (
    BreachHappened,
    DeleteBreachRule,
    GetBreaches,
    GetBreachRules,
    SaveBreachRule,
    TryBreachRule,
)
from engine.messages.events import NoticePosted
from engine.services.volatility import breaches
from engine.services.volatility.breach_rules import RuleBook
from engine.services.volatility.breach_tables import table_of
from engine.services.volatility.breaches import MOST_LIMIT, Breaches
from engine.storage.documents import Documents
from tests.kit import facts, marks
from tests.kit.engine import until
from tests.kit.market import NOON

SPX, TSLA = Symbol("SPX"), Symbol("TSLA")
INVERTED = BreachRule(name="Inverted", measure="term:30:90", side=BreachSide.BELOW, basis=BreachBasis.VALUE, threshold=-0.005, release=0.0)
OFF = BreachRule(name="Off", measure="atm:30", threshold=4.0, release=2.0, enabled=False)


class Past:
    """A history that keeps what it is told."""

    def __init__(self, *kept: BreachMark, trouble: str = "") -> None:
        self.kept, self.trouble, self.recorded = list(kept), trouble, []
        self.samples = MeasureSeries(symbol=SPX, measure="term:30:90", at=longs([]), value=floats([]))

    def record(self, event) -> None:
        self.recorded.append(event)

    async def breaches(self, symbol=Symbol(""), rule="", since=None, until=None, limit=1_000):  # noqa: B008
        if self.trouble:
            raise StoreUnavailable(self.trouble)
        wanted = [one for one in self.kept if symbol in {"", one.symbol} and rule in {"", one.rule} and one.at >= (since or 0)]
        return table_of(wanted, limit)

    async def measure_series(self, symbol, measure, since=None, until=None, limit=2_000):
        if self.trouble:
            raise StoreUnavailable(self.trouble)
        return self.samples


class Desk:
    """The filter on two names whose coordinates a test says."""

    def __init__(self, folder, *rules: BreachRule, past: Past | None = None, at: int = NOON) -> None:
        self.values: dict[tuple[str, str], float] = {}
        self.surfaces: dict[str, SimpleNamespace] = {}
        self.health = SimpleNamespace(state=FeedState.LIVE, traits=SimpleNamespace(source=facts.SOURCE))
        self.bus = Bus()
        self.told = self.bus.subscribe(topic(BreachHappened), topic(NoticePosted))
        self.past = past
        self.clock = FrozenClock(UtcNanos(at))

        async def resolve(text):
            return facts.security(text.strip().upper())

        self.breaches = Breaches(
            state=SimpleNamespace(health=self.health, instruments=SimpleNamespace(symbols=(SPX, TSLA))),
            bus=self.bus,
            clock=self.clock,
            offload=Offload(1),
            coordinates=SimpleNamespace(
                surface=self.surfaces.get,
                value=lambda symbol, measure: self.values.get((symbol, measure.text), nan),
            ),
            book=RuleBook(documents=Documents(folder), shipped=lambda: BreachRules(rules=rules)),
            resolve=resolve,
            past=past,
        )

    async def say(self, at: int, measure: str = "term:30:90", value: float = nan, symbol: str = SPX) -> list[BreachMark]:
        """A new surface of a name, and what is told of it."""
        self.values[symbol, measure] = value
        self.surfaces[symbol] = SimpleNamespace(slices=(1,), as_of=UtcNanos(at))
        await self.breaches.look()
        return [event.breach for event in self.told.drain() if isinstance(event, BreachHappened)]


async def test_a_breach_is_told_once_kept_and_over_only_within_the_release(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past())
    said = [await desk.say(NOON + i * MINUTE_NS, value=value) for i, value in enumerate((0.01, -0.006, -0.007, -0.002, 0.001, 0.002))]
    assert [[mark.entered for mark in one] for one in said] == [[], [True], [], [], [False], []]
    assert desk.breaches.broken(SPX) == ()
    kept = [one for one in desk.past.recorded if isinstance(one, BreachMark)]
    assert [(mark.rule, mark.entered) for mark in kept] == [("Inverted", True), ("Inverted", False)]


async def test_the_same_surface_is_judged_once_and_an_empty_one_never(tmp_path):
    desk = Desk(tmp_path, INVERTED)
    assert len(await desk.say(NOON, value=-0.02)) == 1
    desk.values[SPX, "term:30:90"] = 0.5
    await desk.breaches.look()
    assert desk.breaches.broken(SPX) == ("Inverted",)
    desk.surfaces[SPX] = SimpleNamespace(slices=(), as_of=UtcNanos(NOON + 1))
    await desk.breaches.look()
    assert desk.breaches.broken(SPX) == ("Inverted",)


@pytest.mark.parametrize("state", [FeedState.DISCONNECTED, FeedState.FROZEN, FeedState.CLOSED])
async def test_a_market_that_does_not_move_is_not_judged(tmp_path, state):
    desk = Desk(tmp_path, INVERTED)
    desk.health.state = state
    assert await desk.say(NOON, value=-0.02) == []


async def test_an_unknown_value_breaks_nothing_and_is_not_recorded(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past())
    assert await desk.say(NOON, value=nan) == []
    assert desk.past.recorded == []
    board = await desk.breaches.board(GetBreachRules(symbol=SPX))
    assert [one.refusal for one in board.standings] == ["term:30:90 is not known"]


async def test_a_rule_that_is_off_or_about_others_says_nothing(tmp_path):
    about = BreachRule(name="About", measure="term:30:90", symbols=(TSLA,), basis=BreachBasis.VALUE, threshold=0.1, release=0.05)
    desk = Desk(tmp_path, OFF, about)
    assert await desk.say(NOON, value=-0.5) == []
    assert [mark.symbol for mark in await desk.say(NOON, value=-0.5, symbol=TSLA)] == [TSLA]


async def test_a_jump_beyond_what_was_expected_breaks_and_its_residual_is_recorded(tmp_path):
    jump = BreachRule(name="Jump", measure="residual:30", basis=BreachBasis.VALUE, threshold=0.02, release=0.01)
    desk = Desk(tmp_path, jump, past=Past())
    for place in range(30):
        assert await desk.say(NOON + place * MINUTE_NS, "atm:30", 0.2 + 0.001 * np.sin(place * 2.4)) == []
    (mark,) = await desk.say(NOON + 30 * MINUTE_NS, "atm:30", 0.26)
    assert mark.value == pytest.approx(0.06, abs=0.005)
    told = [one for one in desk.past.recorded if isinstance(one, MeasureMark)]
    assert told[-1].measures == ("residual:30",)


def was_broken(symbol: str = "SPX", **changed) -> BreachMark:
    """A mark of the rule `INVERTED`, from an earlier life of the engine."""
    mark = {"at": NOON - HOUR_NS, "measure": "term:30:90", "value": -0.02, "estimate": nan, "deviation": nan, "threshold": -0.005}
    return marks.breach("Inverted", symbol, **{**mark, **changed})


async def test_what_was_broken_as_the_engine_ended_is_not_told_anew(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past(was_broken(), was_broken("TSLA", at=NOON - 5 * DAY_NS)))
    await desk.breaches._remember()
    assert desk.breaches.broken(SPX) == ("Inverted",)
    assert desk.breaches.broken(TSLA) == ()
    assert await desk.say(NOON, value=-0.02) == []


async def test_a_rule_is_broken_still_on_the_morning_after_a_long_weekend(tmp_path):
    friday_evening_of_tuesday_morning = was_broken(at=NOON - 4 * DAY_NS + 2 * HOUR_NS)
    desk = Desk(tmp_path, INVERTED, past=Past(friday_evening_of_tuesday_morning))
    await desk.breaches._remember()
    assert desk.breaches.broken(SPX) == ("Inverted",)


async def test_a_market_whose_time_begins_again_tells_the_same_again(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past(was_broken()))
    desk.clock.restart(own=True)
    await desk.breaches._remember()
    assert [mark.entered for mark in await desk.say(NOON - HOUR_NS, value=-0.02)] == [True]


@pytest.mark.parametrize(
    "changed",
    [
        {"threshold": -0.01},
        {"measure": "term:7:30"},
        {"estimate": 0.0, "deviation": -5.0},
        {"entered": False, "threshold": 0.0},
    ],
)
async def test_what_an_older_form_of_a_rule_said_or_one_that_was_kept_again_is_not_remembered(tmp_path, changed):
    desk = Desk(tmp_path, INVERTED, past=Past(was_broken(**changed)))
    await desk.breaches._remember()
    assert desk.breaches.broken(SPX) == ()


async def test_rules_that_cannot_be_read_just_now_do_not_end_the_watch(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past(was_broken()))
    kept = desk.breaches._book._documents._path("breach-rules")
    kept.mkdir()
    await desk.breaches._remember()
    kept.rmdir()
    assert desk.breaches.broken(SPX) == ()
    assert len(await desk.say(NOON, value=-0.02)) == 1


async def test_a_history_that_cannot_be_read_does_not_stop_the_watch(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past(trouble="the disk is full"))
    await desk.breaches._remember()
    assert len(await desk.say(NOON, value=-0.02)) == 1
    table = await desk.breaches.table(GetBreaches())
    assert table.symbols == (SPX,)


async def test_the_past_and_this_life_are_one_table_newest_first_each_once(tmp_path):
    desk = Desk(tmp_path, INVERTED, past=Past(marks.breach("Inverted", "SPX", at=NOON - DAY_NS)))
    (mark,) = await desk.say(NOON, value=-0.02)
    desk.past.kept.append(mark)
    table = await desk.breaches.table(GetBreaches(symbol=Symbol("spx")))
    assert table.at.tolist() == [NOON, NOON - DAY_NS]
    assert (await desk.breaches.table(GetBreaches(rule="Other"))).at.size == 0
    assert (await desk.breaches.table(GetBreaches(since=UtcNanos(NOON)))).at.tolist() == [NOON]
    assert (await desk.breaches.table(GetBreaches(until=UtcNanos(NOON), limit=1))).at.size <= 1


@pytest.mark.parametrize("limit", [0, -1, MOST_LIMIT + 1])
async def test_a_limit_that_is_none_is_refused(tmp_path, limit):
    desk = Desk(tmp_path, INVERTED)
    with pytest.raises(BadInput, match="ask for 1 to 100,000 breaches"):
        await desk.breaches.table(GetBreaches(limit=limit))
    with pytest.raises(BadInput, match="replay 1 to 100,000 samples"):
        await desk.breaches.tried(TryBreachRule(symbol=SPX, rule=INVERTED, limit=limit))


async def test_the_board_says_how_far_each_name_is_from_a_breach(tmp_path):
    desk = Desk(tmp_path, INVERTED, BreachRule(name="Jump", measure="atm:30", threshold=4.0, release=2.0), OFF)
    nothing = await desk.breaches.board(GetBreachRules(symbol=SPX))
    assert {one.refusal for one in nothing.standings} == {"no surface of it was fitted yet"}
    assert (await desk.breaches.board(GetBreachRules())).standings == ()
    desk.values[SPX, "atm:30"] = 0.2
    await desk.say(NOON, value=-0.02)
    board = await desk.breaches.board(GetBreachRules())
    assert board.as_of == NOON
    assert [rule.name for rule in board.rules] == ["Inverted", "Jump", "Off"]
    by_rule = {one.rule: one for one in board.standings}
    assert set(by_rule) == {"Inverted", "Jump"}
    assert (by_rule["Inverted"].broken_since, by_rule["Inverted"].refusal) == (NOON, "")
    assert by_rule["Jump"].refusal == "0 samples of 100 are there, one a minute, and an estimate needs 20"
    assert isnan(by_rule["Jump"].deviation)


async def test_a_rule_that_is_changed_or_forgotten_begins_unbroken(tmp_path):
    desk = Desk(tmp_path, INVERTED)
    await desk.say(NOON, value=-0.02)
    receipt = await desk.breaches.save(SaveBreachRule(rule=INVERTED))
    assert receipt.text == "Inverted: term:30:90 is followed"
    assert desk.breaches.broken(SPX) == ()
    assert len(await desk.say(NOON + MINUTE_NS, value=-0.02)) == 1
    assert (await desk.breaches.delete(DeleteBreachRule(name="Inverted"))).text == "Inverted is forgotten"
    assert desk.breaches.broken(SPX) == ()
    assert (await desk.breaches.save(SaveBreachRule(rule=OFF))).text == "Off is kept, and off"


async def test_a_trial_replays_the_samples_and_says_why_it_cannot(tmp_path):
    past = Past()
    desk = Desk(tmp_path, INVERTED, past=past)
    ask = TryBreachRule(symbol=SPX, rule=INVERTED)
    assert "no sample of term:30:90 is recorded of SPX in that time" in (await desk.breaches.tried(ask)).refusal
    at = NOON + np.arange(4) * MINUTE_NS
    past.samples = MeasureSeries(symbol=SPX, measure="term:30:90", at=longs(at), value=floats([0.01, -0.02, nan, 0.01]))
    found = await desk.breaches.tried(ask)
    assert (found.samples, found.first_at, found.last_at, found.refusal) == (4, at[0], at[-1], "")
    assert found.breaches.entered.tolist() == [0, 1]
    past.trouble = "the disk is full"
    assert (await desk.breaches.tried(ask)).refusal == "the disk is full"
    lone = Desk(tmp_path, INVERTED)
    assert "keeps no history" in (await lone.breaches.tried(ask)).refusal


async def test_a_failure_is_told_once_and_the_watch_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(breaches, "LOOK_SECONDS", 0.0)
    desk, looks = Desk(tmp_path, INVERTED), []

    async def odd():
        looks.append(None)
        raise ValueError("odd")

    monkeypatch.setattr(desk.breaches, "look", odd)
    watching = asyncio.create_task(desk.breaches.run())
    await until(lambda: len(looks) > 2)
    watching.cancel()
    notices = [event for event in desk.told.drain() if isinstance(event, NoticePosted)]
    assert [(one.title, one.text) for one in notices] == [("The breach rules cannot be judged", "ValueError: odd")]


async def test_a_name_that_cannot_be_judged_keeps_no_other_from_it(tmp_path, monkeypatch):
    desk = Desk(tmp_path, INVERTED)
    judge = desk.breaches.judge

    def odd(symbol, at):
        if symbol == SPX:
            raise ValueError("odd")
        judge(symbol, at)

    monkeypatch.setattr(desk.breaches, "judge", odd)
    desk.surfaces[SPX] = SimpleNamespace(slices=(1,), as_of=UtcNanos(NOON))
    assert [mark.symbol for mark in await desk.say(NOON, value=-0.02, symbol=TSLA)] == [TSLA]


def test_the_newest_value_of_what_is_not_followed_is_unknown(tmp_path):
    assert isnan(Desk(tmp_path, INVERTED).breaches.newest(SPX, parse_measure("atm:30")))


class Recorded(Past):
    """A history of several measures."""

    def __init__(self, **values: list[float]) -> None:
        super().__init__()
        self.values = {name.replace("_", ":"): floats(row) for name, row in values.items()}

    async def measure_series(self, symbol, measure, since=None, until=None, limit=2_000):
        row = self.values.get(measure, floats([]))
        return MeasureSeries(symbol=symbol, measure=measure, at=longs(NOON + np.arange(row.size) * MINUTE_NS), value=row)


async def test_a_slope_that_was_not_recorded_is_tried_on_its_two_volatilities(tmp_path):
    desk = Desk(tmp_path, past=Recorded(atm_7=[0.20, 0.20, 0.21, 0.20], atm_60=[0.22, 0.17, 0.16]))
    rule = replace(INVERTED, measure="term:7:60")
    found = await desk.breaches.tried(TryBreachRule(symbol=SPX, rule=rule))
    assert (found.samples, found.breaches.entered.tolist()) == (3, [1])
    assert found.breaches.value.tolist() == pytest.approx([-0.03])


async def test_a_residual_that_was_not_recorded_is_tried_on_what_its_volatility_let_expect(tmp_path):
    quiet = [0.20 + 0.0001 * (place % 3) for place in range(60)]
    desk = Desk(tmp_path, past=Recorded(atm_30=[*quiet, 0.25, 0.20]))
    rule = BreachRule(name="Rich", measure="residual:30", side=BreachSide.ABOVE, basis=BreachBasis.VALUE, threshold=0.02, release=0.01)
    found = await desk.breaches.tried(TryBreachRule(symbol=SPX, rule=rule))
    assert found.samples == 62
    assert found.breaches.entered.tolist() == [0, 1]
    assert found.breaches.value[1] == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize(
    ("measure", "words"),
    [("rr25:30", "while an engine runs"), ("rr25:45", "while an engine runs and a rule follows it"), ("ar", "while an engine runs")],
)
async def test_where_there_is_no_sample_it_is_said_what_is_kept_when(tmp_path, measure, words):
    desk = Desk(tmp_path, past=Recorded())
    found = await desk.breaches.tried(TryBreachRule(symbol=SPX, rule=replace(INVERTED, measure=measure)))
    assert found.refusal == f"no sample of {measure} is recorded of SPX in that time: one is kept a minute {words}"


async def test_what_a_rule_follows_is_recorded_where_the_surface_does_not_tell_it(tmp_path):
    rules = [replace(INVERTED, name=measure, measure=measure) for measure in ("atm:30", "atm:45", "term:7:60", "level", "pcr:oi", "vrp:30")]
    desk = Desk(tmp_path, *rules, past=Past())
    for rule in rules:
        desk.values[SPX, rule.measure] = 0.3
    await desk.say(NOON, "ar", 0.1)
    (kept,) = [one for one in desk.past.recorded if isinstance(one, MeasureMark)]
    assert set(kept.measures) == {"ar", "atm:45", "term:7:60", "level", "pcr:oi", "vrp:30"}


@pytest.mark.parametrize(("count", "judged"), [(1, False), (20, False), (21, True)])
async def test_standard_errors_of_too_few_samples_are_no_trial(tmp_path, count, judged):
    desk = Desk(tmp_path, past=Recorded(atm_30=[0.2 + 0.001 * (place % 2) for place in range(count)]))
    found = await desk.breaches.tried(TryBreachRule(symbol=SPX, rule=BreachRule(name="Jump", measure="atm:30", threshold=4.0, release=2.0)))
    assert (found.samples, found.refusal == "") == ((count, True) if judged else (0, False))
    if not judged:
        assert found.refusal.startswith(f"{count} sample")
        assert "a standard error needs 20 before the first judged" in found.refusal
