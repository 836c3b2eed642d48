"""The board: which lines there are, which of them changed, and what glows."""

import numpy as np
from msgspec.structs import replace

from engine.domain.columns import floats
from optix_tui.screens.omon.board import FLASH_STEPS, Board, Kind, Line, aged, rows_above_spot
from optix_tui.screens.omon.window import Kind as Window
from optix_tui.screens.omon.window import Rule
from tests.kit import facts

CHAIN = facts.chain("SPX", count=3)
TABLE = facts.expirations("SPX")


def board() -> Board:
    made = Board()
    made.take_expirations(TABLE)
    made.take_chain(CHAIN)
    return made


def first(of: Board):
    return of.pieces[of.opened[0]]


def moved(piece, place: int, by: float):
    bid = np.array(piece.bid)
    bid[0, place] += by
    return replace(piece, bid=floats(bid))


def test_bands_stand_in_the_order_of_expiry_and_the_nearest_is_open():
    of = board()
    bands = [line.series for line in of.lines if line.kind is Kind.BAND]
    assert bands == [summary.series.id for summary in TABLE.expiries]
    assert of.opened == [next(name for name, summary in of.summaries.items() if summary.years > 0)]


def test_the_spot_stands_between_the_strikes_around_it():
    of = board()
    piece = first(of)
    place = of.place_of_spot(of.opened[0])
    above, below = of.lines[place - 1], of.lines[place + 1]
    assert of.lines[place].kind is Kind.SPOT
    assert piece.strikes[above.strike] <= piece.summary.spot < piece.strikes[below.strike]


def test_an_open_expiry_of_which_nothing_is_known_waits():
    of = Board()
    of.take_expirations(TABLE)
    of.lay_out()
    assert [line.kind for line in of.lines[:2]] == [Kind.BAND, Kind.WAITING]


def test_opening_and_closing_adds_and_takes_its_strikes():
    of = board()
    name = CHAIN.slices[1].summary.series.id
    before = len(of.lines)
    assert of.toggle(name)
    assert len(of.lines) > before
    assert not of.toggle(name)
    assert len(of.lines) == before


def test_only_the_row_whose_number_changed_is_named():
    of = board()
    piece = first(of)
    place = rows_above_spot(piece)
    changed = of.take(moved(piece, place, 0.05))
    strikes = {line.strike for line in changed if line.kind is Kind.STRIKE}
    assert strikes == {place}


def test_a_change_too_small_to_be_seen_is_none():
    of = board()
    piece = first(of)
    same = replace(piece, delta=floats(np.array(piece.delta) + 1e-7), iv=floats(np.array(piece.iv) + 1e-9))
    assert {line for line in of.take(same) if line.kind is Kind.STRIKE} == set()


def test_unknown_numbers_that_stay_unknown_are_no_change():
    of = board()
    piece = first(of)
    blank = replace(piece, iv=floats(np.full_like(piece.iv, np.nan)))
    of.take(blank)
    assert {line for line in of.take(blank) if line.kind is Kind.STRIKE} == set()


def test_a_move_of_some_ticks_glows_and_fades_a_single_tick_does_not():
    of = board()
    piece, name = first(of), of.opened[0]
    place = rows_above_spot(piece)
    tick = piece.summary.series.tick_rule.large
    of.take(moved(piece, place, tick))
    assert of.flashes[name].left.sum() == 0
    of.take(moved(piece, place, 6 * tick))
    assert of.flashes[name].left[0, 0, place] == FLASH_STEPS
    assert of.flashes[name].sign[0, 0, place] == 1
    looks = [len(of.fade_flashes()) for _ in range(FLASH_STEPS + 2)]
    assert looks == [1] * FLASH_STEPS + [0, 0]


def test_a_price_that_appears_or_goes_does_not_glow():
    of = board()
    piece, name = first(of), of.opened[0]
    gone = replace(piece, bid=floats(np.full_like(piece.bid, np.nan)))
    of.take(gone)
    of.take(piece)
    assert of.flashes[name].left.sum() == 0


def test_the_rule_moves_when_the_spot_crosses_a_strike():
    of = board()
    piece, name = first(of), of.opened[0]
    before = list(of.lines)
    step = float(piece.strikes[1] - piece.strikes[0])
    of.take(replace(piece, summary=replace(piece.summary, spot=piece.summary.spot + step)))
    assert of.lines != before
    assert of.lines.index(Line(Kind.SPOT, name)) == before.index(Line(Kind.SPOT, name)) + 1
    assert len(of.lines) == len(before)


def test_another_window_shows_other_strikes():
    of = board()
    of.set_rule(Rule(Window.STRIKES, 2))
    assert len([line for line in of.lines if line.kind is Kind.STRIKE]) == 5


def test_a_listing_that_changed_its_strikes_is_laid_out_anew():
    of = board()
    shorter = facts.slice_of("SPX" if first(of).summary.series.root == "SPX" else "SPXW", first(of).summary.series.expiry, strikes=11)
    of.take(shorter)
    assert len([line for line in of.lines if line.kind is Kind.STRIKE]) <= 11
    assert of.flashes[of.opened[0]].left.shape == (2, 2, 11)


def test_an_expiry_that_is_gone_takes_everything_with_it():
    of = board()
    gone = of.opened[0]
    assert gone in of.spans
    assert gone in of._rounded
    of.take_expirations(replace(TABLE, expiries=tuple(one for one in TABLE.expiries if one.series.id != gone)))
    assert gone not in of.pieces
    assert gone not in of.spans
    assert gone not in of._rounded
    assert gone not in of.opened
    assert of.opened
    assert all(line.series != gone for line in of.lines)


def test_quotes_much_older_than_the_rest_are_aged():
    piece = CHAIN.slices[0]
    at = np.array(piece.quoted_at)
    at[0, 3] -= 600 * 1_000_000_000
    at[1, 4] = 0
    from engine.domain.columns import longs

    old = aged(replace(piece, quoted_at=longs(at)))
    assert old[0, 3]
    assert not old[1, 4], "a quote that never came is not an old one"


def test_of_strikes_that_are_not_on_the_screen_no_change_is_told():
    of = board()
    piece, name = first(of), of.opened[0]
    place = rows_above_spot(piece)
    tick = piece.summary.series.tick_rule.large
    of.seen = {name: (place + 1, place + 3)}
    assert {line for line in of.take(moved(piece, place, 6 * tick)) if line.kind is Kind.STRIKE} == set()
    of.seen = {name: (place - 1, place)}
    assert of.fade_flashes() == {Line(Kind.STRIKE, name, place)}
