"""The checks that read the code instead of running it are part of the tests: one command proves everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BIN = Path(sys.executable).parent


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


def test_ruff_finds_nothing():
    run(str(BIN / "ruff"), "check", ".")


def test_every_file_is_formatted():
    run(str(BIN / "ruff"), "format", "--check", ".")


@pytest.mark.timeout(600)
def test_mypy_strict_finds_nothing():
    """As the Python that runs the tests: the stubs of the numpy it has may use that Python's own syntax."""
    run(sys.executable, "-m", "mypy", f"--python-version={sys.version_info.major}.{sys.version_info.minor}")


def test_imports_run_down_the_storeys_and_through_the_two_doors():
    run(str(BIN / "lint-imports"))
