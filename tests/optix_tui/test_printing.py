"""Screens as text: without a terminal, and by ``optix print``."""

import asyncio
import json
from math import nan

import pytest
from msgspec.structs import replace

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.market import FeedState
from engine.messages.events import QuoteChanged, StatusChanged
from engine.messages.queries import GetExpirations, GetQuotes, GetStatus, QuoteBoard
from optix_tui import opening, printing
from optix_tui.__main__ import main
from tests.kit import engine_facts, facts
from tests.kit.fake_engine import FakeEngine


@pytest.fixture
def engine(monkeypatch) -> FakeEngine:
    fake = FakeEngine()

    def way(feed, options, *, host):
        assert host is False, "a screen that is printed owns nothing"

        async def there():
            return fake

        return there

    monkeypatch.setattr(printing, "way_to_engine", way)
    monkeypatch.setattr(opening, "is_a_terminal", lambda: False)
    monkeypatch.setattr(printing, "HEARING_SECONDS", 0.3)
    monkeypatch.setattr(printing, "WHOLE_SECONDS", 0.3)
    monkeypatch.setattr(printing, "LISTING_SECONDS", 0.3)
    return fake


def test_without_a_terminal_one_frame_is_printed(engine, capsys):
    assert opening.open_workstation() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 45
    assert lines[0].startswith(" OPTIX  SIM    1 MAIN")
    assert "OMON SPY Option Monitor" in lines[4]
    assert any("670.12" in line for line in lines)
    assert engine.is_closed


@pytest.mark.parametrize("size", [(80, 12), (80, 24), (160, 24)])
@pytest.mark.usefixtures("engine")
def test_a_printed_screen_has_the_rows_and_columns_that_were_asked_for(size, capsys):
    assert printing.print_function(["SPX", "OMON"], feed=None, feed_options={}, size=size) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == size[1]
    assert max(map(len, lines)) <= size[0]


