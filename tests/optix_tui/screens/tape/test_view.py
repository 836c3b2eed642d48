from math import nan

from engine.domain.columns import codes, floats
from engine.domain.market import PrintFlag, Side
from optix_tui.screens.table import fit
from optix_tui.screens.tape.prints import prints_of
from optix_tui.screens.tape.view import Filter, TapePreferences, columns, present
from tests.kit import facts

PRINTS = tuple(prints_of(facts.trades("SPX", 60)))


def view(prints=PRINTS, **preferences):
    return present("SPX", prints, TapePreferences(**preferences), now=facts.NOW, total=999)


def written(key: str, **changes):
    row = prints_of(facts.trades("SPX", 1, **changes))[0]
    return next(column for column in columns(facts.TODAY) if column.key == key).cell(row)


def test_filters_choose_by_side_by_size_and_by_premium():
    assert len(view().rows) == 60
    assert {row.side for row in view(which=Filter.BOUGHT).rows} == {Side.BUY}
    assert {row.side for row in view(which=Filter.SOLD).rows} == {Side.SELL}
    assert all(row.flags & (PrintFlag.SWEEP | PrintFlag.BLOCK) for row in view(which=Filter.LARGE).rows)
    assert all(row.premium >= 100_000 for row in view(least_premium=100_000).rows)
    assert 0 < len(view(least_premium=100_000).rows) < 60


def test_prints_of_the_underlying_are_shown_when_asked_for():
    mixed = (*PRINTS, *prints_of(facts.trades("SPX", 1, name=("SPX",))))
    assert len(view(mixed).rows) == 60
    assert len(view(mixed, options_only=False).rows) == 61


def test_an_unknown_premium_passes_no_threshold():
    odd = tuple(prints_of(facts.trades("SPX", 1, price=floats([nan]))))
    assert view(odd, least_premium=10_000).rows == ()
    assert view(odd).rows == odd


def test_sums_are_of_what_is_shown_and_cancelled_prints_count_for_nothing():
    bought = {label: text for label, text, _ in view(which=Filter.BOUGHT).sums}
    assert bought["Sold"] == "0"
    cancelled = tuple(prints_of(facts.trades("SPX", 1, flags=codes([PrintFlag.CANCELLED]))))
    assert {text for _, text, _ in view(cancelled).sums} == {"0"}


def test_an_inferred_side_carries_a_tilde():
    at_ask = {"price": floats([10.0]), "bid": floats([9.0]), "ask": floats([10.0])}
    assert written("side", side=codes([Side.UNKNOWN]), **at_ask).text == "~BUY"
    assert written("side", side=codes([Side.BUY]), **at_ask).text == "BUY"
    assert written("side", side=codes([Side.UNKNOWN]), price=floats([9.5]), bid=floats([9.0]), ask=floats([10.0])).text == "—"


def test_flags_are_words_and_a_print_outside_the_quote_stands_out():
    assert written("flags", flags=codes([PrintFlag.SWEEP | PrintFlag.OPENING])).text == "SWEEP OPEN"
    assert written("flags", flags=codes([0])).text == ""
    assert written("where", price=floats([12.0]), bid=floats([9.0]), ask=floats([10.0])).tone == "alert"


def test_a_missing_quote_is_a_dash_and_the_underlyings_prints_have_no_terms():
    assert written("bid", bid=floats([nan])).text == "—"
    assert written("strike", name=("SPX",)).text == ""
    assert written("money", name=("SPX",)).text == "—"


def test_the_tape_is_waited_for_and_then_may_be_empty():
    assert view(None) is None
    assert view(()).rows == ()


def test_a_narrow_tape_keeps_the_contract_and_its_price():
    kept = [placed.column.key for placed in fit(columns(facts.TODAY), 40)]
    assert kept == ["time", "expiry", "strike", "right", "price"]
    wider = [placed.column.key for placed in fit(columns(facts.TODAY), 54)]
    assert wider == ["time", "side", "expiry", "strike", "right", "price", "size"]
