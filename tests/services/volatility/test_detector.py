"""Whether a rule is broken: samples, what they let expect, and a threshold with hysteresis."""

from math import isnan, nan

import numpy as np
import pytest

from engine.domain.columns import floats, longs
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import HOUR_NS, MINUTE_NS
from engine.domain.marks import BreachBasis, BreachRule, BreachSide
from engine.domain.measures import parse_measure
from engine.quant.volatility.expected import LEAST, expected_next
from engine.services.volatility.detector import LEAST_ERROR, Judgement, Trail, is_broken, mark_of, replayed
from tests.kit.market import NOON

ATM = parse_measure("atm:30")
SPX = Symbol("SPX")


def sampled(values, measure=ATM, *, step: int = MINUTE_NS, start: int = NOON) -> Trail:
    trail = Trail(measure)
    for place, value in enumerate(values):
        trail.judge(UtcNanos(start + place * step), float(value))
    return trail


def wavy(count: int = 60, size: float = 0.002):
    return 0.2 + size * np.sin(np.arange(count) * 2.399)


def judged(deviation: float = nan, value: float = 0.2) -> Judgement:
    return Judgement(UtcNanos(NOON), value, value - deviation, 1.0, 60)


def test_a_value_is_compared_with_what_the_samples_before_it_let_expect():
    values = wavy()
    found = sampled(values).judge(UtcNanos(NOON + 60 * MINUTE_NS), 0.25)
    expected = expected_next(series=values)
    assert (found.estimate, found.error, found.samples) == (expected.value, expected.error, 60)
    assert found.deviation == pytest.approx((0.25 - expected.value) / expected.error)


def test_few_samples_let_expect_nothing():
    found = sampled(wavy(LEAST - 1)).judge(UtcNanos(NOON + HOUR_NS), 0.9)
    assert isnan(found.deviation)


def test_at_most_one_sample_a_minute_is_taken_and_an_instant_counts_once():
    trail = sampled(wavy(40), step=MINUTE_NS // 6)
    assert trail.judge(UtcNanos(NOON + 40 * MINUTE_NS // 6), 0.2).samples < LEAST
    trail = sampled(wavy())
    at = UtcNanos(NOON + 60 * MINUTE_NS)
    assert trail.judge(at, 0.25) is trail.judge(at, 0.99)


def test_an_unknown_value_is_no_sample():
    trail = sampled([*wavy(30), nan, nan])
    found = trail.judge(UtcNanos(NOON + 33 * MINUTE_NS), nan)
    assert found.samples == 30
    assert isnan(found.deviation)


def test_a_night_is_forgotten_and_so_is_a_market_whose_time_began_anew():
    for at in (NOON + 18 * HOUR_NS, NOON - 5 * HOUR_NS):
        trail = sampled(wavy())
        first = trail.judge(UtcNanos(at), 0.9)
        assert isnan(first.deviation)
        assert isnan(trail.judge(UtcNanos(at + MINUTE_NS), 0.9).deviation)


def test_what_stood_still_is_not_broken_by_a_hair():
    found = sampled([0.2] * 40).judge(UtcNanos(NOON + 40 * MINUTE_NS), 0.2001)
    assert found.error == LEAST_ERROR
    assert abs(found.deviation) < 1
    dollars = sampled([2e9] * 40, parse_measure("gex")).judge(UtcNanos(NOON + 40 * MINUTE_NS), 2.0002e9)
    assert abs(dollars.deviation) < 1


@pytest.mark.parametrize(
    ("side", "sizes"),
    [
        (BreachSide.ABOVE, {4.1: True, 3.9: False, -9.0: False}),
        (BreachSide.BELOW, {-4.1: True, -3.9: False, 9.0: False}),
        (BreachSide.EITHER, {4.1: True, -4.1: True, 3.9: False}),
    ],
)
def test_a_deviation_breaks_on_its_side(side, sizes):
    rule = BreachRule(name="r", measure="atm:30", side=side, threshold=4.0, release=2.0)
    assert {size: is_broken(rule, judged(size), before=False) for size in sizes} == sizes


def test_a_broken_rule_is_kept_again_only_within_its_release():
    rule = BreachRule(name="r", measure="atm:30", threshold=4.0, release=2.0)
    assert [is_broken(rule, judged(size), before=True) for size in (3.0, -3.0, 1.9, -1.9)] == [True, True, False, False]
    below = BreachRule(name="t", measure="term:30:90", side=BreachSide.BELOW, basis=BreachBasis.VALUE, threshold=-0.005, release=0.0)
    assert [is_broken(below, judged(value=value), before=False) for value in (-0.006, -0.004)] == [True, False]
    assert [is_broken(below, judged(value=value), before=True) for value in (-0.004, 0.001)] == [True, False]


def test_the_answer_is_a_plain_truth_whatever_kind_of_number_is_judged():
    rule = BreachRule(name="r", measure="atm:30", threshold=4.0, release=2.0)
    assert is_broken(rule, judged(np.float64(5.0)), before=False) is True
    assert is_broken(rule, judged(np.float64(1.0)), before=True) is False


def test_what_is_unknown_neither_breaks_nor_mends():
    rule = BreachRule(name="r", measure="atm:30", threshold=4.0, release=2.0)
    assert is_broken(rule, judged(nan), before=True)
    assert not is_broken(rule, judged(nan), before=False)


def test_a_mark_of_a_level_tells_no_estimate():
    rule = BreachRule(name="t", measure="term:30:90", basis=BreachBasis.VALUE, threshold=0.01, release=0.0)
    mark = mark_of(rule, SPX, judged(2.0, value=0.02), entered=True)
    assert isnan(mark.estimate)
    assert isnan(mark.deviation)
    assert (mark.value, mark.threshold) == (0.02, 0.01)
    assert mark_of(rule, SPX, judged(value=0.02), entered=False).threshold == 0.0


def test_a_replay_says_what_live_would_have_said():
    values = np.concatenate([wavy(60), [0.26, 0.26, 0.26], wavy(60)])
    at = NOON + np.arange(values.size) * MINUTE_NS
    rule = BreachRule(name="r", measure="atm:30", threshold=4.0, release=1.5)
    told = list(replayed(rule, ATM, SPX, longs(at), floats(values)))
    trail, broken, live = Trail(ATM), False, []
    for instant, value in zip(at.tolist(), values.tolist(), strict=True):
        now = is_broken(rule, trail.judge(UtcNanos(instant), value), before=broken)
        if now is not broken:
            live.append((instant, now))
            broken = now
    assert [(mark.at, mark.entered) for mark in told] == live
    assert told[0].at == at[60]
    assert [mark.entered for mark in told][:2] == [True, False]
