"""The command line's grammar, text in, struct out: ``[TICKER [US] [Equity|Index|Curncy|Comdty]] [contract] FUNCTION [arguments] <GO>``."""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from engine.domain.ids import Symbol
from engine.domain.instruments import Market, Security
from engine.domain.osi import MONTHS
from engine.domain.roots import root_terms
from optix_tui.contract_words import begins_contract, contract_length, exact_contract, why_no_contract
from optix_tui.registry import FUNCTIONS, PLANNED, Entry, entry_of, find

COUNTRY = "US"
MARKET_WORDS: dict[str, Market] = {market.value.upper(): market for market in Market} | {"CURRENCY": Market.CURRENCY}
BACK_WORDS = frozenset({"LAST"})
DESCRIPTION = "DES"
"""The function that tells what a contract is."""
_TICKER = re.compile(r"[A-Z][A-Z0-9]{0,5}([./][A-Z]{1,2})?$")
MOST_HITS = 9
"""Hits are numbered by one digit."""


class Instruction(Struct, frozen=True, kw_only=True):
    """What a command line says."""

    symbol: Symbol | None = None
    """The security typed; None keeps the tile's."""
    is_listed: bool = True
    """The market lists it; otherwise the engine is to be asked."""
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


class HitKind(StrEnum):
    """Which heading of the drop-down a hit stands under."""

    FUNCTION = "functions"
    SECURITY = "securities"


class Hit(Struct, frozen=True, kw_only=True):
    """One line of the drop-down."""

    kind: HitKind
    label: str
    title: str
    summary: str
    text: str
    """The whole command line once it is chosen."""


class Completion(Struct, frozen=True, kw_only=True):
    """What the drop-down and the ghost show for a text."""

    hits: tuple[Hit, ...] = ()
    ghost: str = ""
    """What would follow the cursor if the first hit were taken."""
    hint: str = ""
    """Argument grammar of the function typed."""


def full_name(security: Security) -> str:
    """``SPY US Equity``, ``VIX Index``: a security as it is always spelled."""
    country = f" {COUNTRY}" if security.market is Market.EQUITY else ""
    return f"{security.symbol}{country} {security.market.value}"


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
    if not _TICKER.match(words[0]):
        return _unknown(words[0], listed)
    symbol, rest = Symbol(words[0]), _after_market(rest)
    is_listed = not listed or symbol in listed
    if not rest:
        if not is_listed and len(words) == 1:
            return _unknown(words[0], listed)
        return Instruction(symbol=symbol, is_listed=is_listed)
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
    if not _TICKER.match(words[0]) or (first is not None and (first.code == DESCRIPTION or words[0] not in listed)):
        return None
    rest = _after_market(words[1:])
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
    if entry.code != DESCRIPTION:
        return Problem(text=f"{entry.code} takes no contract before it: {DESCRIPTION} describes {' '.join(contract)}")
    if rest[1:]:
        return Problem(text=f"nothing can follow {DESCRIPTION} where the contract stands before it, not {' '.join(rest[1:])}")
    is_listed = symbol is None or not listed or symbol in listed
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
    if len(words) < 2 or not _TICKER.match(words[0]):
        return False
    follows = words[1]
    if follows in MARKET_WORDS or (follows == COUNTRY and (len(words) == 2 or words[2] in MARKET_WORDS or find(words[2]) is not None)):
        return True
    first = find(words[0])
    if first is not None and "[function]" in first.arguments:
        return False
    return find(follows) is not None and follows not in (listed if words[0] not in listed else ())


def _after_market(words: Sequence[str]) -> list[str]:
    rest = list(words)
    if rest and rest[0] == COUNTRY:
        rest.pop(0)
    if rest and rest[0] in MARKET_WORDS:
        rest.pop(0)
    return rest


def _function_first(entry: Entry, rest: Sequence[str], listed: Mapping[str, Security]) -> Instruction | Problem:
    """``OMON``, ``OMON AAPL``, ``OMON AAPL US Equity ±10``, ``OMON ±10``."""
    if entry.code == DESCRIPTION and rest:
        exact = exact_contract(rest)
        if exact is not None and len(rest) == exact.words:
            return _described(exact.symbol, (exact.text,), (), listed)
        symbol, root = _of_root(rest[0], listed)
        if root and contract_length(rest[1:]) == len(rest) - 1 > 0:
            return _described(symbol, rest, (), listed)
    if rest and entry.needs_security and rest[0] not in entry.words:
        word = rest[0]
        if word in listed or (_TICKER.match(word) and (len(rest) > 1 and (rest[1] in MARKET_WORDS or rest[1] == COUNTRY))):
            args = _after_market(rest[1:])
            problem = _extra(entry, args)
            return problem or Instruction(symbol=Symbol(word), is_listed=not listed or word in listed, entry=entry, args=tuple(args))
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
        return _unknown(first, listed)
    if not listed and _TICKER.match(second):
        found = _unknown_function(first)
        return Problem(text=f"neither {first} nor {second} is a function", suggestions=found.suggestions)
    return _unknown_function(second)


