"""`optix doctor`: looks at everything OPTIX stands on. Red must be mended (exit 1); yellow is optional and absent (exit 0)."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from engine.cli import output
from engine.cli.session import Json

GREEN, YELLOW, RED = "green", "yellow", "red"
_MARKS = {GREEN: "\x1b[32m●\x1b[0m", YELLOW: "\x1b[33m●\x1b[0m", RED: "\x1b[31m●\x1b[0m"}
_PLAIN_MARKS = {GREEN: "ok  ", YELLOW: "note", RED: "BAD "}

CORE = (
    "textual",
    "rich",
    "typer",
    "httpx",
    "websockets",
    "polars",
    "numpy",
    "scipy",
    "numba",
    "duckdb",
    "keyring",
    "pyotp",
    "platformdirs",
    "msgspec",
)
OPTIONAL = {
    "statsmodels": "volatility forecasts",
    "ib_insync": "Interactive Brokers",
    "databento": "Databento feeds",
    "anthropic": "the Claude analyst",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    colour: str
    what: str
    found: str
    advice: str = ""


def _python() -> Iterator[Finding]:
    fine = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding(GREEN if fine else RED, "Python", platform.python_version(), "" if fine else "use Python 3.11 to 3.13")
    yield Finding(GREEN, "OPTIX", importlib.metadata.version("optix"))


def _packages() -> Iterator[Finding]:
    missing = [name for name in CORE if importlib.util.find_spec(name) is None]
    found = f"{len(CORE) - len(missing)} of {len(CORE)}"
    yield Finding(
        RED if missing else GREEN, "core packages", found, f"missing {', '.join(missing)}: run `python3 run.py` again" if missing else ""
    )
    for name, purpose in OPTIONAL.items():
        there = importlib.util.find_spec(name) is not None
        yield Finding(GREEN if there else YELLOW, name, f"for {purpose}" if there else f"absent: no {purpose}")
    owners = importlib.metadata.packages_distributions().get("eventkit", [])
    if len(set(owners)) > 1:
        yield Finding(RED, "eventkit", f"comes from {' and '.join(sorted(set(owners)))}", "keep ib_insync or ib_async, not both")


def _terminal() -> Iterator[Finding]:
    columns, lines = shutil.get_terminal_size()
    small = (columns, lines) < (80, 24)
    yield Finding(
        YELLOW if small else GREEN, "terminal size", f"{columns}x{lines}", "80x24 is the least that shows a chain" if small else ""
    )
    true_colour = os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}
    yield Finding(
        GREEN if true_colour else YELLOW,
        "true colour",
        "yes" if true_colour else "not announced",
        "" if true_colour else "export COLORTERM=truecolor where your terminal has it",
    )
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    yield Finding(
        GREEN if encoding == "utf8" else RED,
        "encoding",
        encoding or "unknown",
        "" if encoding == "utf8" else "set a UTF-8 locale, such as LANG=C.UTF-8",
    )
    if os.environ.get("TMUX"):
        yield Finding(GREEN, "tmux", "yes", "for copying: set -g set-clipboard on")


def _places() -> Iterator[Finding]:
    from engine.api import places

    for what, folder in places().items():
        parent = next((p for p in (folder, *folder.parents) if p.exists()), Path("/"))
        fine = os.access(parent, os.W_OK)
        yield Finding(
            GREEN if fine else RED,
            f"{what} folder",
            str(folder),
            "" if fine else f"{parent} cannot be written: mend its permissions or set OPTIX_HOME",
        )
    free = shutil.disk_usage(parent).free
    yield Finding(
        GREEN if free > 5e8 else RED if free < 5e7 else YELLOW,
        "free disk",
        output.size(free),
        "" if free > 5e8 else "the recorder stops when the disk is full",
    )


def _settings() -> Iterator[Finding]:
    from engine.api import OptixError, plugins, settings

    try:
        table = settings()
    except OptixError as trouble:
        yield Finding(RED, "settings", str(trouble), "mend the file, or move it away")
        return
    chosen = next(str(one.value) for one in table.settings if one.key == "feed.default")
    known = {plugin.name: plugin for plugin in plugins() if plugin.role == "feed"}
    found = known.get(chosen.partition(":")[0])
    advice = "" if found is not None and found.usable else "`optix config set feed.default synthetic`"
    yield Finding(RED if advice else GREEN, "default feed", chosen, advice)


def _secrets() -> Iterator[Finding]:
    try:
        import keyring

        backend = keyring.get_keyring()
    except Exception as trouble:  # noqa: BLE001 (any backend may fail in its own way, and that is the finding)
        yield Finding(YELLOW, "keyring", f"unusable: {trouble}", "keys are read from the environment instead")
        return
    usable = backend.priority > 0
    name = type(backend).__module__.removeprefix("keyring.backends.")
    yield Finding(
        GREEN if usable else YELLOW, "keyring", name, "" if usable else "no keyring here: keys are read from the environment instead"
    )


def _engine() -> Iterator[Finding]:
    from engine.api import owner_of, plugins

    owner = owner_of()
    yield Finding(
        GREEN, "engine", f"running, process {owner}: commands attach to it" if owner else "none running: a command opens its own for itself"
    )
    for plugin in plugins():
        yield Finding(GREEN if plugin.usable else YELLOW, f"{plugin.role} {plugin.name}", plugin.title, plugin.trouble)


_CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _packages, _terminal, _places, _settings, _secrets, _engine)


def doctor(as_json: Json = False) -> None:
    """Looks at Python, packages, terminal, folders, keyring and plugins, and says what to mend."""
    findings = [finding for check in _CHECKS for finding in check()]
    bad = any(finding.colour == RED for finding in findings)
    if as_json:
        rows = [{"state": one.colour, "what": one.what, "found": one.found, "advice": one.advice} for one in findings]
        output.document({"schema": output.schema("doctor"), "healthy": not bad, "findings": rows})
    else:
        marks = _MARKS if output.colours(sys.stdout) else _PLAIN_MARKS
        width = max(len(one.what) for one in findings)
        for one in findings:
            told = f" {one.what.ljust(width)}  {one.found}{'  -> ' + one.advice if one.advice else ''}"
            output.plain_line(told, mark=marks[one.colour])
    if bad:
        raise typer.Exit(1)
