"""Texts kept beside the tests: what a screen looked like when somebody looked at it and found it right."""

import os
from pathlib import Path

REFRESH = "REFRESH_GOLDENS"
"""Set in the environment, it writes what is seen instead of comparing; look at the difference before keeping it."""


def matches(path: Path, seen: str) -> None:
    """Fails with both texts where what is seen is not what is kept."""
    text = "\n".join(line.rstrip() for line in seen.splitlines()) + "\n"
    if os.environ.get(REFRESH):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path.name} is not kept yet: run once with {REFRESH}=1 and look at it"
    kept = path.read_text(encoding="utf-8")
    assert text == kept, f"{path.name} looks different now: look at it, then run with {REFRESH}=1 to keep it"
