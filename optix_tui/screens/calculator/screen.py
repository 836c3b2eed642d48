"""OVME as a tile: rows typed over in place and solved as one types, seeded from a contract or from the name at the money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from textual.actions import parse

from engine.domain.errors import BadInput, OptixError
from engine.messages.base import Query
from engine.messages.queries import (
    Chain,
    ContractDetail,
    ExpirationTable,
    GetChain,
    GetContract,
    GetExpirations,
    GetQuotes,
    Quote,
    QuoteBoard,
)
from engine.messages.valuation import GetValuation
from optix_tui.canvas import Canvas
from optix_tui.contract_words import contract_text
from optix_tui.function import Context, Function, later
from optix_tui.screens.calculator import seed
from optix_tui.screens.calculator.arguments import applied, contract_words, trouble_with, words_of
from optix_tui.screens.calculator.fields import CHOICES, FIELDS, Field, value_text
from optix_tui.screens.calculator.matrix import LAYERS, matrix_question
from optix_tui.screens.calculator.paint import paint_calculator
from optix_tui.screens.calculator.sheet import Sheet
from optix_tui.screens.calculator.view import PICTURES, CalculatorFacts, CalculatorView, Picture, present
from optix_tui.screens.typing_line import TypedLine
from optix_tui.theme import Palette

if TYPE_CHECKING:
    from textual.events import Key

    from engine.api import Engine

BEGINS_TYPING = frozenset("0123456789.-")
"""Keys that type over the row of the cursor at once."""
STEPS_OF_TAB = {"tab": 1, "shift+tab": -1}


class Calculator(Function):
    """The option calculator."""

    code = "OVME"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.facts = CalculatorFacts(picture=self._picture_asked() or Picture.RESULTS)
        self._detail: ContractDetail | None = None
        self._table: ExpirationTable | None = None
        self._quote: Quote | None = None
        self._before: Sheet | None = None
        """The sheet as it was before the row that is being typed."""
        self._ignores_words = False
        """The market's own numbers are wanted, not the rows that the words behind the code name."""
        self._wanted: GetValuation | None = None
        """The newest question; those before it that were not asked yet are dropped."""
        self._is_solving = False
        self._row_at: dict[int, int] = {}

    # -- filling the sheet --------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        self.facts = CalculatorFacts(picture=self._picture_asked() or self.facts.picture, layer=self.facts.layer)
        self._detail = self._table = self._quote = self._before = self._wanted = None

    def queries(self, context: Context) -> tuple[Query[Any], ...]:
        """The market is asked until the sheet is filled; then the sheet is the user's."""
        if self.facts.sheet is not None or not context.symbol:
            return ()
        wanted: tuple[Query[Any], ...] = (GetQuotes(symbols=(context.symbol,)), GetExpirations(symbol=context.symbol))
        words = contract_words(context.args)
        return (GetContract(text=contract_text(context.symbol, words)), *wanted) if words else wanted

    def connect(self) -> None:
        super().connect()
        if self.facts.sheet is not None:
            self._solve()

    async def _ask_all(self, engine: Engine, context: Context, questions: tuple[Query[Any], ...]) -> None:
        """Asks all, then fills the sheet with the best of what came."""
        await super()._ask_all(engine, context, questions[:1])
        if contract_words(context.args) and self._detail is None:
            return  # the contract cannot be told; the reason is shown
        await super()._ask_all(engine, context, questions[1:])
        if self.facts.sheet is not None or context != self.context:
            return
        wanted = self._detail.contract.series.id if self._detail else seed.nearest_month(self._table) if self._table else None
        symbol = self._detail.contract.series.underlying if self._detail else context.symbol
        why = f"no options are listed on {symbol}" if wanted is None else ""
        if wanted is not None:
            try:
                chain = await engine.ask(GetChain(symbol=symbol, series=(wanted,)))
            except OptixError as error:
                why = str(error)
            else:
                if context == self.context and self._fill_from(chain):
                    return
                why = "its chain has no numbers yet"
        if context == self.context:
            self._fill(seed.without_options(symbol, self._quote, why, self.desk.market_time()))

    def _fill_from(self, chain: Chain) -> bool:
        page = next(iter(chain.slices), None)
        if page is None or not len(page.strikes):
            return False
        now = self.desk.market_time()
        if self._detail is not None:
            contract = self._detail.contract
            self._fill(seed.of_contract(page, contract.strike, contract.right, now))
        else:
            self._fill(seed.at_the_money(page, now))
        return True

    def _fill(self, sheet: Sheet) -> None:
        self.trouble = ""
        whole = applied(seed.listed_dates(sheet, self._table), () if self._ignores_words else self.context.args)
        self._ignores_words = False
        self.facts = replace(self.facts, sheet=whole, found=None, matrix=None, refusal="", typed=None)
        self._solve()
        self.touch()

    def answered(self, query: Query[Any], answer: Any) -> bool:  # noqa: ARG002 (the answer says what it is)
        match answer:
            case ContractDetail():
                self._detail = answer
            case ExpirationTable():
                self._table = answer
            case QuoteBoard(quotes=(quote, *_)):
                self._quote = quote
        return False

    def _picture_asked(self) -> Picture | None:
        return next((Picture(word) for word in self.context.args if word in PICTURES), None)

    def lasting_args(self) -> tuple[str, ...]:
        words = contract_words(self.context.args)
        view = () if self.facts.picture is Picture.RESULTS else (self.facts.picture.value,)
        typed = words_of(self.facts.sheet) if self.facts.sheet is not None else tuple(word for word in self.context.args if "=" in word)
        return (*words, *view, *typed)

    def misread(self) -> str:
        return trouble_with(self.context.args)

    # -- solving ------------------------------------------------------------------------------------------------------------

    def _solve(self) -> None:
        """Asks for the answer to the sheet as it stands; one question is under way at a time, and the newest waits."""
        sheet, engine = self.facts.sheet, self.desk.engine
        self._wanted = sheet.question() if sheet is not None else None
        self.facts = replace(self.facts, is_current=False, refusal="" if self._wanted is not None else self.facts.refusal)
        if self._wanted is not None and engine is not None and not self._is_solving:
            self._is_solving = True
            self.run_worker(later(self._solve_wanted, engine), group="question", exit_on_error=False)

    async def _solve_wanted(self, engine: Engine) -> None:
        try:
            while self._wanted is not None:
                question, self._wanted = self._wanted, None
                await self._solve_one(engine, question)
        finally:
            self._is_solving = False

    async def _solve_one(self, engine: Engine, question: GetValuation) -> None:
        try:
            found = await engine.ask(question)
        except OptixError as error:
            if self._wanted is None and self._is_asked(question):
                self.facts = replace(self.facts, refusal=str(error), matrix=None)
                self.touch()
            return
        sheet = self.facts.sheet
        if self._wanted is not None or sheet is None or not self._is_asked(question):
            return
        self.facts = replace(self.facts, sheet=sheet.answered(found), found=found, refusal="", is_current=True)
        self.touch()
        await self._fill_matrix(engine)

    def _is_asked(self, question: GetValuation) -> bool:
        return self.facts.sheet is not None and self.facts.sheet.question() == question

    async def _fill_matrix(self, engine: Engine) -> None:
        if self.facts.picture is not Picture.MATRIX or self.facts.found is None:
            return
        asked = matrix_question(self.facts.found.terms, self.facts.layer)
        if asked is None:
            return
        try:
            matrix = await engine.ask(asked)
        except OptixError as error:
            self.facts = replace(self.facts, refusal=str(error), matrix=None)
        else:
            self.facts = replace(self.facts, matrix=matrix)
        self.touch()

    # -- what is shown ------------------------------------------------------------------------------------------------------

    def title(self) -> str:
        return f"{self.context.symbol} {self.entry.title}" if self.context.symbol else self.entry.title

    def subtitle(self) -> str:
        sheet = self.facts.sheet
        if sheet is None:
            return ""
        layer = f" {self.facts.layer.value}" if self.facts.picture is Picture.MATRIX else ""
        return f"{self.facts.picture.value.lower()}{layer}"

    def present(self) -> CalculatorView | None:
        return present(self.facts)

    def paint(self, canvas: Canvas, view: Any, palette: Palette) -> None:
        self._row_at = paint_calculator(canvas, view, palette)

    def help_notes(self) -> tuple[str, ...]:
        view = self.present()
        return (f"Model: {view.model}. Source: {view.source}.",) if view is not None and view.model else ()

    # -- keys ---------------------------------------------------------------------------------------------------------------

    @property
    def field(self) -> Field:
        """The row of the cursor."""
        return FIELDS[self.facts.place]

    def _keep(self, sheet: Sheet) -> None:
        """Takes a changed sheet and asks for its answer."""
        self.facts = replace(self.facts, sheet=sheet)
        self._solve()
        self.touch()

    def _stand_on(self, place: int) -> None:
        self._end_typing()
        self.facts = replace(self.facts, place=place % len(FIELDS))
        self.touch()

    def action_move(self, steps: int) -> None:
        self._stand_on(min(max(self.facts.place + steps, 0), len(FIELDS) - 1))

    def action_edge(self, side: int) -> None:
        self._stand_on(len(FIELDS) - 1 if side > 0 else 0)

    def action_step(self, steps: int) -> None:
        if self.facts.sheet is not None:
            self._keep(self.facts.sheet.stepped(self.field, steps))

    def action_edit(self) -> None:
        """Enter: the row's text to be changed, or its other value."""
        sheet = self.facts.sheet
        if sheet is None:
            return
        if self.field in CHOICES:
            self._keep(sheet.turned(self.field))
            return
        wrong = sheet.wrong.get(self.field)
        text = wrong.text if wrong else value_text(self.field, sheet.terms)
        self._begin_typing("" if text in {"none", "—"} else text)

    def action_solve(self) -> None:
        sheet = self.facts.sheet
        if sheet is None:
            return
        try:
            self._keep(sheet.solving(self.field))
        except BadInput as error:
            self.desk.tell(str(error), level="warning")

    def action_view(self) -> None:
        self._end_typing()
        self.facts = replace(self.facts, picture=PICTURES[(PICTURES.index(self.facts.picture) + 1) % len(PICTURES)])
        self._solve()
        self.touch()

    def action_layer(self, steps: int) -> None:
        if self.facts.picture is not Picture.MATRIX:
            self.facts = replace(self.facts, picture=Picture.MATRIX)
        else:
            layer = LAYERS[(LAYERS.index(self.facts.layer) + steps) % len(LAYERS)]
            self.facts = replace(self.facts, layer=layer)
        self._solve()
        self.touch()

    def action_market(self) -> None:
        """The market's numbers again, in place of what was typed."""
        picture = self.facts.picture
        self.reset()
        self.facts = replace(self.facts, picture=picture)
        self._ignores_words = True
        self.connect()

    # -- typing -------------------------------------------------------------------------------------------------------------

    def _begin_typing(self, text: str) -> None:
        self._before = self.facts.sheet
        self.facts = replace(self.facts, typed=text)
        self.touch()

    def _type(self, text: str) -> None:
        """Takes in what has been typed so far, and solves it where it can be read."""
        sheet = self.facts.sheet
        if sheet is None:
            return
        self.facts = replace(self.facts, typed=text)
        self._keep(sheet.typed(self.field, text))

    def _end_typing(self, *, cancel: bool = False) -> None:
        if self.facts.typed is None:
            return
        self.facts = replace(self.facts, typed=None)
        if cancel and self._before is not None:
            self._keep(self._before)
        self._before = None
        self.touch()

    def on_key(self, event: Key) -> None:
        """Digits type over the row; Tab walks the rows; while a row is typed, keys are its own."""
        if self.facts.sheet is None or not self._takes(event):
            return
        event.stop()
        event.prevent_default()

    def _acts(self, key: str) -> bool:
        """Does at once what a key of this tile is bound to: digits that came in the same read are for the row it leads to."""
        bound = self.screen.active_bindings.get(key)
        if bound is None or bound.node is not self:
            return False
        _, name, parameters = parse(bound.binding.action)
        getattr(self, f"action_{name}")(*parameters)
        return True

    def _takes(self, event: Key) -> bool:
        if event.key in STEPS_OF_TAB:
            self._stand_on(self.facts.place + STEPS_OF_TAB[event.key])
            return True
        typed = self.facts.typed
        if typed is None:
            if self._acts(event.key):
                return True
            if event.character is None or event.character not in BEGINS_TYPING or self.field in CHOICES:
                return False
            self._begin_typing("")
            self._type(event.character)
            return True
        if event.key == "escape":
            self._end_typing(cancel=True)
        elif event.key == "enter":
            self._end_typing()
        elif event.key == "equals_sign":
            self._end_typing(cancel=True)
            self.action_solve()
        elif event.key in {"up", "down"}:
            self.action_move(1 if event.key == "down" else -1)
        else:
            line = TypedLine(typed).after(event.key, event.character)
            if line is None:
                return False
            self._type(line.text)
        return True

    def clicked(self, x: int, y: int, times: int) -> None:
        place = self._row_at.get(y)
        if place is None or x > self.size.width // 2:
            return
        self._stand_on(place)
        if times == 2:
            self.action_edit()
