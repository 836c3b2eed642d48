"""What may follow the words of a contract that is being typed: its expiry, its strike, or a function that takes it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from engine.domain.ids import Symbol
from engine.domain.instruments import Security
from optix_tui.contract_words import begins_contract, contract_length
from optix_tui.registry import find
from optix_tui.security_words import after_market

_STRIKE = re.compile(r"\d+(\.\d+)?$|(\d+(\.\d+)?(C|P|CALL|PUT)|[CP]\d+(\.\d+)?)$")
_RIGHTS = frozenset({"C", "P", "CALL", "PUT"})


class Ladder(Struct, frozen=True, kw_only=True):
    """What is known of a name's contracts."""

    today: date
    expiries: tuple[date, ...] = ()
    """Nearest first."""
    strikes: tuple[float, ...] = ()
    """Of the expiry that was typed, or of the nearest: those next to the spot first."""


class Being(Struct, frozen=True, kw_only=True):
    """A contract that is being typed."""

    symbol: Symbol
    words: tuple[str, ...]
    """Those that are complete."""

    @property
    def expiry(self) -> str:
        """The word that says when it expires; "" where none does yet."""
        return next((word for word in self.words if not _STRIKE.match(word) and word not in _RIGHTS), "")

    @property
    def has_strike(self) -> bool:
        """A strike was typed."""
        return any(_STRIKE.match(word) for word in self.words)

    @property
    def is_whole(self) -> bool:
        """The words name a contract."""
        return bool(self.words) and contract_length(self.words) == len(self.words)


class Offer(Struct, frozen=True, kw_only=True):
    """One word that may come next."""

    word: str
    title: str


def contract_being_typed(words: Sequence[str], listed: Mapping[str, Security], here: Symbol) -> Being | None:
    """The contract that the words of a command line (the last of them unfinished) are about to name, or None.

    ``here`` is the security of the tile: ``600C`` alone is one of its contracts.
    """
    head, last = list(words[:-1]), words[-1]
    if head and (first := find(head[0])) is not None and first.takes_contract and head[0] not in listed:
        head = head[1:]
    if head and head[0] in listed:
        symbol, rest = Symbol(head[0]), after_market(head[1:])
    elif here and (head or last) and begins_contract((head or [last])[0]):
        symbol, rest = here, head
    else:
        return None
    if any(find(word) is not None for word in rest) or not all(_can_belong(word) for word in rest):
        return None
    return Being(symbol=symbol, words=tuple(rest)) if rest or last[:1].isdigit() else None


def _can_belong(word: str) -> bool:
    return word in _RIGHTS or bool(_STRIKE.match(word)) or begins_contract(word) or contract_length(("1C", word)) == 2


def offers(being: Being, last: str, ladder: Ladder | None) -> tuple[list[Offer], list[Offer]]:
    """Expiries and strikes that begin as the last word does, in the order of their use."""
    if ladder is None:
        return [], []
    expiries = [] if being.expiry else [_expiry(one, ladder.today) for one in ladder.expiries if _begins(one, last)]
    strikes = [] if being.has_strike else [offer for price in ladder.strikes for offer in _strike(price) if offer.word.startswith(last)]
    return expiries, strikes


def expiry_word(expiry: date) -> str:
    """``18DEC26``."""
    return f"{expiry:%d%b%y}".upper()


def _begins(expiry: date, last: str) -> bool:
    return expiry_word(expiry).startswith(last) or f"{expiry:%b%d}".upper().startswith(last)


def _expiry(expiry: date, today: date) -> Offer:
    days = (expiry - today).days
    when = "today" if days == 0 else "1 day" if days == 1 else f"{days} days"
    return Offer(word=expiry_word(expiry), title=f"{expiry:%a} {expiry.day} {expiry:%b %Y}, {when}")


def _strike(price: float) -> tuple[Offer, Offer]:
    plain = f"{price:.4f}".rstrip("0").rstrip(".")
    return Offer(word=f"{plain}C", title="call"), Offer(word=f"{plain}P", title="put")
