"""Where the shipped defaults stand: beside the code in a checkout, inside the wheel when installed."""

from pathlib import Path

import engine


def shipped(name: str) -> Path:
    """The shipped folder ``config`` or ``data``."""
    package = Path(engine.__file__).parent
    packed = package / "resources" / name
    return packed if packed.is_dir() else package.parent / name
