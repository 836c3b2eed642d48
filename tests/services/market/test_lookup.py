import pytest

from engine.domain.errors import UnknownSymbol
from engine.domain.roots import make_security
from engine.services.market.lookup import find, spelled, unknown

NAMES = tuple(make_security(symbol) for symbol in ("SPY", "SPX", "QQQ", "AAPL", "XSP", "MSFT"))


def found(text: str, limit: int = 20) -> list[str]:
    return [str(security.symbol) for security in find(NAMES, text, limit)]


def test_the_symbol_itself_comes_before_those_that_start_so_and_those_that_hold_it() -> None:
    assert found("spx")[0] == "SPX"
    assert found("SP")[:2] == ["SPY", "SPX"]
    assert found("sp")[2:].count("XSP") == 1


def test_a_word_of_the_name_is_enough() -> None:
    assert found("apple") == ["AAPL"]


def test_nothing_typed_lists_all_up_to_the_limit() -> None:
    assert found("", 2) == ["SPY", "SPX"]
    assert found("zzz") == []


def test_an_unknown_name_is_told_what_comes_near() -> None:
    error = unknown("SPZ", NAMES)
    assert isinstance(error, UnknownSymbol)
    assert "did you mean" in str(error)
    assert "SPY" in str(error)


def test_an_unknown_name_far_from_all_is_told_what_there_is() -> None:
    assert "it has SPY" in str(unknown("ÄÖ1", NAMES))
    assert "listed nothing yet" in str(unknown("SPY", ()))


@pytest.mark.parametrize("text", ["spy", " SPY ", "Spy"])
def test_a_name_is_spelled_one_way(text: str) -> None:
    assert spelled(text) == "SPY"
