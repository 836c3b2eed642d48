"""Which code does the arithmetic: numpy at once, numba once :func:`warm` has compiled or loaded its kernels."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, cast

from engine.quant import numpy_tier
from engine.quant.arrays import Bytes, Floats

Tier: TypeAlias = Literal["numpy", "numba"]


class Core(Protocol):
    """The jobs a tier does. Inputs are the rows of one matrix, results go into the caller's arrays; no number raises."""

    def prices(self, rows: Floats, out: Floats) -> None:
        """Black-76 prices of (forwards, strikes, years, vols, discounts, signs)."""

    def greeks(self, rows: Floats, out: Floats) -> None:
        """The rows of :class:`engine.quant.black.Greeks`, of (spots, forwards, strikes, years, vols, rates, dividends, signs)."""

    def implied_vols(self, rows: Floats, vols: Floats, statuses: Bytes) -> None:
        """Volatilities and statuses of (undiscounted prices, forwards, strikes, years, signs)."""


class TierUnavailableError(RuntimeError):
    """The compiled tier cannot be had; the numpy tier goes on."""


_NUMPY = cast(Core, numpy_tier)
_cores: dict[Tier, Core] = {"numpy": _NUMPY}
_current: tuple[Tier, Core] = ("numpy", _NUMPY)
_warming = threading.Lock()


def current() -> Tier:
    """The tier that answers now."""
    return _current[0]


def core() -> Core:
    """The code of the tier that answers now; take it once a call, since it may change between two."""
    return _current[1]


def warm(folder: Path | None = None) -> Tier:
    """Compile the kernels or load them from ``folder``, then let them answer; meant for a thread, since it takes from 0.4 to 4 seconds.

    Without a folder the machine code is kept where NUMBA_CACHE_DIR says, else beside the kernels' source.
    """
    with _warming:
        if "numba" not in _cores:
            _cores["numba"] = _compiled(folder)
    use("numba")
    return current()


def use(tier: Tier) -> None:
    """Let this tier answer from now on; the compiled one must be warm."""
    global _current
    if tier not in _cores:
        message = f"the {tier} tier is not warm: call warm() first"
        raise TierUnavailableError(message)
    _current = (tier, _cores[tier])


@contextmanager
def using(tier: Tier) -> Iterator[None]:
    """This tier inside the block, then the one before."""
    before = current()
    use(tier)
    try:
        yield
    finally:
        use(before)


def _compiled(folder: Path | None) -> Core:
    try:
        from engine.quant.kernels.compiling import kept_in
    except ImportError as error:
        message = f"numba cannot be loaded ({error}); reinstall it, or stay with the numpy tier"
        raise TierUnavailableError(message) from error
    chosen = folder or _chosen_folder()
    with kept_in(chosen) if chosen else nullcontext():
        from engine.quant.kernels import columns
    return cast(Core, columns)


def _chosen_folder() -> Path | None:
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named:
        return Path(named)
    beside = Path(__file__).parent / "kernels" / "__pycache__"
    return beside if os.access(beside if beside.exists() else beside.parent, os.W_OK) else None
