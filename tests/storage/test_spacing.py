from engine.storage.spacing import Spacing


def _kept(interval: int, *instants: int) -> list[int]:
    spacing: Spacing[int] = Spacing(interval)
    return [said for at in instants for said in spacing.offer("x", at, at)]


def test_the_first_is_kept_at_once_and_then_one_a_span():
    assert _kept(10, 0, 3, 9, 10, 12, 20, 21) == [0, 10, 20]


def test_before_a_pause_the_last_is_kept_too():
    assert _kept(10, 0, 3, 50, 55, 66) == [0, 3, 50, 55, 66]


def test_without_a_span_all_are_kept_and_a_time_that_begins_anew_is_taken_as_it_comes():
    assert _kept(0, 0, 0, 1, 1) == [0, 0, 1, 1]
    assert _kept(10, 100, 0, 5, 10) == [100, 0, 10]


def test_what_is_held_back_is_released_once_and_each_thing_has_its_own_rhythm():
    spacing: Spacing[str] = Spacing(10)
    assert spacing.offer("a", 0, "a0") == ["a0"]
    assert spacing.offer("b", 5, "b5") == ["b5"]
    assert spacing.offer("a", 6, "a6") == []
    assert spacing.offer("a", 6, "again") == []
    assert spacing.release() == ["again"]
    assert spacing.release() == []
    assert spacing.offer("a", 15, "a15") == [], "the span counts from what was released"
    assert spacing.offer("a", 16, "a16") == ["a16"]
