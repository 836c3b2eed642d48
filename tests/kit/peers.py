"""Libraries that tests compare with: a test that uses one which is not installed is skipped, and says which."""

from importlib import import_module
from typing import Any, NoReturn

import pytest


class Absent:
    """In the place of a library: whatever is asked of it skips the test that asks."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> NoReturn:
        pytest.skip(f"{self._name} is not installed: nothing to compare with ({self._name}.{attribute})")


def peer(name: str) -> Any:
    """The library of this name, or its place."""
    try:
        return import_module(name)
    except ImportError:
        return Absent(name)
