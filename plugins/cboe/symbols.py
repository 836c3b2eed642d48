"""Names both ways: an index stands in the address with an underscore (``_SPX``), a series is asked for by its underlying."""

from collections.abc import Iterable

from engine.domain.ids import SeriesId, Symbol
from engine.domain.instruments import AssetKind
from engine.domain.roots import make_security, root_terms
from plugins.cboe.settings import is_symbol


def file_name(symbol: Symbol) -> str:
    """The last part of a symbol's address."""
    mark = "_" if make_security(symbol).kind is AssetKind.INDEX else ""
    return f"{mark}{symbol}.json"


def wanted_symbols(symbols: Iterable[Symbol], series: Iterable[SeriesId]) -> list[Symbol]:
    """The underlyings behind a demand that the venue could have, in a fixed order."""
    names = {Symbol(symbol.upper()) for symbol in symbols}
    names.update(root_terms(name.split("/")[0]).underlying for name in series)
    return sorted(name for name in names if is_symbol(name))
