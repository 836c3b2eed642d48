"""The window of strikes: by count, delta, percent, deviations, expected move; still until the spot has really moved."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.columns import floats
from engine.domain.errors import BadInput
from optix_tui.screens.omon.window import Kind, Rule, Span, deviations, ideal_span, nearest, read_rule, settle
from tests.kit import facts

PIECE = facts.slice_of("SPXW", facts.expiries("SPX")[3][1])


def at_spot(spot: float):
    return replace(PIECE, summary=replace(PIECE.summary, spot=spot))


def test_a_count_is_so_many_strikes_either_side_of_the_spot():
    middle = nearest(PIECE.strikes, PIECE.summary.spot)
    assert ideal_span(Rule(Kind.STRIKES, 5), PIECE) == Span(middle - 5, middle + 5)


def test_the_window_ends_where_the_strikes_end():
    assert ideal_span(Rule(Kind.STRIKES, 400), PIECE) == Span(0, len(PIECE.strikes) - 1)
    assert ideal_span(Rule(Kind.ALL, 0), PIECE) == Span(0, len(PIECE.strikes) - 1)
    assert ideal_span(Rule(Kind.STRIKES, 3), at_spot(1.0)) == Span(0, 3)


def test_deltas_of_the_wanted_size_are_inside():
    span = ideal_span(Rule(Kind.DELTA, 0.25), PIECE)
    calls = PIECE.delta[0, span.first : span.last + 1]
    assert calls.min() >= 0.25 - 1e-9
    assert calls.max() <= 0.75 + 1e-9


def test_percent_deviations_and_expected_move_measure_the_distance():
    spot = PIECE.summary.spot
    for rule, far in (
        (Rule(Kind.PERCENT, 1), np.abs(PIECE.strikes / spot - 1) <= 0.01),
        (Rule(Kind.DEVIATIONS, 1), np.abs(deviations(PIECE)) <= 1),
        (Rule(Kind.MOVE, 1), np.abs(PIECE.strikes - spot) <= PIECE.summary.expected_move),
    ):
        span = ideal_span(rule, PIECE)
        assert list(np.flatnonzero(far)) == list(range(span.first, span.last + 1))


def test_where_the_numbers_are_unknown_it_counts_strikes():
    blind = replace(
        PIECE, delta=floats(np.full_like(PIECE.delta, np.nan)), summary=replace(PIECE.summary, atm_iv=np.nan, expected_move=np.nan)
    )
    for kind in (Kind.DELTA, Kind.DEVIATIONS, Kind.MOVE):
        assert ideal_span(Rule(kind, 0.2), blind).rows == 19


def test_without_a_spot_the_forward_or_the_middle_is_taken():
    assert ideal_span(Rule(), at_spot(float("nan"))).rows == 19
    assert nearest(PIECE.strikes, float("nan")) == len(PIECE.strikes) // 2


def test_a_small_move_of_the_spot_leaves_the_window_where_it_is():
    rule = Rule(Kind.STRIKES, 9)
    held = settle(rule, PIECE, None)
    step = float(PIECE.strikes[1] - PIECE.strikes[0])
    assert settle(rule, at_spot(PIECE.summary.spot + 2 * step), held) == held
    moved = settle(rule, at_spot(PIECE.summary.spot + 6 * step), held)
    assert moved == Span(held.first + 6, held.last + 6)


def test_a_spot_to_and_fro_over_a_boundary_does_not_make_the_window_flicker():
    rule, held, seen = Rule(Kind.STRIKES, 9), settle(Rule(Kind.STRIKES, 9), PIECE, None), set()
    step = float(PIECE.strikes[1] - PIECE.strikes[0])
    for n in range(40):
        held = settle(rule, at_spot(PIECE.summary.spot + step * (0.49 if n % 2 else 0.51)), held)
        seen.add(held)
    assert len(seen) == 1


def test_under_a_cursor_nothing_moves_while_the_spot_is_inside():
    rule = Rule(Kind.STRIKES, 9)
    held = settle(rule, PIECE, None)
    step = float(PIECE.strikes[1] - PIECE.strikes[0])
    assert settle(rule, at_spot(PIECE.summary.spot + 7 * step), held, keep=held.first + 1) == held


def test_the_strike_under_the_cursor_stays_even_when_the_spot_has_gone():
    rule = Rule(Kind.STRIKES, 3)
    held = settle(rule, PIECE, None)
    step = float(PIECE.strikes[1] - PIECE.strikes[0])
    span = settle(rule, at_spot(PIECE.summary.spot + 9 * step), held, keep=held.first)
    assert span.first == held.first
    assert span.last >= nearest(PIECE.strikes, PIECE.summary.spot + 9 * step)


def test_a_wider_rule_takes_effect_at_once():
    held = settle(Rule(Kind.STRIKES, 5), PIECE, None)
    assert settle(Rule(Kind.STRIKES, 6), PIECE, held).rows == 13


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("±15", Rule(Kind.STRIKES, 15)),
        ("+-15", Rule(Kind.STRIKES, 15)),
        ("Δ10", Rule(Kind.DELTA, 0.10)),
        ("D.25", Rule(Kind.DELTA, 0.25)),
        ("5%", Rule(Kind.PERCENT, 5)),
        ("2SD", Rule(Kind.DEVIATIONS, 2)),
        ("1.5sd", Rule(Kind.DEVIATIONS, 1.5)),
        ("EM", Rule(Kind.MOVE, 1)),
        ("2EM", Rule(Kind.MOVE, 2)),
        ("ALL", Rule(Kind.ALL, 0)),
        ("20NOV26", None),
        ("GREEKS", None),
        ("15", None),
        ("DEC", None),
    ],
)
def test_a_window_as_it_is_typed(word, rule):
    assert read_rule(word) == rule


def test_a_window_without_sense_is_refused_with_its_bounds():
    with pytest.raises(BadInput, match="from 1 to 400"):
        read_rule("±9999")


def test_plus_and_minus_stay_within_bounds_and_delta_counts_the_other_way():
    assert Rule(Kind.STRIKES, 9).wider(1).size == 10
    assert Rule(Kind.STRIKES, 1).wider(-1).size == 1
    assert Rule(Kind.DELTA, 0.10).wider(1).size == pytest.approx(0.05)
    rule = Rule()
    kinds = [rule.kind]
    for _ in range(5):
        rule = rule.next_kind()
        kinds.append(rule.kind)
    assert set(kinds) == set(Kind)
