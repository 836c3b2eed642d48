"""From what a person types to a name that is listed."""

from collections.abc import Sequence
from difflib import get_close_matches

from engine.domain.errors import UnknownSymbol
from engine.domain.ids import Symbol
from engine.domain.instruments import Security


def find(securities: Sequence[Security], text: str, limit: int) -> tuple[Security, ...]:
    """Best first: the symbol itself, symbols that start so, words of the name that start so, then whatever holds it."""
    wanted = text.strip().upper()
    if not wanted:
        return tuple(securities[: max(0, limit)])
    scored = [(score, place) for place, security in enumerate(securities) if (score := _score(security, wanted)) is not None]
    return tuple(securities[place] for _, place in sorted(scored)[: max(0, limit)])


def unknown(text: str, securities: Sequence[Security]) -> UnknownSymbol:
    """The error for a name that is not listed, with the names that come nearest."""
    symbols = [str(security.symbol) for security in securities]
    near = [str(security.symbol) for security in find(securities, text, 3)]
    near += [symbol for symbol in get_close_matches(text.upper(), symbols, n=3, cutoff=0.5) if symbol not in near]
    if near:
        return UnknownSymbol(f"{text or 'an empty name'} is not listed by this feed: did you mean {', '.join(near[:3])}?")
    if not symbols:
        return UnknownSymbol(f"{text or 'an empty name'} is not listed: the feed has listed nothing yet")
    return UnknownSymbol(f"{text or 'an empty name'} is not listed by this feed: it has {', '.join(symbols[:6])} and others")


def spelled(text: str) -> Symbol:
    """A symbol as it is listed: upper case, no blanks around it."""
    return Symbol(text.strip().upper())


def _score(security: Security, wanted: str) -> int | None:
    symbol, name = security.symbol.upper(), security.name.upper()
    if symbol == wanted:
        return 0
    if symbol.startswith(wanted):
        return 1
    if any(word.startswith(wanted) for word in name.split()):
        return 2
    if wanted in symbol:
        return 3
    return 4 if wanted in name else None
