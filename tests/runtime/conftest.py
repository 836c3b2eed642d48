"""The still market as the one that opens, for every test that connects."""

from pathlib import Path

import pytest

import engine.runtime.compose as compose_module
from tests.kit.engine import still_plugins
from tests.kit.hosts import MARKET


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch, home: Path) -> Path:
    """A home whose default market is the still one."""
    for name, value in MARKET.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(compose_module, "Plugins", lambda *_: still_plugins())
    return home
