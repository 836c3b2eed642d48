"""Which prints belong together."""

import numpy as np

from engine.services.market.flow.clusters import CROWD, packages_of, sweeps_of

MS = 1_000_000


def sweeping(rows, sides, times, prices, span=100 * MS):
    return sweeps_of(
        row=np.array(rows), side=np.array(sides, dtype=np.int8), at=np.array(times) * MS, price=np.array(prices, dtype=float), span=span
    ).tolist()


def packages(symbols, rows, times, sizes, *, said=(), swept=(), span=5 * MS, least=5.0):
    count = len(rows)
    found = packages_of(
        symbol=np.array(symbols), row=np.array(rows), at=np.array(times) * MS, size=np.array(sizes, dtype=float),
        said=np.isin(np.arange(count), said), left_out=np.isin(np.arange(count), swept), span=span, least_size=least,
    )  # fmt: skip
    return sorted(sorted(one.tolist()) for one in found)


def test_two_prints_through_price_levels_or_three_at_one_are_a_sweep() -> None:
    assert sweeping([1, 1, 2, 2], [1, 1, 1, 1], [0, 50, 0, 50], [1.0, 1.1, 2.0, 2.0]) == [True, True, False, False]
    assert sweeping([1, 1, 1], [-1, -1, -1], [0, 90, 180], [1.0, 1.0, 1.0]) == [True] * 3


def test_prints_of_other_sides_later_or_of_no_side_are_no_sweep() -> None:
    assert sweeping([1, 1], [1, -1], [0, 0], [1.0, 1.1]) == [False, False]
    assert sweeping([1, 1], [1, 1], [0, 101], [1.0, 1.1]) == [False, False]
    assert sweeping([1, 1, 1], [0, 0, 0], [0, 0, 0], [1.0, 1.1, 1.2]) == [False] * 3
    assert sweeping([], [], [], []) == []


def test_prints_of_one_size_in_several_contracts_of_a_name_at_once_are_legs() -> None:
    assert packages([0, 0, 0, 1], [1, 2, 3, 9], [0, 3, 50, 0], [10, 10, 10, 10]) == [[0, 1]]
    assert packages([0, 0], [1, 2], [0, 3], [10, 12]) == []
    assert packages([0, 0], [1, 1], [0, 3], [10, 10]) == []
    assert packages([0, 0], [1, 2], [0, 3], [4, 4]) == []
    assert packages([0, 1], [1, 2], [0, 3], [10, 10]) == []


def test_legs_that_the_venue_names_may_differ_in_size() -> None:
    assert packages([0, 0, 0], [1, 2, 3], [0, 1, 2], [1, 2, 1], said=(0, 1, 2)) == [[0, 1, 2]]


def test_a_sweep_is_no_leg_and_five_contracts_are_no_structure() -> None:
    assert packages([0, 0], [1, 2], [0, 0], [10, 10], swept=(1,)) == []
    assert packages([0] * 5, [1, 2, 3, 4, 5], [0] * 5, [10] * 5) == []


def test_equal_sizes_in_a_crowd_are_chance() -> None:
    """A venue that tells whole seconds lets everything print at once."""
    crowd = CROWD + 1
    assert packages([0] * crowd, list(range(crowd)), [0] * crowd, [10, 10, *range(20, 20 + crowd - 2)]) == []