def _unknown(word: str, listed: Mapping[str, Security]) -> Problem:
    if word in PLANNED:
        return Problem(text=f"{word} is planned, not built yet")
    candidates = [entry.code for entry in FUNCTIONS] + sorted(listed)
    near = get_close_matches(word, candidates, n=3, cutoff=0.5)
    return Problem(text=f"{word} is neither a function nor a security of this market", suggestions=tuple(near))


def _unknown_function(word: str) -> Problem:
    if word in PLANNED:
        return Problem(text=f"{word} is planned, not built yet")
    near = get_close_matches(word, [code for entry in FUNCTIONS for code in entry.codes], n=3, cutoff=0.4)
    return Problem(text=f"there is no function {word}", suggestions=tuple(near))


def complete(text: str, listed: Mapping[str, Security], recent: Sequence[str] = ()) -> Completion:
    """The drop-down for a text that is still being typed."""
    upper = text.upper()
    words = upper.split()
    if upper.endswith(" "):
        words.append("")
    if not words:
        return Completion()
    head, last = words[:-1], words[-1]
    done = next((find(word) for word in reversed(head) if find(word) is not None and not _is_only_security(word, head)), None)
    if done is not None:
        offered = _securities(last, text, listed) if last and done.needs_security and last not in done.words else []
        return _completion(text, last, offered[:MOST_HITS], f"{done.code} {done.arguments}".strip())
    if head:
        after = _after_market(head[1:])
        hits = [] if after else _functions(last, text)
        return _completion(text, last, hits[:MOST_HITS], " ".join(head))
    functions, securities = _functions(last, text) if last else [], _securities(last, text, listed)
    favourites = [hit for hit in securities if hit.label in recent]
    securities = favourites + [hit for hit in securities if hit not in favourites]
    if functions and functions[0].label == last:
        hits = [functions[0], *[hit for hit in securities if hit.label == last], *functions[1:]]
        hits += [hit for hit in securities if hit not in hits]
    elif securities and securities[0].label == last:
        hits = [*securities[:1], *functions, *securities[1:]]
    else:
        hits = [*functions[:5], *securities[:4], *functions[5:], *securities[4:]]
    return _completion(text, last, hits[:MOST_HITS], "")


def _is_only_security(word: str, head: Sequence[str]) -> bool:
    """The first word of ``VIX Index`` is a security even if a function has its name."""
    return word == head[0] and len(head) > 1 and (head[1] in MARKET_WORDS or head[1] == COUNTRY or find(head[1]) is not None)


def _completion(text: str, last: str, hits: Sequence[Hit], hint: str) -> Completion:
    ghost = ""
    if last and hits and hits[0].text.upper().startswith(text.upper()):
        ghost = hits[0].text[len(text) :]
    return Completion(hits=tuple(hits), ghost=ghost.rstrip(), hint=hint)


def _stem(text: str) -> str:
    """What stands before the word being typed."""
    return text[: len(text) - len(text.rsplit(" ", maxsplit=1)[-1])]


def _functions(word: str, text: str) -> list[Hit]:
    scored: list[tuple[int, Entry, str]] = []
    for entry in FUNCTIONS:
        code = next((code for code in entry.codes if code == word), None) or next(
            (code for code in entry.codes if code.startswith(word)), None
        )
        if code is not None:
            scored.append((0 if code == word else 1, entry, code))
        elif len(word) > 1 and (word in entry.title.upper() or word in entry.summary.upper()):
            scored.append((2, entry, entry.code))
    scored.sort(key=lambda found: found[0])
    return [
        Hit(kind=HitKind.FUNCTION, label=code, title=entry.title, summary=entry.summary, text=_stem(text) + code)
        for _, entry, code in scored
    ]


def _securities(word: str, text: str, listed: Mapping[str, Security]) -> list[Hit]:
    scored: list[tuple[int, int, Security]] = []
    for place, security in enumerate(listed.values()):
        symbol = security.symbol.upper()
        if symbol == word:
            scored.append((0, place, security))
        elif symbol.startswith(word):
            scored.append((1, place, security))
        elif len(word) > 1 and word in security.name.upper():
            scored.append((2, place, security))
    scored.sort(key=lambda found: found[:2])
    return [
        Hit(
            kind=HitKind.SECURITY,
            label=security.symbol,
            title=security.name,
            summary=full_name(security),
            text=_stem(text) + full_name(security) + " ",
        )
        for _, _, security in scored
    ]


def choose_by_number(completion: Completion, text: str, digit: str) -> Hit | None:
    """The hit a digit means, where that digit cannot be meant as a letter of what is being typed."""
    number = int(digit) if digit.isdigit() else 0
    last = text.upper().split(" ")[-1]
    if not 1 <= number <= len(completion.hits) or not last or last[-1:].isdigit() or last in MONTHS:
        return None
    if any(hit.label.upper().startswith(last + digit) for hit in completion.hits):
        return None
    return completion.hits[number - 1]
