import random

import pytest

from plugins.cboe.patience import Patience

pytestmark = pytest.mark.bar("F-F-02")


def waits(count: int, seed: int = 1) -> list[float]:
    patience = Patience(1.0, random.Random(seed))
    return [patience.failed(0.0) for _ in range(count)]


def test_waits_grow_to_a_minute_and_no_further():
    assert all(max(waits(30, seed)) <= 60.0 for seed in range(50))
    assert max(waits(1, seed)[0] for seed in range(50)) <= 2.0
    assert max(waits(30, 3)[10:]) > 30.0


def test_after_two_minutes_there_are_at_most_six_attempts_a_minute():
    for seed in range(200):
        times, now = [], 0.0
        for wait in waits(60, seed):
            now += wait
            times.append(now)
        late = [at for at in times if at > 120.0]
        assert all(sum(start <= at < start + 60.0 for at in late) <= 6 for start in late)


def test_the_server_may_ask_for_more_patience():
    assert Patience(1.0, random.Random(1)).failed(100.0, retry_after=300.0) == 300.0


def test_failures_are_forgotten_only_after_a_minute_of_health():
    patience = Patience(1.0, random.Random(1))
    for _ in range(8):
        patience.failed(0.0)
    patience.succeeded(10.0)
    patience.succeeded(30.0)
    assert patience.failed(31.0) >= 10.0
    patience.succeeded(40.0)
    patience.succeeded(101.0)
    assert patience.failed(102.0) <= 2.0
