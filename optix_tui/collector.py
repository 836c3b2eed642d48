"""When garbage is collected: never in the middle of a frame.

What a workspace is made of is frozen once it stands, and young garbage is collected every two seconds; all of it only while nobody types.
"""

import gc

EVERY_SECONDS = 2.0
IDLE_SECONDS = 1.0
"""Without a key for so long, a pause is not felt."""


def take_over() -> None:
    """Python collects no more by itself."""
    gc.disable()


def give_back() -> None:
    """Python collects by itself again."""
    gc.enable()
    gc.unfreeze()


def freeze() -> None:
    """What there is now lives as long as its workspace: it need not be looked at again."""
    gc.collect()
    gc.freeze()


def collect(*, idle_for: float) -> None:
    """The young garbage, when nobody has typed for a moment."""
    if idle_for > IDLE_SECONDS:
        gc.collect(1)
