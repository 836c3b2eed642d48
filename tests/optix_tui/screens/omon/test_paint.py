"""The rows of the chain, as text and in their colours."""

import numpy as np
import pytest
from msgspec.structs import replace

from engine.domain.chain import ForwardMethod, IvStatus
from engine.domain.columns import codes, flags, floats
from engine.domain.market import Verdict
from optix_tui.screens.omon.board import Flash
from optix_tui.screens.omon.columns import PRESETS, fit
from optix_tui.screens.omon.look import Look
from optix_tui.screens.omon.marks import deviation_mark, iv_text, strike_ground
from optix_tui.screens.omon.paint import band_row, days_left, header_row, spot_row, waiting_row
from optix_tui.screens.omon.strike_rows import strike_rows
from optix_tui.screens.omon.window import deviations, nearest
from optix_tui.theme import load_palette
from tests.kit import facts

PALETTE = load_palette("amber")
PIECE = facts.slice_of("SPXW", facts.expiries("SPX")[3][1])
MIDDLE = nearest(PIECE.strikes, PIECE.summary.spot)
WIDTH = 97


def look(width: int = WIDTH, **changes) -> Look:
    return Look(layout=fit(PRESETS[0], width), palette=PALETTE, most_interest=10_000.0, **changes)


def row(piece=PIECE, place=MIDDLE, flash=None, **changes):
    return strike_rows(piece, flash or Flash(len(piece.strikes)), [place], look(**changes))[0]


def with_matrix(name: str, kind, value, side: int = 0, place: int = MIDDLE):
    matrix = np.array(getattr(PIECE, name))
    matrix[side, place] = value
    return replace(PIECE, **{name: kind(matrix)})


def ground_of(strip, text: str) -> int:
    for segment in strip:
        if text in segment.text:
            triplet = segment.style.bgcolor.triplet
            return triplet.red << 16 | triplet.green << 8 | triplet.blue
    raise AssertionError(f"{text!r} is not in {strip.text!r}")


def fore_of(strip, text: str) -> int:
    for segment in strip:
        if text in segment.text:
            triplet = segment.style.color.triplet
            return triplet.red << 16 | triplet.green << 8 | triplet.blue
    raise AssertionError(f"{text!r} is not in {strip.text!r}")


@pytest.mark.parametrize("width", [47, 60, 79, 97, 120, 200, 300])
def test_every_row_has_its_width(width):
    wide = look(width)
    rows = [header_row(wide), spot_row(6715.42, 0.01, wide), waiting_row(wide)]
    rows += [band_row(PIECE.summary, wide, opened=True, marked=False)]
    rows += strike_rows(PIECE, Flash(len(PIECE.strikes)), list(range(len(PIECE.strikes))), wide)
    assert {strip.cell_length for strip in rows} == {width}
    assert {len(strip.text) for strip in rows} == {width}


def test_a_strike_shows_calls_left_and_puts_right_with_bid_before_ask_on_both():
    text = row().text
    call_bid, call_ask = f"{PIECE.bid[0, MIDDLE]:.2f}", f"{PIECE.ask[0, MIDDLE]:.2f}"
    put_bid, put_ask = f"{PIECE.bid[1, MIDDLE]:.2f}", f"{PIECE.ask[1, MIDDLE]:.2f}"
    middle = text.index(f" {PIECE.strikes[MIDDLE]:.0f} ")
    assert text.index(call_bid) < text.index(call_ask) < middle
    assert middle < text.index(put_bid, middle) < text.index(put_ask, middle)


def test_what_is_in_the_money_is_shaded():
    below, above = MIDDLE - 6, MIDDLE + 6
    call_ask = f"{PIECE.ask[0, below]:.2f}"
    assert ground_of(row(place=below), call_ask) == PALETTE.itm
    put_bid = f"{PIECE.bid[1, above]:.2f}"
    assert ground_of(row(place=above), put_bid) == PALETTE.itm
    assert ground_of(row(place=above), f"{PIECE.ask[0, above]:.2f}") == PALETTE.ground


def test_the_row_under_the_cursor_has_its_own_ground_and_says_the_side():
    marked = row(cursor=MIDDLE, side=1, has_focus=True)
    assert ground_of(marked, f"{PIECE.strikes[MIDDLE]:.0f}") == PALETTE.text
    assert "▸" in marked.text
    assert "◂" in row(cursor=MIDDLE, side=0).text


def test_a_missing_bid_is_a_dash_and_never_a_zero():
    text = row(with_matrix("bid", floats, np.nan)).text
    assert "—" in text
    assert " 0.00 " not in text


@pytest.mark.parametrize(
    ("verdict", "mark"),
    [(Verdict.CROSSED, "x"), (Verdict.LOCKED, "="), (Verdict.WIDE, "~"), (Verdict.BELOW_INTRINSIC, "!"), (Verdict.MALFORMED, "?")],
)
def test_what_is_wrong_with_a_quote_stands_behind_its_ask(verdict, mark):
    text = row(with_matrix("verdict", flags, int(verdict))).text
    assert f"{PIECE.ask[0, MIDDLE]:.2f}{mark}" in text


