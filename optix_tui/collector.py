"""When garbage is collected: never while the workstation opens, and never in the middle of a frame.

A look at everything takes a tenth of a second in which neither the screen nor the engine moves. What is loaded and made while the
workstation opens lives as long as it does, so it is frozen unlooked at; from then on young garbage is collected every two seconds, and all
that was not frozen once a minute, both only while nobody types.
"""

import gc
from time import monotonic

EVERY_SECONDS = 2.0
IDLE_SECONDS = 1.0
"""Without a key for so long, a pause is not felt."""
OPENING_SECONDS = 12.0
"""Engine, names, history and compiled kernels are there by then."""
LOOKS_A_MINUTE = 30

_taken_at = float("-inf")
_is_taken = False
_looks = 0


def take_over() -> None:
    """Python collects no more by itself: for a process that is the workstation, before its first large import."""
    global _is_taken, _taken_at, _looks
    gc.disable()
    _is_taken, _taken_at, _looks = True, monotonic(), 0


def give_back() -> None:
    """Python collects by itself again; what is frozen stays so, or the end of the process would look at all of it once more."""
    global _is_taken
    _is_taken = False
    gc.enable()


def freeze() -> None:
    """What there is now lives as long as its workspace: it need not be looked at again."""
    if not _is_taken:
        return
    if not _is_opening():
        gc.collect()
    gc.freeze()


def collect(*, idle_for: float) -> None:
    """Young garbage, and now and then all of it, when nobody has typed for a moment."""
    global _looks
    if not _is_taken:
        return
    if _is_opening():
        gc.freeze()
    elif idle_for > IDLE_SECONDS:
        _looks += 1
        gc.collect(1 if _looks % LOOKS_A_MINUTE else 2)


def _is_opening() -> bool:
    return monotonic() - _taken_at < OPENING_SECONDS
