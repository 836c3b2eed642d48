"""What is loaded before the first paint: Textual, numpy, msgspec and our own, nothing that takes its time."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HEAVY = {"duckdb", "polars", "scipy", "numba", "httpx", "websockets", "typer", "tomlkit", "keyring", "statsmodels", "pyarrow", "llvmlite"}
PROGRAM = """
import asyncio, json, sys
from optix_tui.remote import prepare_environment
prepare_environment()
from optix_tui.app import OptixApp
from optix_tui.opening import options_here

async def paint():
    app = OptixApp(options_here(live=False))
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.pause()
        return [tile.entry.code for tile in app.bench.tiles]

codes = asyncio.run(paint())
print(json.dumps({"codes": codes, "modules": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


def run(program: str, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"OPTIX_HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60
    )


def test_the_first_paint_of_the_main_workspace_loads_nothing_heavy(tmp_path):
    found = json.loads(run(PROGRAM, tmp_path).stdout)
    assert found["codes"] == ["OMON", "OPX", "GIP", "W"]
    assert set(found["modules"]) & HEAVY == set()


def test_opening_the_workstation_needs_no_library_of_the_command_line(tmp_path):
    program = "import sys, optix_tui.__main__ as program; import optix_tui.opening; program.main([]); print('typer' in sys.modules)"
    assert run(program, tmp_path).stdout.splitlines()[-1] == "False"


def test_the_list_of_functions_needs_no_textual(tmp_path):
    found = run("import sys, optix_tui.registry, optix_tui.keys, optix_tui.parser; print('textual' in sys.modules)", tmp_path)
    assert found.stdout.strip() == "False"


def test_frames_and_threads_are_settled_before_textual_is_imported():
    from optix_tui.remote import is_remote, prepare_environment

    here: dict[str, str] = {}
    prepare_environment(here)
    assert (here["TEXTUAL_FPS"], here["OPENBLAS_NUM_THREADS"]) == ("120", "1")
    far = {"SSH_CONNECTION": "10.0.0.1 22"}
    prepare_environment(far)
    assert far["TEXTUAL_FPS"] == "30"
    chosen = {"TEXTUAL_FPS": "60"}
    prepare_environment(chosen)
    assert chosen["TEXTUAL_FPS"] == "60"
    assert is_remote({"MOSH_KEY": "x"})
    assert not is_remote({"TERM": "xterm"})
