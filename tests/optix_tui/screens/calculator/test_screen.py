import asyncio

from textual.events import Key

from engine.domain.errors import BadInput, UnknownSymbol
from engine.domain.ids import Symbol
from engine.messages.queries import GetChain, GetContract, GetExpirations, GetQuotes
from engine.messages.valuation import GetValuation, SoughtInput
from engine.services.analytics.valuation import valued
from optix_tui.function import Context
from optix_tui.screens.calculator.fields import Field
from optix_tui.screens.calculator.view import Picture
from tests.kit import facts
from tests.kit.stage import DISCONNECTED, Stage, told_engine


def row_of(stage, label):
    return next(line for line in stage.rows() if line.strip().startswith(label))


async def pressed(stage, pilot, *keys):
    await pilot.press(*keys)
    await stage.settle(pilot)


async def test_a_name_alone_is_priced_at_the_money():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "6715" in row_of(stage, "Strike")
        assert "?" in row_of(stage, "Price ")
        assert "Black-Scholes-Merton" in stage.text()
        assert stage.tile.facts.is_current


async def test_a_contract_fills_the_sheet_with_itself():
    stage = Stage("OVME", "6700P", "NOV24", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert any(isinstance(asked, GetContract) and asked.text == "SPX 6700P NOV24" for asked in stage.engine.asked)
        assert "Put" in row_of(stage, "Right")
        assert "6700" in row_of(stage, "Strike")
        assert "From SPXW 6700P 24-Nov-26" in stage.text()


async def test_a_contract_that_does_not_exist_says_why():
    engine = told_engine()

    def refuse(_query):
        raise BadInput("SPX lists no such strike")

    engine.answers[GetContract] = refuse
    stage = Stage("OVME", "6701P", "NOV24", symbol="SPX", engine=engine)
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        assert "SPX lists no such strike" in stage.text()


async def test_a_name_without_options_or_of_which_nothing_is_known_gets_a_sheet_that_says_so():
    engine = told_engine()
    engine.answers[GetExpirations] = lambda _query: facts.expirations("SPX", expiries=())
    stage = Stage("OVME", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "no options are listed on SPX" in " ".join(stage.text().split())

    def fail(_query):
        raise UnknownSymbol("nothing is known")

    engine.answers[GetExpirations] = engine.answers[GetQuotes] = fail
    stage = Stage("OVME", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert "assumed: a price of 100" in stage.tile.present().remarks[0]
        assert "! no options are listed" in stage.text()


async def test_digits_type_over_a_row_and_the_answer_follows_every_key():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.facts.found.terms.price
        await pressed(stage, pilot, "down", "down", "3")
        assert stage.tile.field is Field.VOLATILITY
        assert stage.tile.facts.found.terms.volatility == 0.03
        await pressed(stage, pilot, "0", "enter")
        assert stage.tile.facts.found.terms.volatility == 0.30
        assert stage.tile.facts.found.terms.price > before
        assert stage.tile.facts.typed is None


async def test_keys_that_come_in_one_read_act_in_their_order():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        for key, character in (("down", None), ("down", None), ("2", "2"), ("5", "5"), ("tab", None), ("3", "3")):
            stage.tile.post_message(Key(key, character))
        await stage.settle(pilot)
        assert stage.tile.facts.sheet.terms.volatility == 0.25
        assert stage.tile.field is Field.RATE
        assert stage.tile.facts.sheet.terms.rate == 0.03


async def test_escape_takes_back_what_was_typed_and_its_answer():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        before = stage.tile.facts.found.terms
        await pressed(stage, pilot, "7", "0", "0", "0")
        assert stage.tile.facts.found.terms.strike == 7000.0
        await pressed(stage, pilot, "escape")
        assert stage.tile.facts.found.terms == before


async def test_a_price_finds_the_volatility_and_equals_another_row():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "end", "up", "1", "2", "0", "enter")
        assert stage.tile.facts.found.unknown is SoughtInput.VOLATILITY
        assert "?" in row_of(stage, "Volatility")
        await pressed(stage, pilot, "home", "down", "down", "down", "equals_sign")
        assert stage.tile.facts.found.unknown is SoughtInput.UNDERLYING
        assert stage.tile.facts.found.terms.price == 120.0
        await pressed(stage, pilot, "home", "equals_sign")
        assert "right is given, not solved for" in stage.told[-1]


async def test_a_row_that_cannot_be_read_keeps_its_text_under_which_stands_why():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "6", "7", "o", "o", "tab")
        assert "67oo" in row_of(stage, "Strike")
        assert "'67OO' is no number" in stage.text()
        assert stage.tile.field is Field.DAYS
        await pressed(stage, pilot, "shift+tab", "enter", "backspace", "backspace", "5", "0", "enter")
        assert stage.tile.facts.found.terms.strike == 6750.0
        assert "no number" not in stage.text()


async def test_a_refusal_of_the_engine_stands_at_its_row_and_the_old_answer_is_marked():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "end", "up", "9", "9", "9", "9", "9", "enter")
        assert "no volatility gives a price of 99999: a" in stage.text()
        assert "see the row marked !" in stage.text()
        await pressed(stage, pilot, "1", "0", "0", "enter")
        assert "marked !" not in stage.text()


