"""How kernels are compiled: the flags, and the folder their machine code is kept in."""

import hashlib
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite  # type: ignore[import-untyped]
import numba
from numba import config, njit

Function = TypeVar("Function", bound=Callable[..., Any])

FAST_MATH = frozenset({"contract"})
"""Fused multiply-add only: NaN, infinity and the order of sums keep their meaning."""


def compiled(function: Function) -> Function:
    """Compiled where it is first called and called there: for the scalar code of solvers, whose loops no vector unit could take up."""
    return cast(Function, njit(fastmath=set(FAST_MATH), error_model="numpy", nogil=True)(function))


def summed(function: Function) -> Function:
    """As :func:`compiled`, for passes that do nothing but sum: the order of additions is the compiler's, so that it can add in vectors."""
    return cast(Function, njit(fastmath={*FAST_MATH, "reassoc"}, error_model="numpy", nogil=True)(function))


def inlined(function: Function) -> Function:
    """Compiled into whatever calls it: one helper left out of line and the loop around it is no longer vectorised, silently."""
    return cast(Function, njit(forceinline=True, fastmath=set(FAST_MATH), error_model="numpy")(function))


def kernel(signature: str) -> Callable[[Function], Function]:
    """A loop over columns, compiled on import for one signature, kept on disk, run without the interpreter's lock."""
    return cast(
        Callable[[Function], Function],
        njit(signature, fastmath=set(FAST_MATH), error_model="numpy", nogil=True, cache=True),
    )


def version() -> str:
    """A name for all that the machine code depends on beside the processor: sources, flags, numba, llvmlite, Python."""
    digest = hashlib.sha256()
    quant = Path(__file__).parents[1]
    for path in sorted([*quant.glob("formulas/*.py"), *quant.glob("kernels/*.py"), quant / "coefficients.py"]):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(f"{numba.__version__} {llvmlite.__version__} {platform.python_version()}".encode())
    return digest.hexdigest()[:16]


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Kernels defined inside keep their code below ``folder`` under this version: changed sources or flags never meet an old object."""
    settings: Any = config
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(folder / f"kernels-{version()}")
    try:
        yield
    finally:
        settings.CACHE_DIR = before
