"""Which code does the arithmetic: numpy at once, numba once :func:`warm` has compiled or loaded its kernels.

The compiled code comes in rooms, one a module of :mod:`engine.quant.kernels`, warmed in the order of :data:`ROOMS`. A room's plain code
answers until its own kernels are there.
"""

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, Generic, Literal, Protocol, TypeAlias, TypeVar, cast

from engine.quant import numpy_tier
from engine.quant.arrays import Bytes, Floats

Tier: TypeAlias = Literal["numpy", "numba"]
Jobs = TypeVar("Jobs")

ROOMS = ("columns", "forwards", "american", "sharing", "surfaces", "risk", "held", "dividends", "forecasts", "stochastic")
"""The modules of :mod:`engine.quant.kernels` that :func:`warm` loads, what a chain needs first."""
CHAIN_ROOMS = ROOMS[:4]
"""What every chain needs: a running engine warms these, and each of the others when something asks for it."""


class Core(Protocol):
    """The jobs on columns of European options. Inputs are the rows of one matrix, results go into the caller's arrays; no number raises."""

    def prices(self, rows: Floats, out: Floats) -> None:
        """Black-76 prices of (forwards, strikes, years, vols, discounts, signs)."""

    def greeks(self, rows: Floats, out: Floats) -> None:
        """The rows of :class:`engine.quant.european.black.Greeks`, of (spots, forwards, strikes, years, vols, rates, dividends, signs)."""

    def higher_greeks(self, rows: Floats, out: Floats) -> None:
        """The rows of :data:`engine.quant.european.black.HIGHER_GREEKS`, of (spots, strikes, years, vols, rates, dividends, signs)."""

    def implied_vols(self, rows: Floats, vols: Floats, statuses: Bytes) -> None:
        """Volatilities and statuses of (undiscounted prices, forwards, strikes, years, signs)."""


class TierUnavailableError(RuntimeError):
    """The compiled tier cannot be had; the numpy tier goes on."""


class Room(Generic[Jobs]):
    """One family of jobs in both tiers: ``plain`` code that is there at once, and the kernels of the same names."""

    def __init__(self, name: str, plain: Jobs) -> None:
        if name not in ROOMS:
            message = f"there is no room {name!r}: add it to ROOMS"
            raise ValueError(message)
        self._name = name
        self._plain = plain

    def jobs(self) -> Jobs:
        """The code of the tier that answers now; take it once a call, since it may change between two."""
        compiled = _compiled.get(self._name) if _current == "numba" else None
        return self._plain if compiled is None else cast(Jobs, compiled)


_compiled: dict[str, Any] = {}
_current: Tier = "numpy"
_warming = threading.Lock()
COLUMNS: Room[Core] = Room("columns", cast(Core, numpy_tier))


def current() -> Tier:
    """The tier that answers now."""
    return _current


def core() -> Core:
    """The jobs on columns of European options, in the tier that answers now."""
    return COLUMNS.jobs()


def warm(folder: Path | None = None, rooms: Iterable[str] = ROOMS) -> Tier:
    """Compile the kernels or load them from ``folder``, room by room, each answering from then on; meant for a thread: it takes seconds.

    Without a folder the machine code is kept where NUMBA_CACHE_DIR says, else beside the kernels' source.
    """
    chosen = folder or _chosen_folder()
    for name in rooms:
        with _warming:
            if name not in _compiled:
                _compiled[name] = _loaded(name, chosen)
        use("numba")
    return current()


def use(tier: Tier) -> None:
    """Let this tier answer from now on; the compiled one must be warm."""
    global _current
    if tier == "numba" and not _compiled:
        message = f"the {tier} tier is not warm: call warm() first"
        raise TierUnavailableError(message)
    _current = tier


@contextmanager
def using(tier: Tier) -> Iterator[None]:
    """This tier inside the block, then the one before."""
    before = current()
    use(tier)
    try:
        yield
    finally:
        use(before)


def _loaded(name: str, folder: Path | None) -> Any:
    try:
        from engine.quant.kernels.compiling import kept_in
    except ImportError as error:
        message = f"numba cannot be loaded ({error}); reinstall it, or stay with the numpy tier"
        raise TierUnavailableError(message) from error
    with kept_in(folder) if folder else nullcontext():
        return import_module(f"engine.quant.kernels.{name}")


def _chosen_folder() -> Path | None:
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return Path(named)
    beside = Path(__file__).parent / "kernels" / "__pycache__"
    return beside if os.access(beside if beside.exists() else beside.parent, os.W_OK) else None
