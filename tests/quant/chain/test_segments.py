"""Pieces of a flat array asked one question each."""

import math

import numpy as np

from engine.quant.chain.segments import of_owners, of_sizes, picked

PIECES = of_sizes(np.array([3, 0, 2]))


def test_pieces_know_their_positions():
    assert PIECES.starts.tolist() == [0, 3, 3]
    assert PIECES.owner.tolist() == [0, 0, 0, 2, 2]
    assert PIECES.pieces == 3


def test_first_and_last_of_each_piece_and_minus_one_where_there_is_none():
    mask = np.array([False, True, True, False, False])
    assert PIECES.first(mask).tolist() == [1, -1, -1]
    assert PIECES.last(mask).tolist() == [2, -1, -1]


def test_the_lowest_passes_over_what_is_unknown():
    assert PIECES.lowest(np.array([3.0, 1.0, 1.0, np.nan, np.nan])).tolist() == [1, -1, -1]


def test_sums_are_of_what_is_known_and_unknown_where_nothing_is():
    found = PIECES.sums(np.array([1.0, np.nan, 2.0, np.nan, np.nan]))
    assert found[0] == 3.0
    assert np.isnan(found[1:]).all()


def test_chosen_positions_keep_their_owners():
    positions, cut = PIECES.chosen(np.array([True, False, True, False, True]))
    assert positions.tolist() == [0, 2, 4]
    assert cut.owner.tolist() == [0, 0, 2]
    assert cut.sizes.tolist() == of_owners(np.array([0, 0, 2]), 3).sizes.tolist() == [2, 0, 1]


def test_picking_at_minus_one_or_from_nothing_is_unknown():
    assert math.isnan(picked(np.array([1.0, 2.0]), np.array([-1]))[0])
    assert math.isnan(picked(np.array([]), np.array([-1]))[0])
