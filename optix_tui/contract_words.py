"""Which words of a command line name a contract: ``6700P DEC18``, ``SPXW261124C06700000``, ``BTC-27NOV26-100000-C``."""

import re
from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.osi import ContractRequest, parse_contract
from engine.domain.roots import root_terms

ANY_DAY = date(2000, 1, 1)
"""Whether words name a contract does not depend on today; which contract they name is the engine's to say."""
_SOMETHING = "X"
"""Stands for the ticker while the words behind it are read."""
_PADDED = re.compile(r"\d{6}[CP]\d{8}$")
_STRIKE = re.compile(r"(\d+(\.\d+)?(C|P|CALL|PUT)|[CP]\d+(\.\d+)?)$")


class ExactContract(Struct, frozen=True, kw_only=True):
    """A contract in one of the machine spellings."""

    symbol: Symbol
    """What it is an option on."""
    text: str
    words: int
    """How many words it took: the blanks of a padded OSI symbol cut it in two."""


def exact_contract(words: Sequence[str]) -> ExactContract | None:
    """The contract that the first words spell as a machine does, or None."""
    if not words:
        return None
    taken = 2 if len(words) > 1 and _PADDED.match(words[1]) else 1
    text = "".join(words[:taken])
    request = _read(text)
    if request is None or not request.exact_root:
        return None
    return ExactContract(symbol=Symbol(root_terms(request.ticker).underlying), text=text, words=taken)


def contract_length(words: Sequence[str]) -> int:
    """How many of the first words say strike, right and date of a contract (no ticker among them); 0 where they say none."""
    return next((length for length in range(min(len(words), 5), 0, -1) if _read(" ".join((_SOMETHING, *words[:length])))), 0)


def begins_contract(word: str) -> bool:
    """A word that no ticker is, and that a contract without its ticker can begin with: ``6700P``, ``18DEC``, ``DEC18``, ``P6700``."""
    if word[0].isdigit() or _STRIKE.match(word):
        return True
    return any(letter.isdigit() for letter in word) and _read(f"{_SOMETHING} 1C {word}") is not None


def why_no_contract(words: Sequence[str]) -> str:
    """What is wrong with words that were meant as a contract; "" where nothing says they were."""
    if not words or not _STRIKE.match(words[0]):
        return ""
    try:
        parse_contract(" ".join((_SOMETHING, *words)), ANY_DAY)
    except BadInput as error:
        return str(error).removeprefix(repr(" ".join((_SOMETHING, *words)))).removeprefix(": ")
    return ""


def contract_text(symbol: str, args: Sequence[str]) -> str:
    """What the engine is asked for: the words behind their security, unless they name their own root."""
    own = exact_contract(args) or (args and args[0] != symbol and root_terms(args[0]).underlying == symbol)
    return " ".join(args if own else (symbol, *args)).strip()


def _read(text: str) -> ContractRequest | None:
    try:
        return parse_contract(text, ANY_DAY)
    except BadInput:
        return None
