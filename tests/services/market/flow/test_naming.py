"""What legs are called."""

import numpy as np
import pytest

from engine.services.market.flow.naming import PackageLegs, name_of

DAY = 86_400 * 10**9


def package(*legs: tuple[int, int, int, float, float, int]) -> PackageLegs:
    """Row, right, side, size, strike, days."""
    row, right, side, size, strike, days = (np.array(column) for column in zip(*legs, strict=True))
    return PackageLegs(
        row, right.astype(np.int8), side.astype(np.int8), size.astype(float), strike.astype(float), days * DAY, np.full(row.size, 100.0)
    )


@pytest.mark.parametrize(
    ("legs", "name"),
    [
        (((1, 1, 1, 10, 100, 30), (2, 1, -1, 10, 110, 30)), "bull call spread"),
        (((1, -1, -1, 10, 90, 30), (2, 1, -1, 10, 110, 30)), "short strangle"),
        (((1, 1, 1, 5, 90, 30), (2, 1, -1, 10, 100, 30), (3, 1, 1, 5, 110, 30)), "long call butterfly"),
        (((1, 1, -1, 10, 100, 30), (2, 1, 1, 10, 100, 60)), "long call calendar"),
        (((1, 1, 1, 4, 100, 30), (1, 1, 1, 6, 100, 30), (2, 1, -1, 10, 110, 30)), "bull call spread"),
        (((1, 1, 0, 10, 100, 30), (2, 1, -1, 10, 110, 30)), "2 legs"),
        (((1, 1, 1, 10, 100, 30), (2, -1, 1, 10, 120, 90)), "2 legs"),
        (((1, 1, 1, float("nan"), 100, 30), (2, 1, -1, 10, 110, 30)), "2 legs"),
        (((1, 1, 1, 10, 0, 30), (2, 1, -1, 10, 110, 30)), "2 legs"),
    ],
    ids=["spread", "strangle", "butterfly", "calendar", "a leg in two prints", "side unknown", "no name", "no size", "no strike"],
)
def test_legs_are_named_where_a_structure_is_made_of_them(legs, name: str) -> None:
    assert name_of(package(*legs), 0) == name
