"""The command line's grammar, text in, struct out: ``[TICKER [US] [Equity|Index|Curncy|Comdty]] [contract] FUNCTION [arguments] <GO>``."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.ids import Symbol
from engine.domain.instruments import Security
from engine.domain.roots import root_terms
from optix_tui.contract_words import begins_contract, contract_length, exact_contract, why_no_contract
from optix_tui.functions.entry import Entry
from optix_tui.registry import FUNCTIONS, PLANNED, entry_of, find
from optix_tui.security_words import COUNTRY, MARKET_WORDS, TICKER, after_market

BACK_WORDS = frozenset({"LAST"})
DESCRIPTION = "DES"
"""The function that tells what a contract is."""


class Instruction(Struct, frozen=True, kw_only=True):
    """What a command line says."""

    symbol: Symbol | None = None
    """The security typed; None keeps the tile's."""
    is_listed: bool = True
    """The market is known to list it; otherwise the engine is to be asked."""
    instead: tuple[str, ...] = ()
    """Functions that may have been meant, should the engine know no such security."""
    entry: Entry | None = None
    """The function typed; None keeps the tile's."""
    args: tuple[str, ...] = ()
    goes_back: bool = False


class Problem(Struct, frozen=True, kw_only=True):
    """Why a command line cannot be run, and what may have been meant."""

    text: str
    suggestions: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it, for the notice."""
        if not self.suggestions:
            return self.text
        return f"{self.text}: did you mean {' or '.join(self.suggestions)}?"


def parse(text: str, listed: Mapping[str, Security]) -> Instruction | Problem:
    """Reads a command line. ``listed`` are the securities of this market by symbol; it may be empty while no engine is there."""
    words = text.upper().split()
    if not words:
        return Problem(text="type a security, a function, or both: SPY OMON")
    if words[0] in BACK_WORDS and len(words) == 1:
        return Instruction(goes_back=True)
    contract = _contract(words, listed)
    if contract is not None:
        return contract
    first = find(words[0])
    rest = words[1:]
    if first is not None and not _is_security_spelling(words, listed):
        return _as_typed(_function_first(first, rest, listed), text)
    if not TICKER.match(words[0]):
        return _neither(words[0], listed)
    symbol, rest = Symbol(words[0]), after_market(rest)
    is_listed = symbol in listed
    if not rest:
        if not is_listed and symbol in PLANNED:
            return _unknown_function(symbol)
        instead = () if is_listed or len(words) > 1 else _near_functions(symbol)
        return Instruction(symbol=symbol, is_listed=is_listed, instead=instead)
    entry = find(rest[0])
    if entry is None:
        wrong = why_no_contract(rest)
        return Problem(text=wrong) if wrong else _no_function_in(symbol, rest[0], listed)
    problem = _extra(entry, rest[1:])
    return problem or Instruction(symbol=symbol, is_listed=is_listed, entry=entry, args=tuple(rest[1:]))


def _contract(words: Sequence[str], listed: Mapping[str, Security]) -> Instruction | Problem | None:
    """``SPX 6700P DEC18 DES``, ``6700P DEC18``, ``SPXW261124C06700000``: a contract and what is to be done with it, or None."""
    exact = exact_contract(words)
    if exact is not None:
        return _described(exact.symbol, (exact.text,), words[exact.words :], listed)
    if words[0] not in listed and begins_contract(words[0]):
        length = contract_length(words)
        return _described(None, words[:length], words[length:], listed) if length else None
    first = find(words[0])
    if not TICKER.match(words[0]) or (first is not None and (first.takes_contract or words[0] not in listed)):
        return None
    rest = after_market(words[1:])
    length = contract_length(rest)
    if not length:
        return None
    symbol, root = _of_root(words[0], listed)
    return _described(symbol, (*root, *rest[:length]), rest[length:], listed)


def _described(
    symbol: Symbol | None, contract: Sequence[str], rest: Sequence[str], listed: Mapping[str, Security]
) -> Instruction | Problem:
    """A contract alone is described; no other function shows one."""
    entry = find(rest[0]) if rest else entry_of(DESCRIPTION)
    if entry is None:
        wrong = _unknown_function(rest[0])
        return wrong if wrong.suggestions else Problem(text=why_no_contract((*contract, *rest)) or wrong.text)
    if not entry.takes_contract:
        return Problem(text=f"{entry.code} takes no contract before it: {DESCRIPTION} describes {' '.join(contract)}")
    if rest[1:]:
        return Problem(text=f"nothing can follow {entry.code} where the contract stands before it, not {' '.join(rest[1:])}")
    is_listed = symbol is None or symbol in listed
    return Instruction(symbol=symbol, is_listed=is_listed, entry=entry, args=tuple(contract))


def _of_root(word: str, listed: Mapping[str, Security]) -> tuple[Symbol, tuple[str, ...]]:
    """``SPXW`` is a root of SPX, and stays said; any other word is the security itself."""
    underlying = root_terms(word).underlying
    if word in listed or underlying == word:
        return Symbol(word), ()
    return underlying, (word,)


def _as_typed(found: Instruction | Problem, text: str) -> Instruction | Problem:
    """The arguments with their letters as they were typed, where the function minds."""
    if isinstance(found, Instruction) and found.entry is not None and found.entry.keeps_case and found.args:
        return replace(found, args=tuple(text.split()[-len(found.args) :]))
    return found


def _is_security_spelling(words: Sequence[str], listed: Mapping[str, Security]) -> bool:
    """A word that is both a code and a ticker is the code, unless a market or another function follows it."""
    if len(words) < 2 or not TICKER.match(words[0]):
        return False
    follows = words[1]
    if follows in MARKET_WORDS or (follows == COUNTRY and (len(words) == 2 or words[2] in MARKET_WORDS or find(words[2]) is not None)):
        return True
    first = find(words[0])
    if first is not None and "[function]" in first.arguments:
        return False
    return find(follows) is not None and follows not in (listed if words[0] not in listed else ())


def _function_first(entry: Entry, rest: Sequence[str], listed: Mapping[str, Security]) -> Instruction | Problem:
    """``OMON``, ``OMON AAPL``, ``OMON AAPL US Equity ±10``, ``OMON ±10``."""
    if entry.takes_contract and rest:
        exact = exact_contract(rest)
        if exact is not None and len(rest) == exact.words:
            return _described(exact.symbol, (exact.text,), (entry.code,), listed)
        symbol, root = _of_root(rest[0], listed)
        if root and contract_length(rest[1:]) == len(rest) - 1 > 0:
            return _described(symbol, rest, (entry.code,), listed)
    if rest and entry.needs_security and rest[0] not in entry.words:
        word = rest[0]
        if word in listed or (TICKER.match(word) and (len(rest) > 1 and (rest[1] in MARKET_WORDS or rest[1] == COUNTRY))):
            args = after_market(rest[1:])
            problem = _extra(entry, args)
            return problem or Instruction(symbol=Symbol(word), is_listed=word in listed, entry=entry, args=tuple(args))
        if re.fullmatch(r"[A-Z]{1,5}", word):
            problem = _extra(entry, rest[1:])
            return problem or Instruction(symbol=Symbol(word), is_listed=False, entry=entry, args=tuple(rest[1:]))
    problem = _extra(entry, rest)
    return problem or Instruction(entry=entry, args=tuple(rest))


def _extra(entry: Entry, args: Sequence[str]) -> Problem | None:
    if args and not entry.arguments:
        return Problem(text=f"{entry.code} takes nothing after it, not {' '.join(args)}")
    return None


def _no_function_in(first: str, second: str, listed: Mapping[str, Security]) -> Problem:
    """Two words and no function: the wrong one is named, both where no market is known to tell."""
    if second in PLANNED and second not in listed:
        return _unknown_function(second)
    if first not in listed and (second in listed or first in PLANNED):
        return _unknown_function(first)
    if not listed and TICKER.match(second):
        found = _unknown_function(first)
        return Problem(text=f"neither {first} nor {second} is a function", suggestions=found.suggestions)
    return _unknown_function(second)


def _neither(word: str, listed: Mapping[str, Security]) -> Problem:
    """A word that no ticker is spelled like: the engine need not be asked."""
    near = get_close_matches(word, [entry.code for entry in FUNCTIONS] + sorted(listed), n=3, cutoff=0.5)
    return Problem(text=f"{word} is neither a function nor a ticker", suggestions=tuple(near))


def _near_functions(word: str) -> tuple[str, ...]:
    return tuple(get_close_matches(word, [code for entry in FUNCTIONS for code in entry.codes], n=2, cutoff=0.6))


def _unknown_function(word: str) -> Problem:
    if word in PLANNED:
        return Problem(text=f"{word} is planned, not built yet")
    near = get_close_matches(word, [code for entry in FUNCTIONS for code in entry.codes], n=3, cutoff=0.4)
    return Problem(text=f"there is no function {word}", suggestions=tuple(near))
