"""What the drop-down and the ghost offer for a text that is still being typed: functions, securities, and the words of a contract."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct

from engine.domain.ids import Symbol
from engine.domain.instruments import Security
from engine.domain.osi import MONTHS
from optix_tui.contract_hits import Being, Ladder, contract_being_typed, offers
from optix_tui.functions.entry import Entry
from optix_tui.registry import FUNCTIONS, entry_of, find
from optix_tui.security_words import COUNTRY, MARKET_WORDS, after_market, full_name

MOST_HITS = 9
"""Hits are numbered by one digit."""


class HitKind(StrEnum):
    """Which heading of the drop-down a hit stands under."""

    FUNCTION = "functions"
    SECURITY = "securities"
    EXPIRY = "expiries"
    STRIKE = "strikes"


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


def complete(
    text: str,
    listed: Mapping[str, Security],
    recent: Sequence[str] = (),
    *,
    here: Symbol = Symbol(""),  # noqa: B008 (a frozen name)
    ladder: Callable[[Being], Ladder | None] = lambda _: None,
) -> Completion:
    """The drop-down for a text that is still being typed.

    ``here`` is the tile's security, ``ladder`` what is known of a name's contracts.
    """
    upper = text.upper()
    words = upper.split()
    if upper.endswith(" "):
        words.append("")
    if not words:
        return Completion()
    being = contract_being_typed(words, listed, here)
    if being is not None:
        return _behind_contract(being, text, words[-1], ladder(being))
    head, last = words[:-1], words[-1]
    done = next((find(word) for word in reversed(head) if find(word) is not None and not _is_only_security(word, head)), None)
    if done is not None:
        offered = _securities(last, text, listed) if last and done.needs_security and last not in done.words else []
        return _completion(text, last, offered[:MOST_HITS], f"{done.code} {done.arguments}".strip())
    if head:
        after = after_market(head[1:])
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


def _behind_contract(being: Being, text: str, last: str, ladder: Ladder | None) -> Completion:
    """Functions that take the contract, where it is whole; else what it still lacks."""
    functions = [hit for hit in _functions(last, text) if entry_of(hit.label).takes_contract] if being.is_whole else []
    expiries, strikes = offers(being, last, ladder)
    said = " ".join((being.symbol, *being.words))
    hits = functions + [
        Hit(kind=kind, label=offer.word, title=offer.title, summary="", text=_stem(text) + offer.word + " ")
        for kind, found in ((HitKind.EXPIRY, expiries), (HitKind.STRIKE, strikes))
        for offer in found
    ]
    lacks = [word for word, is_there in (("expiry", being.expiry), ("strike and C or P", being.has_strike)) if not is_there]
    hint = f"{said}: of the nearest expiry, or of the one that follows" if being.is_whole and lacks else f"{said}: {' and '.join(lacks)}"
    return _completion(text, last, hits[:MOST_HITS], hint if lacks else said)


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
