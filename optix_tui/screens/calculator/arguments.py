"""The words behind the code: a contract, a view, and rows of the sheet as ``V=15`` or ``FIND=K``."""

from collections.abc import Sequence
from typing import Final

from engine.domain.errors import BadInput
from engine.domain.instruments import Right, Style
from optix_tui.screens.calculator.fields import CHOICES, Field, field_of, value_text
from optix_tui.screens.calculator.sheet import Sheet
from optix_tui.screens.calculator.view import PICTURES

NAMES: Final[dict[str, Field]] = {
    "RIGHT": Field.RIGHT,
    "STYLE": Field.STYLE,
    "ON": Field.BASIS,
    "U": Field.UNDERLYING,
    "K": Field.STRIKE,
    "T": Field.DAYS,
    "V": Field.VOLATILITY,
    "R": Field.RATE,
    "Q": Field.YIELD,
    "DIV": Field.DIVIDENDS,
    "X": Field.MULTIPLIER,
    "P": Field.PRICE,
    "D": Field.DELTA,
}
FIND: Final = "FIND"
_WORDS: Final = {field: name for name, field in NAMES.items()}


def contract_words(words: Sequence[str]) -> tuple[str, ...]:
    """The words that name a contract: all but views and rows."""
    return tuple(word for word in words if word not in PICTURES and "=" not in word)


def trouble_with(words: Sequence[str]) -> str:
    """What is wrong with the rows named, in a sentence; "" where nothing is."""
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name != FIND and name not in NAMES:
            return f"OVME has no row {name}: there are {', '.join(NAMES)} and {FIND}"
        if equals and name == FIND and value not in NAMES:
            return f"FIND names a row, as FIND=K: there are {', '.join(NAMES)}"
    return ""


def applied(sheet: Sheet, words: Sequence[str]) -> Sheet:
    """The sheet with the rows typed that the words name; what cannot be read stands in its row and says why."""
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            continue
        if name == FIND and value in NAMES:
            try:
                sheet = sheet.solving(NAMES[value])
            except BadInput:
                continue  # a row that is never looked for: what was looked for stays
        elif (field := NAMES.get(name)) is not None:
            sheet = _chosen(sheet, field, value) if field in CHOICES else sheet.typed(field, value)
    return sheet


def _chosen(sheet: Sheet, field: Field, value: str) -> Sheet:
    terms = sheet.terms
    now = {Field.RIGHT: terms.right is Right.CALL, Field.STYLE: terms.style is Style.AMERICAN, Field.BASIS: terms.on_forward}[field]
    return sheet if now == value.startswith(("C", "A", "F")) else sheet.turned(field)


def words_of(sheet: Sheet) -> tuple[str, ...]:
    """The rows that were changed by hand, and what is looked for, as words that bring them back."""
    found = []
    for field, name in _WORDS.items():
        wrong = sheet.wrong.get(field)
        if field not in sheet.changed or (field in {Field.PRICE, Field.DELTA} and not sheet.is_given(field) and not wrong):
            continue
        if not wrong and sheet.is_unknown(field):
            continue
        text = wrong.text if wrong else value_text(field, sheet.terms)
        found.append(f"{name}={text.upper().replace(' ', ';')}" if text != "none" else f"{name}=")
    return (*found, f"{FIND}={_WORDS[field_of(sheet.unknown)]}") if found else ()
