"""The sheet: what was typed, which row is solved for and from what, and what is wrong with a row. Nothing typed is ever lost."""

from collections.abc import Mapping
from math import isnan

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instruments import Right, Style
from engine.messages.valuation import GetValuation, SolvedFrom, SoughtInput, Valuation, ValuationTerms
from optix_tui.screens.calculator.fields import CHOICES, PERCENTS, SOUGHT, TERMS, Field, field_of, read


class Wrong(Struct, frozen=True):
    """A row that cannot be read: its text as it was typed, and why."""

    text: str
    why: str


class Sheet(Struct, frozen=True, kw_only=True):
    """One option as it is being thought about."""

    symbol: Symbol
    terms: ValuationTerms
    unknown: SoughtInput = SoughtInput.PRICE
    solved_from: SolvedFrom = SolvedFrom.PRICE
    wrong: Mapping[Field, Wrong] = {}
    changed: frozenset[Field] = frozenset()
    """Rows that were typed, moved or turned since the market filled them."""
    now: UtcNanos = UtcNanos(0)
    """Market time at which it was filled: dates are counted from here."""
    settles: Mapping[str, UtcNanos] = {}
    """Settlement instants of the name's expiries, by date."""
    origin: str = ""
    """Where the numbers came from, in words."""
    remark: str = ""
    """What had to be assumed."""
    bid: float = float("nan")
    ask: float = float("nan")

    def question(self) -> GetValuation | None:
        """What the engine is to be asked; None while a row cannot be read."""
        if self.wrong:
            return None
        return GetValuation(terms=self.terms, unknown=self.unknown, solved_from=self.solved_from)

    def is_unknown(self, field: Field) -> bool:
        """It is what is looked for."""
        return SOUGHT.get(field) is self.unknown

    def is_given(self, field: Field) -> bool:
        """It is an input now: price and delta are only where something is solved from them."""
        if self.is_unknown(field):
            return False
        if field in {Field.PRICE, Field.DELTA}:
            return self.unknown is not SoughtInput.PRICE and self.solved_from.value == TERMS[field]
        return not (field is Field.YIELD and self.terms.on_forward)

    def is_quoted(self) -> bool:
        """Bid and ask are those of the option on the sheet: none of its terms was changed."""
        own = {Field.RIGHT, Field.STRIKE, Field.DAYS}
        moved = self.changed & own or self.unknown in {SoughtInput.STRIKE, SoughtInput.DAYS}
        return not moved and not (isnan(self.bid) and isnan(self.ask))

    def typed(self, field: Field, text: str) -> "Sheet":
        """The sheet with a row's text taken in, right or wrong."""
        others = {name: one for name, one in self.wrong.items() if name is not field}
        try:
            value = read(field, text, self.now, dict(self.settles))
        except BadInput as error:
            return replace(self, wrong={**others, field: Wrong(text, str(error))}, changed=self.changed | {field})
        if field is Field.DELTA and self.terms.right is Right.PUT and isinstance(value, float):
            value = -abs(value)  # a 25-delta put is said without its sign
        name = TERMS.get(field, "dividends")
        return replace(self._given(field), terms=replace(self.terms, **{name: value}), wrong=others)

    def _given(self, field: Field) -> "Sheet":
        """A row that is typed is not looked for: what is then is what a trader would ask next."""
        return self._asking_beside(field).keeping(self.unknown, field)

    def _asking_beside(self, field: Field) -> "Sheet":
        if field is Field.PRICE:
            of_delta = self.unknown is SoughtInput.STRIKE and self.solved_from is SolvedFrom.DELTA
            unknown = SoughtInput.VOLATILITY if of_delta or self.unknown is SoughtInput.PRICE else self.unknown
            return replace(self, unknown=unknown, solved_from=SolvedFrom.PRICE)
        if field is Field.DELTA:
            of_price = self.unknown is SoughtInput.VOLATILITY and self.solved_from is SolvedFrom.PRICE
            unknown = SoughtInput.STRIKE if of_price or self.unknown is SoughtInput.PRICE else self.unknown
            return replace(self, unknown=unknown, solved_from=SolvedFrom.DELTA)
        return replace(self, unknown=SoughtInput.PRICE) if self.is_unknown(field) else self

    def keeping(self, before: SoughtInput, field: Field) -> "Sheet":
        """Notes that a row is the user's now, and so is what was found before something else is looked for."""
        found = {field_of(before)} if before is not self.unknown else set()
        return replace(self, changed=self.changed | {field} | found)

    def solving(self, field: Field) -> "Sheet":
        """The sheet with another row looked for; `BadInput` where that makes no sense."""
        if field not in SOUGHT:
            raise BadInput(
                f"{field.value.lower()} is given, not solved for: = works on price, volatility, underlying, strike, time and rates"
            )
        if field is Field.YIELD and self.terms.on_forward:
            raise BadInput("the yield is in the forward already: price it on the spot to solve for it")
        others = {name: one for name, one in self.wrong.items() if name is not field}
        kept = self.changed | ({field_of(self.unknown)} if self.unknown is not SOUGHT[field] else set())
        return replace(self, unknown=SOUGHT[field], wrong=others, changed=kept)

    def turned(self, field: Field) -> "Sheet":
        """The other of a row's two values."""
        return replace(self._turned(field), changed=self.changed | {field})

    def _turned(self, field: Field) -> "Sheet":
        terms = self.terms
        if field is Field.RIGHT:
            call = terms.right is Right.CALL
            delta = None if terms.delta is None else terms.delta - 1.0 if call else terms.delta + 1.0
            terms = replace(terms, right=Right.PUT if call else Right.CALL, delta=delta)
            return replace(self, terms=terms, bid=float("nan"), ask=float("nan"))
        if field is Field.STYLE:
            return replace(self, terms=replace(terms, style=Style.EUROPEAN if terms.style is Style.AMERICAN else Style.AMERICAN))
        sheet = replace(self, terms=replace(terms, on_forward=not terms.on_forward))
        if sheet.terms.on_forward and sheet.unknown is SoughtInput.YIELD:
            sheet = replace(sheet, unknown=SoughtInput.PRICE)
        return sheet

    def stepped(self, field: Field, steps: int) -> "Sheet":
        """The row one notch up or down, or turned over."""
        if field in CHOICES:
            return self.turned(field)
        name = TERMS.get(field)
        value = getattr(self.terms, name) if name else None
        if name is None or value is None or isnan(value) or field in self.wrong:
            return self
        moved = round(value + steps * _notch(field, value), 10)
        if field not in PERCENTS - {Field.VOLATILITY} and field is not Field.DELTA:
            moved = max(moved, 0.0) if field in {Field.DAYS, Field.VOLATILITY} else moved if moved > 0 else value
        return replace(self._given(field), terms=replace(self.terms, **{name: moved}))

    def answered(self, found: Valuation) -> "Sheet":
        """The sheet with what was found in it, so that every row has a number whichever is looked for next."""
        delta = found.terms.delta
        known = None if delta is None or isnan(delta) else delta
        return replace(self, terms=replace(found.terms, multiplier=self.terms.multiplier, delta=known))


def _notch(field: Field, value: float) -> float:
    """By how much an arrow moves a row."""
    if field in {Field.UNDERLYING, Field.STRIKE}:
        return next((step for limit, step in ((20, 0.1), (100, 0.5), (1_000, 1.0), (20_000, 5.0)) if value < limit), 500.0)
    if field is Field.PRICE:
        return 0.05 if value < 10 else 0.5 if value < 1_000 else 5.0
    return {Field.DAYS: 1.0, Field.VOLATILITY: 0.005, Field.RATE: 0.0025, Field.YIELD: 0.0025, Field.DELTA: 0.05, Field.MULTIPLIER: 1.0}[
        field
    ]
