from math import isnan, nan

import pytest
from msgspec.structs import replace

from engine.domain.columns import codes, floats, longs
from engine.domain.instruments import Right
from engine.domain.market import Side
from optix_tui.screens.tape.prints import MOST_KEPT, Where, contract_of, prints_of, where_of, with_newest
from tests.kit import facts

TABLE = facts.trades("SPX", 30)


@pytest.mark.parametrize(
    ("price", "bid", "ask", "where"),
    [
        (1.10, 1.00, 1.10, Where.ASK),
        (1.15, 1.00, 1.10, Where.ABOVE),
        (1.00, 1.00, 1.10, Where.BID),
        (0.95, 1.00, 1.10, Where.BELOW),
        (1.05, 1.00, 1.10, Where.BETWEEN),
        (1.00, 1.00, 1.00, Where.BETWEEN),
        (1.05, 1.10, 1.00, Where.UNKNOWN),
        (1.05, nan, nan, Where.UNKNOWN),
        (1.05, nan, 1.10, Where.UNKNOWN),
        (1.10, nan, 1.10, Where.ASK),
        (nan, 1.00, 1.10, Where.UNKNOWN),
    ],
)
def test_a_print_is_placed_by_the_quote_in_force(price, bid, ask, where):
    assert where_of(price, bid, ask) is where


def one(**changes):
    table = facts.trades("SPX", 1, **changes)
    return prints_of(table)[0]


def test_a_side_the_venue_gives_is_kept_and_one_we_guess_is_said_to_be_guessed():
    said = one(side=codes([Side.SELL]), price=floats([10.0]), bid=floats([9.0]), ask=floats([10.0]))
    assert (said.side, said.is_inferred) == (Side.SELL, False)
    guessed = one(side=codes([Side.UNKNOWN]), price=floats([10.0]), bid=floats([9.0]), ask=floats([10.0]))
    assert (guessed.side, guessed.is_inferred) == (Side.BUY, True)
    unknown = one(side=codes([Side.UNKNOWN]), price=floats([9.5]), bid=floats([9.0]), ask=floats([10.0]))
    assert unknown.side is Side.UNKNOWN
    crossed = one(side=codes([Side.UNKNOWN]), price=floats([9.5]), bid=floats([10.0]), ask=floats([9.0]))
    assert crossed.side is Side.UNKNOWN


def test_premium_and_moneyness_are_those_of_the_contract():
    put = one(name=("SPXW  261124P06700000",), price=floats([10.0]), size=floats([3.0]), spot=floats([6750.0]))
    assert put.premium == 3000
    assert put.contract.right is Right.PUT
    assert put.out_of_the_money == pytest.approx(1 - 6700 / 6750)
    assert put.days_from(facts.TODAY) == 5
    share = one(name=("SPX",), price=floats([6700.0]), size=floats([3.0]))
    assert share.contract is None
    assert share.premium == 20_100
    assert isnan(share.out_of_the_money)
    assert share.days_from(facts.TODAY) is None
    assert isnan(one(spot=floats([nan])).out_of_the_money)


def test_names_of_venues_are_read_and_others_are_no_contract():
    assert contract_of("BTC-27NOV26-100000-C").strike == 100_000
    assert contract_of("SPY") is None


def test_new_prints_go_in_front_once():
    older = replace(
        TABLE, **{name: getattr(TABLE, name)[5:] for name in ("at", "name", "price", "size", "side", "flags", "bid", "ask", "spot")}
    )
    kept = with_newest((), older)
    assert len(with_newest(kept, TABLE)) == 30
    assert with_newest(with_newest(kept, TABLE), TABLE) == tuple(prints_of(TABLE))


def test_prints_of_one_instant_are_told_apart():
    same = facts.trades("SPX", 3, at=longs([facts.NOW] * 3), price=floats([3.0, 2.0, 1.0]))
    first = replace(
        same, **{name: getattr(same, name)[1:] for name in ("at", "name", "price", "size", "side", "flags", "bid", "ask", "spot")}
    )
    assert [row.price for row in with_newest(with_newest((), first), same)] == [3.0, 2.0, 1.0]


def test_the_tape_forgets_what_no_screen_can_want():
    kept = with_newest((), facts.trades("SPX", 30)) * (MOST_KEPT // 30)
    later = facts.trades("SPX", 100, at=longs([facts.NOW + 10**9 * (100 - i) for i in range(100)]))
    assert len(with_newest(kept, later)) == MOST_KEPT
