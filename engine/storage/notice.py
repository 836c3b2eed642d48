"""What storage did by itself and a person should know of."""

from msgspec import Struct


class StoreNotice(Struct, frozen=True, kw_only=True):
    """One sentence of what happened, and what became of the data."""

    title: str
    text: str
    serious: bool = False
    """Data are set aside, lost or not being written."""
