"""Every screen as text, in its three states, at the size of a tile of a wide terminal and of a small one."""

from pathlib import Path

import pytest

from tests.kit.golden import matches
from tests.kit.stage import STATES, Stage

GOLDENS = Path(__file__).parent / "goldens"
SCREENS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "home": ("HOME", (), "SPY"),
    "watch": ("W", (), "SPY"),
    "describe": ("DES", (), "AAPL"),
    "contract": ("DES", ("6700P", "NOV24"), "SPX"),
    "line": ("GP", (), "SPY"),
    "intraday": ("GIP", (), "SPY"),
    "candles": ("GPC", (), "QQQ"),
    "expirations": ("OPX", (), "SPX"),
    "tape": ("TAS", (), "SPX"),
    "calculator": ("OVME", (), "SPX"),
    "calculator-matrix": ("OVME", ("6700P", "NOV24", "MATRIX"), "SPX"),
    "calculator-payoff": ("OVME", ("PAYOFF",), "NVDA"),
    "flow": ("FLOW", (), "SPX"),
    "flow-market": ("FLOW", ("ALL", ">=10K"), "SPX"),
    "active": ("MOSO", (), "SPX"),
    "interest": ("OMST", (), "SPX"),
    "interest-net": ("OMST", ("VOLUME", "NET"), "SPX"),
    "cone": ("HVT", (), "SPX"),
    "cone-sessions": ("HVT", ("PARK", "CORRECTED"), "SPX"),
    "cone-young": ("HVT", (), "META"),
    "realized": ("HVG", (), "SPX"),
    "realized-all": ("HVG", ("YZ", "63", "AHEAD", "5", "GRAPH"), "SPX"),
    "realized-young": ("HVG", (), "META"),
    "correlation": ("CORR", (), "SPX"),
    "correlation-lag": ("CORR", ("SPX", "VIX", "NVDA", "META", "NOSUCH", "LAG", "1"), "SPX"),
    "quality": ("DATA", (), "SPY"),
    "system": ("SYS", (), "SPY"),
    "settings": ("SET", (), "SPY"),
    "help": ("HELP", (), "SPY"),
    "surface-heat": ("OVDV", (), "SPX"),
    "surface-mesh": ("OVDV", ("MESH",), "SPX"),
    "surface-smile": ("OVDV", ("SMILE", "24NOV26"), "SPX"),
    "surface-term": ("OVDV", ("TERM",), "SPX"),
    "surface-table": ("OVDV", ("TABLE", "DELTA"), "SPX"),
    "exposure-gamma": ("GEX", (), "SPX"),
    "exposure-vanna": ("VEX", ("UNSIGNED", "PROFILE"), "SPX"),
    "exposure-charm": ("CEX", ("SHARES", "EXPIRIES"), "SPY"),
    "compass": ("VCA", (), "SPX"),
    "compass-map": ("VCA", ("SCATTER",), "SPX"),
    "volhistory": ("HIVG", (), "SPX"),
    "volhistory-young": ("HIVG", ("BF", "2Y"), "META"),
    "volindex": ("VIX", (), "SPX"),
    "replay-heat": ("REPL", ("@2026-11-18T13:10",), "SPX"),
    "replay-difference": ("REPL", ("STRIKE", "@2026-11-18T13:10", "@2026-11-16T10:00"), "SPX"),
    "replay-smile": ("REPL", ("SMILE", "@2026-11-19T11:00", "@2026-11-13T11:00"), "SPX"),
    "replay-facts": ("REPL", ("FACTS", "@2026-11-12T15:00", "@2026-11-18T13:10"), "SPX"),
    "surface-recorded": ("OVDV", ("CHANGE", "@2026-11-18T14:32"), "SPX"),
    "skew-smiles": ("SKEW", (), "SPX"),
    "skew-term": ("SKEW", ("TERM",), "SPX"),
}
SIZES = {"wide": (160, 41), "small": (80, 21)}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_it_did_in_each_of_its_states(name, size):
    code, arguments, symbol = SCREENS[name]
    stage = Stage(code, *arguments, symbol=symbol)
    async with stage.run_test(size=SIZES[size]) as pilot:
        await stage.settle(pilot, turns=2)
        for state, feed in STATES.items():
            await stage.become(pilot, feed)
            matches(GOLDENS / f"{name}-{size}-{state}.txt", stage.text())


@pytest.mark.parametrize("theme", ["amber", "graphite", "paper", "cvd"])
async def test_a_theme_colours_a_watchlist_by_meaning(theme):
    stage = Stage("W", theme=theme)
    async with stage.run_test(size=(80, 8)) as pilot:
        await stage.settle(pilot)
        matches(GOLDENS / f"watch-styles-{theme}.txt", stage.colours())


@pytest.mark.parametrize("code", ["GIP", "OPX"])
async def test_candles_and_heat_keep_their_colours(code):
    stage = Stage(code, symbol="SPX")
    async with stage.run_test(size=(60, 14)) as pilot:
        await stage.settle(pilot)
        matches(GOLDENS / f"{code.lower()}-styles.txt", stage.colours())