def test_one_function_is_printed_alone(engine, capsys):
    assert printing.print_function(["SPX", "OMON", "±3"], feed=None, feed_options={}, size=(110, 20)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(" ■R OMON SPX Option Monitor")
    assert "±3 strikes" in lines[0]
    assert any("6,715.42" in line for line in lines)
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 110


def test_a_name_that_is_not_listed_is_an_error(engine):
    with pytest.raises(UnknownSymbol, match="ZZZZ"):
        printing.print_function(["OMON", "ZZZZ"], feed=None, feed_options={}, size=(110, 20))


@pytest.mark.parametrize("words", [["OMNO"], ["SPY"], []])
def test_what_is_no_function_is_refused(engine, words):
    with pytest.raises(BadInput):
        printing.print_function(words, feed=None, feed_options={}, size=(110, 20))


@pytest.mark.parametrize(
    ("words", "said"),
    [(["OMON", "SPX", "NOSUCH"], "OMON knows no NOSUCH"), (["GP", "SPX", "7H"], r"GP knows no 7H: give a bar length .1m, 2m")],
)
@pytest.mark.usefixtures("engine")
def test_words_that_mean_nothing_to_a_function_are_refused(words, said):
    with pytest.raises(BadInput, match=said):
        printing.function_rows(words, feed=None, feed_options={}, size=(80, 24))


def test_functions_are_listed_as_a_document(capsys):
    assert main(["functions", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["schema"]["name"] == "optix.functions"
    assert {"OMON", "HOME", "HELP"} <= {one["code"] for one in document["functions"]}


def test_print_is_a_command_with_an_exit_code(engine, capsys):
    assert main(["print", "DES", "AAPL", "--width", "90"]) == 0
    assert "AAPL" in capsys.readouterr().out
    assert main(["print", "OMNO"]) == 2
    assert "OMNO is no function" in capsys.readouterr().err


def printed(capsys, *words: str) -> str:
    assert printing.print_function(words, feed=None, feed_options={}, size=(120, 40)) == 0
    return capsys.readouterr().out


def just_started(engine: FakeEngine) -> None:
    """The engine began a second ago: its market still lists names."""
    status = engine_facts.status()
    young = replace(status, started_at=status.wall_time - 10**9)
    engine.answers[GetStatus] = lambda _query: young
    engine.say(StatusChanged(status=young))


def without_prices(engine: FakeEngine) -> None:
    """Nothing has been quoted yet."""
    engine.retained = {place: event for place, event in engine.retained.items() if not isinstance(event, QuoteChanged)}
    names = engine.symbols
    engine.answers[GetQuotes] = lambda query: QuoteBoard(
        quotes=tuple(replace(facts.quote(name), last=nan) for name in query.symbols or names), unknown=()
    )


def test_a_price_that_comes_after_the_answer_is_waited_for(engine, capsys, monkeypatch):
    monkeypatch.setattr(printing, "HEARING_SECONDS", 2.0)
    monkeypatch.setattr(printing, "WHOLE_SECONDS", 2.0)
    without_prices(engine)
    asked = engine.answers[GetQuotes]

    def ask(query):
        asyncio.get_running_loop().call_later(0.5, lambda: [engine.say(QuoteChanged(quote=facts.quote(name))) for name in engine.symbols])
        return asked(query)

    engine.answers[GetQuotes] = ask
    assert "670.12" in printed(capsys, "HOME")


def test_a_volatility_that_is_computed_after_the_price_is_waited_for(engine, capsys, monkeypatch):
    monkeypatch.setattr(printing, "WHOLE_SECONDS", 2.0)
    names = engine.symbols
    unpriced = {name: replace(facts.quote(name), iv30=nan) for name in names}
    engine.retained = {place: event for place, event in engine.retained.items() if not isinstance(event, QuoteChanged)}

    def ask(query):
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, lambda: [engine.say(QuoteChanged(quote=unpriced[name])) for name in names])
        loop.call_later(0.6, lambda: [engine.say(QuoteChanged(quote=facts.quote(name))) for name in names])
        return QuoteBoard(quotes=tuple(unpriced[name] for name in query.symbols or names), unknown=())

    engine.answers[GetQuotes] = ask
    spx = next(line for line in printed(capsys, "HOME").splitlines() if line.lstrip().startswith("SPX "))
    assert f"{facts.quote('SPX').iv30 * 100:.1f}" in spx


def test_prices_that_never_come_are_not_waited_for_without_end(engine, capsys):
    without_prices(engine)
    assert "SPY" in printed(capsys, "HOME")


def test_a_market_at_rest_is_printed_as_soon_as_it_has_answered(engine, capsys, monkeypatch):
    monkeypatch.setattr(printing, "HEARING_SECONDS", 1_000.0)
    monkeypatch.setattr(printing, "WHOLE_SECONDS", 1_000.0)
    frozen = replace(engine_facts.status(), feed_state=FeedState.FROZEN)
    engine.answers[GetStatus] = lambda _query: frozen
    engine.say(StatusChanged(status=frozen))
    without_prices(engine)
    assert "SPY" in printed(capsys, "HOME")


def test_what_a_market_that_opens_cannot_answer_is_asked_again(engine, capsys):
    just_started(engine)
    answer, failures = engine.answers[GetExpirations], []

    def ask(query):
        if len(failures) < 3:
            failures.append(query)
            raise UnknownSymbol("SPX has no listed options in this feed")
        return answer(query)

    engine.answers[GetExpirations] = ask
    assert "no listed options" not in printed(capsys, "OPX", "SPX")
    assert len(failures) == 3


def test_what_an_open_market_does_not_know_is_said_at_once(engine):
    asked = []

    def ask(query):
        asked.append(query)
        raise UnknownSymbol("SPX has no listed options in this feed")

    engine.answers[GetExpirations] = ask
    with pytest.raises(UnknownSymbol, match="no listed options"):
        printing.print_function(["OPX", "SPX"], feed=None, feed_options={}, size=(120, 40))
    assert len(asked) == 1
