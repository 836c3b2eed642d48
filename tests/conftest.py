"""What every test gets: recorded market data where it is to be had, a home of its own, and no network beyond this machine."""

import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.kit import numbers

ROOT = Path(__file__).resolve().parent.parent
# The same examples in every run, so that a failure is one of the code; HYPOTHESIS_PROFILE=explore looks for new ones.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore")
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
_LOOPBACK = ("127.", "::1", "localhost")


def _recorded_data() -> Path | None:
    named = os.environ.get("OPTIX_FIXTURES")
    place = Path(named) if named else ROOT.parent / "shared" / "fixtures"
    return place if place.is_dir() else None


def pytest_configure() -> None:
    # A run in the background of a shell script is started deaf to Ctrl+C, and so would be every program that a test starts and interrupts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _recorded_data() is not None:
        return
    absent = pytest.mark.skip(reason="the recorded market data are absent: set OPTIX_FIXTURES to their folder")
    for item in items:
        if "fixtures" in getattr(item, "fixturenames", ()) or item.get_closest_marker("fixtures"):
            item.add_marker(absent)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    place = _recorded_data()
    if place is None:
        skipped = sum("recorded market data are absent" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ()))
        terminalreporter.write_line(f"recorded market data absent: {skipped} tests skipped (set OPTIX_FIXTURES)")
    else:
        terminalreporter.write_line("recorded market data found: 0 tests skipped for want of them")


def pytest_sessionfinish() -> None:
    if folder := os.environ.get(numbers.FOLDER):
        numbers.write(Path(folder) / f"{os.getpid()}.json")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """The folder of recorded market data, read in place and never written to."""
    place = _recorded_data()
    if place is None:
        pytest.skip("the recorded market data are absent: set OPTIX_FIXTURES to their folder")
    return place


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own for each test: no test reads or writes the user's data, configuration or secrets."""
    place = tmp_path / "optix-home"
    monkeypatch.setenv("OPTIX_HOME", str(place))
    for name in list(os.environ):
        if name.startswith("OPTIX_") and name not in {"OPTIX_HOME", "OPTIX_FIXTURES", "OPTIX_KERNEL_CACHE"}:
            monkeypatch.delenv(name)
    return place


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave for this machine alone."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not str(address[0]).startswith(_LOOPBACK):
            raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