async def test_letters_belong_to_the_row_only_while_it_is_typed():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "down", "1", "v")
        assert stage.tile.facts.picture is Picture.RESULTS
        assert "is no time" in stage.text()
        await pressed(stage, pilot, "backspace", "w", "enter", "v")
        assert stage.tile.facts.found.terms.days == 7.0
        assert stage.tile.facts.picture is Picture.MATRIX


async def test_views_go_round_and_the_matrix_has_four_layers():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "v")
        assert "▸" in stage.text()
        for layer in ("profit by volatility", "price by days left", "profit by days left", "price by volatility"):
            await pressed(stage, pilot, "o")
            assert layer in stage.text()
            assert "▸" in stage.text()
        await pressed(stage, pilot, "v")
        assert "at expiry" in stage.text()
        assert "MATRIX" not in stage.text()
        await pressed(stage, pilot, "v")
        assert "GREEKS" in stage.text()


async def test_a_view_can_be_asked_for_and_is_kept_with_the_contract():
    stage = Stage("OVME", "6700P", "NOV24", "MATRIX", symbol="SPX")
    async with stage.run_test(size=(80, 24)) as pilot:
        await stage.settle(pilot)
        assert "▸" in stage.text()
        assert stage.tile.lasting_args() == ("6700P", "NOV24", "MATRIX")
        await pressed(stage, pilot, "v", "v")
        assert stage.tile.lasting_args() == ("6700P", "NOV24")


async def test_rows_named_behind_the_code_are_typed_and_what_is_typed_is_kept():
    stage = Stage("OVME", "V=15", "D=25", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        assert stage.tile.facts.found.unknown is SoughtInput.STRIKE
        assert stage.tile.facts.found.terms.volatility == 0.15
        assert stage.tile.lasting_args() == ("V=15", "D=0.2500", "FIND=K")
        assert stage.tile.misread() == ""
        await pressed(stage, pilot, "r")
        assert stage.tile.facts.found.terms.strike == 6715.0
        assert stage.tile.lasting_args() == ()


async def test_arrows_turn_choices_and_move_numbers_a_notch():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "right", "right")
        assert stage.tile.facts.found.terms.strike == 6725.0
        await pressed(stage, pilot, "home", "right")
        assert "Put" in row_of(stage, "Right")
        await pressed(stage, pilot, "down", "enter")
        assert "American" in row_of(stage, "Style")
        assert "collocation" in stage.text()


async def test_r_takes_the_market_again_and_another_name_starts_afresh():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "7", "0", "0", "0", "enter", "r")
        assert stage.tile.facts.found.terms.strike == 6715.0
        stage.tile.load(Context(symbol=Symbol("NVDA")))
        await stage.settle(pilot)
        assert "American" in row_of(stage, "Style")
        assert "NVDA" in row_of(stage, "Underlying")


async def test_a_new_connection_keeps_what_was_typed():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        await pressed(stage, pilot, "7", "0", "0", "0", "enter")
        await stage.become(pilot, DISCONNECTED)
        assert "7000" in stage.text()
        stage.tile.connect()
        await stage.settle(pilot)
        assert stage.tile.facts.found.terms.strike == 7000.0
        assert sum(isinstance(asked, GetChain) for asked in stage.engine.asked) == 1


async def test_only_the_newest_of_many_keys_is_answered_and_none_is_lost():
    engine = told_engine()
    gate = asyncio.Event()

    async def slow(query):
        await gate.wait()
        return valued(query)

    stage = Stage("OVME", symbol="SPX", engine=engine)
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        engine.answers[GetValuation] = slow
        before = sum(isinstance(asked, GetValuation) for asked in engine.asked)
        await pilot.press("6", "8", "5", "5")
        gate.set()
        await stage.settle(pilot)
        assert sum(isinstance(asked, GetValuation) for asked in engine.asked) == before + 2
        assert stage.tile.facts.found.terms.strike == 6855.0
        assert stage.tile.facts.is_current


async def test_a_click_puts_the_cursor_on_a_row_and_a_double_one_opens_it():
    stage = Stage("OVME", symbol="SPX")
    async with stage.run_test(size=(160, 41)) as pilot:
        await stage.settle(pilot)
        line = next(y for y, text in enumerate(stage.rows()) if text.strip().startswith("Rate"))
        await pilot.click(offset=(4, line))
        assert stage.tile.field is Field.RATE
        await pilot.click(offset=(4, line), times=2)
        assert stage.tile.facts.typed is not None
