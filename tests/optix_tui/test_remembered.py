"""A view is made again only when something it is made of is another one."""

import pytest

from optix_tui.remembered import Remembered


class Facts:
    """Large: to compare two would be a fault."""

    def __eq__(self, other: object) -> bool:
        raise AssertionError

    __hash__ = None  # type: ignore[assignment]


def test_the_same_facts_and_an_equal_size_are_made_once() -> None:
    made: list[int] = []
    remembered: Remembered[int] = Remembered()
    facts = Facts()

    def make() -> int:
        made.append(1)
        return len(made)

    def view(of: Facts, *size: int) -> int | None:
        return remembered.of(of, *size, make=make)

    assert [view(facts, 1_000, 10**18 + step - step) for step in range(3)] == [1, 1, 1]
    assert view(facts, 1_001, 10**18) == 2
    assert view(facts, 1_001, 10**18 + 1) == 3
    assert view(Facts(), 1_001, 10**18 + 1) == 4


def test_a_view_that_could_not_be_made_is_not_tried_again_before_something_changes() -> None:
    tries: list[int] = []

    def make() -> None:
        tries.append(1)

    remembered: Remembered[str] = Remembered()
    for width in (10, 10, 11):
        assert remembered.of(width, make=make) is None
    assert len(tries) == 2
    assert remembered.made_of == (11,)


def test_what_fails_leaves_the_last_view_and_is_tried_again() -> None:
    remembered: Remembered[str] = Remembered()
    remembered.of(1, make=lambda: "first")
    with pytest.raises(ZeroDivisionError):
        remembered.of(2, make=lambda: str(1 // 0))
    assert remembered.view == "first"
    assert remembered.of(1, make=lambda: "made again") == "first"
