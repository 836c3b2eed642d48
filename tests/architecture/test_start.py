"""What is cheap to open stays cheap: a program of its own says which modules each start has loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def loaded_after(code: str) -> set[str]:
    program = f"import sys\n{code}\nimport json; sys.stderr.write('@@' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(json.loads(done.stderr.split("@@")[1]))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["chain", "--help"], ["smile", "--help"], ["db", "--help"]])
def test_help_loads_neither_textual_nor_numpy_nor_duckdb(arguments):
    modules = loaded_after(f"from engine.cli.main import main; main({arguments!r})")
    assert not modules & {"textual", "numpy", "duckdb", "polars", "scipy", "numba", "httpx", "keyring", "PIL"}


def test_listing_plugins_loads_none_of_them():
    modules = loaded_after("import plugins.synthetic, plugins.file, plugins.cboe, plugins.tape")
    assert not modules & {"numpy", "httpx", "duckdb", "textual"}


def test_the_terminal_is_painted_before_anything_heavy_is_loaded():
    modules = loaded_after("import optix_tui.app")
    assert not modules & {
        "duckdb",
        "polars",
        "scipy",
        "numba",
        "httpx",
        "websockets",
        "pandas",
        "statsmodels",
        "anthropic",
        "databento",
        "PIL",
    }


def test_what_draws_pictures_is_loaded_when_one_is_drawn():
    assert "PIL" not in loaded_after("import optix_tui.printing, optix_tui.pictures.drawing, optix_tui.pictures.payoff")


def test_a_surface_in_cells_needs_nothing_of_what_draws_it_in_pixels():
    looked_at = """
import asyncio
from tests.kit.stage import Stage

async def look():
    stage = Stage("OVDV", symbol="SPX")
    async with stage.run_test(size=(100, 30)) as pilot:
        await stage.settle(pilot)
        await pilot.press("2", "i")
        await stage.settle(pilot)
        assert "kitty and Ghostty" in stage.told[-1]

asyncio.run(look())
"""
    modules = loaded_after(looked_at)
    assert "optix_tui.screens.surface.pixel_plan" in modules
    assert "PIL" not in modules


def test_a_headless_engine_never_loads_the_terminal():
    modules = loaded_after("import engine.api, engine.runtime.compose, engine.daemon.host")
    assert "textual" not in modules
