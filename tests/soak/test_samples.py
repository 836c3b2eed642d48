from typing import Any

import pytest

from engine.api import BadInput
from tests.soak.samples import Sample, complaints, halves, heading, lag, line, slope


def _hour(**changed: Any) -> list[Sample]:
    """Looks each ten seconds; a value that is a function is one of the minute."""
    plain: dict[str, Any] = {
        "resident_mb": lambda minute: 500 + (minute * 7) % 20,
        "lag_ms": 4.0,
        "queue_rows": 9_000,
        "waiting": 80,
        "updates_per_second": 5_000.0,
        "rows_written": lambda minute: int(minute * 1_000),
        "lost_rows": 0,
        "silent": (),
        "trouble": "",
        **changed,
    }
    minutes = [look / 6 for look in range(1, 361)]
    return [
        Sample(minute=minute, **{name: value(minute) if callable(value) else value for name, value in plain.items()}) for minute in minutes
    ]


def _said(samples: list[Sample]) -> str:
    return "; ".join(complaints(samples, most_queue_rows=50_000, most_waiting=500))


def test_a_product_that_holds_is_not_complained_of() -> None:
    assert _said(_hour()) == ""


def test_a_rise_of_memory_is_found_under_the_swing_of_checkpoints() -> None:
    samples = _hour(resident_mb=lambda minute: 500 + 0.8 * minute + (minute * 7) % 20)
    rise, error = slope(halves(samples)[1])
    assert rise == pytest.approx(0.8, abs=2.5 * error)
    assert 0.0 < error < 0.2
    assert "memory rose by" in _said(samples)


def test_a_rise_that_may_be_the_swing_alone_is_not_held_against_the_product() -> None:
    short = [sample for sample in _hour(resident_mb=lambda minute: 500 + (minute * 7) % 20) if sample.minute <= 10]
    assert slope(halves(short)[1]).error > 0.2
    assert _said(short) == ""


def test_a_run_too_short_for_a_slope_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadInput, match="soak for longer"):
        slope(_hour()[:2])


def test_memory_that_fills_a_bound_in_the_first_half_is_flat() -> None:
    assert _said(_hour(resident_mb=lambda minute: 500 + min(3.0 * minute, 60.0))) == ""


def test_the_warming_belongs_to_neither_half() -> None:
    first, second = halves(_hour())
    assert first[0].minute >= 6.0
    assert first[-1].minute < 30.0 <= second[0].minute
    assert _said(_hour(lag_ms=lambda minute: 900.0 if minute < 5 else 4.0)) == ""


def test_lag_that_grows_is_told_and_one_busy_minute_is_not() -> None:
    assert "late in the second half" in _said(_hour(lag_ms=lambda minute: 4.0 + minute))
    assert _said(_hour(lag_ms=lambda minute: 200.0 if 40 < minute < 42 else 4.0)) == ""
    assert lag(_hour()) == 4.0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"queue_rows": lambda minute: 60_000 if minute == 50 else 0}, "60,000 rows waited for the history (at most 50,000)"),
        ({"waiting": 501}, "501 events waited for a watcher (at most 500)"),
        ({"lost_rows": lambda minute: 3 if minute > 10 else 0}, "3 rows were lost"),
        ({"silent": lambda minute: ("SPX",) if minute == 20 else ()}, "nothing was heard of SPX before minute 20.0"),
        ({"trouble": "The disk is full."}, "the history was in trouble: The disk is full."),
        ({"rows_written": 5}, "nothing was written to the history"),
    ],
)
def test_what_is_lost_or_piles_up_is_told(changed: dict[str, Any], words: str) -> None:
    assert _said(_hour(**changed)) == words


def test_the_table_stands_under_its_heading() -> None:
    assert {len(line(sample)) for sample in _hour()} == {len(heading())}