@pytest.mark.parametrize(
    ("status", "word"),
    [(IvStatus.NO_TIME_VALUE, "<int"), (IvStatus.ABOVE_BOUND, ">max"), (IvStatus.BAD_INPUT, "—")],
)
def test_an_impossible_volatility_is_a_word(status, word):
    assert word in row(with_matrix("iv_status", codes, int(status))).text
    assert iv_text(0.2, status, PALETTE)[0] == word


def test_an_ill_conditioned_volatility_is_shown_greyed():
    assert iv_text(0.2, IvStatus.ILL_CONDITIONED, PALETTE) == ("20.0", PALETTE.dim)
    assert iv_text(0.2, IvStatus.OK, PALETTE) == ("20.0", PALETTE.vol)


def test_a_stale_quote_is_dimmed_and_so_is_what_comes_from_it():
    fresh, tired = row(), row(with_matrix("verdict", flags, int(Verdict.STALE)))
    ask = f"{PIECE.ask[0, MIDDLE]:.2f}"
    assert fore_of(tired, ask) != fore_of(fresh, ask)
    volatility = f"{PIECE.iv[0, MIDDLE] * 100:.1f}"
    assert fore_of(tired, volatility) != fore_of(fresh, volatility)


def test_a_glow_lies_behind_the_price_in_the_direction_it_went():
    flash = Flash(len(PIECE.strikes))
    flash.left[0, 0, MIDDLE], flash.sign[0, 0, MIDDLE] = 4, -1
    assert ground_of(row(flash=flash), f"{PIECE.bid[0, MIDDLE]:.2f}") == PALETTE.down_ground


def test_volume_above_the_open_interest_is_marked():
    hot = with_matrix("volume", floats, 99_000.0)
    assert fore_of(row(hot), "99,000") == PALETTE.alert


def test_the_spot_rule_carries_the_price_in_reverse():
    strip = spot_row(6715.42, 0.01, look())
    assert " 6,715.42 " in strip.text
    assert ground_of(strip, "6,715.42") == PALETTE.text


def test_a_band_says_what_its_expiry_implies():
    text = band_row(PIECE.summary, look(), opened=True, marked=False).text
    for word in ("▾", "SPXW", "ATM IV", "EM ±", "IFwd", "R ", "×100"):
        assert word in text
    assert "▸" in band_row(PIECE.summary, look(), opened=False, marked=False).text


def test_a_band_says_am_settlement_adjustment_and_a_forward_from_carry():
    series = replace(PIECE.summary.series, settlement="AM", adjusted=True, deliverable="150 shares")
    summary = replace(PIECE.summary, series=series, forward_method=ForwardMethod.CARRY)
    text = band_row(summary, look(140), opened=True, marked=False).text
    assert "SPXW AM ADJ 150 shares" in text
    assert f"{summary.forward:,.2f}c" in text


def test_a_band_of_unknown_numbers_is_dashes():
    summary = replace(PIECE.summary, atm_iv=np.nan, expected_move=np.nan, forward=np.nan, rate=np.nan, forward_method=ForwardMethod.NONE)
    text = band_row(summary, look(), opened=True, marked=False).text
    assert "ATM IV —" in text
    assert "nan" not in text


@pytest.mark.parametrize(("years", "text"), [(10 / 365, "10d"), (5.5 / 24 / 365, "5h 30m"), (-1.0, "settled"), (float("nan"), "—")])
def test_time_left_in_days_or_hours(years, text):
    assert days_left(replace(PIECE.summary, years=years)) == text


def test_strikes_are_brightest_at_the_forward_and_darker_with_every_deviation():
    grounds = [strike_ground(far, PALETTE) for far in (0.0, 1.0, 2.0, 3.0, 9.0)]
    brightness = [colour >> 16 for colour in grounds]
    assert brightness == sorted(brightness, reverse=True)
    assert len(set(grounds[:4])) == 4
    assert strike_ground(float("nan"), PALETTE) == PALETTE.head


def test_whole_deviations_are_named_once_each():
    far = deviations(PIECE)
    step = float(PIECE.strikes[1] - PIECE.strikes[0])
    marks = [deviation_mark(PIECE, float(strike), float(value), step) for strike, value in zip(PIECE.strikes, far, strict=True)]
    named = [mark for mark in marks if mark]
    assert len(named) == len(set(named))


def test_coin_options_show_the_digits_of_their_tick():
    table = facts.expiries("BTC")
    piece = facts.slice_of("BTC", table[2][1])
    place = nearest(piece.strikes, piece.summary.spot)
    text = strike_rows(piece, Flash(len(piece.strikes)), [place], look())[0].text
    assert f"{piece.bid[0, place]:.4f}" in text


def test_stale_tiles_fade_everything():
    plain, faded = row(), row(fade=0.5)
    ask = f"{PIECE.ask[0, MIDDLE]:.2f}"
    assert fore_of(plain, ask) != fore_of(faded, ask)


@pytest.mark.parametrize(
    ("name", "value"), [("volume", 123_456.0), ("volume", 14_720.0), ("open_interest", 9_999_999.0), ("ask", 123_456.78), ("bid", 9e9)]
)
def test_a_number_too_long_for_its_column_moves_nothing(name, value):
    usual, long = row().text, row(with_matrix(name, floats, value)).text
    assert len(long) == WIDTH
    strike = f" {PIECE.strikes[MIDDLE]:.0f} "
    assert long.index(strike, 44) == usual.index(strike, 44)
