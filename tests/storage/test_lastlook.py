import stat
import subprocess
import sys
from pathlib import Path

import pytest

from engine.storage.lastlook import KEPT_LOOKS, MAX_LOOK_BYTES, read_last_look, write_last_look


def _file(folder: Path) -> Path:
    return next(folder.rglob("*.look"))


def test_the_last_look_comes_back(tmp_path: Path) -> None:
    assert write_last_look(tmp_path, "live", "SPY", b"first")
    assert write_last_look(tmp_path, "live", "SPY", b"second")
    assert read_last_look(tmp_path, "live", "spy") == b"second"


def test_stores_and_names_do_not_mix(tmp_path: Path) -> None:
    write_last_look(tmp_path, "sim", "SPY", b"sim")
    write_last_look(tmp_path, "live", "BRK.B", b"dot")
    write_last_look(tmp_path, "live", "BRK/B", b"slash")
    assert read_last_look(tmp_path, "live", "SPY") is None
    assert read_last_look(tmp_path, "live", "BRK.B") == b"dot"
    assert read_last_look(tmp_path, "live", "BRK/B") == b"slash"
    assert read_last_look(tmp_path, "sim", "SPY") == b"sim"


@pytest.mark.parametrize("harm", ["cut", "empty", "flip", "magic", "longer", "zeroed tail"])
def test_a_harmed_look_counts_as_absent(tmp_path: Path, harm: str) -> None:
    write_last_look(tmp_path, "live", "SPY", b"x" * 100)
    path = _file(tmp_path)
    content = bytearray(path.read_bytes())
    if harm == "cut":
        content = content[:-1]
    elif harm == "empty":
        content = bytearray()
    elif harm == "flip":
        content[60] ^= 1
    elif harm == "magic":
        content[0] ^= 1
    elif harm == "longer":
        content += b"x"
    else:
        content[-20:] = bytes(20)
    path.write_bytes(content)
    assert read_last_look(tmp_path, "live", "SPY") is None


def test_a_look_too_large_is_not_written(tmp_path: Path) -> None:
    write_last_look(tmp_path, "live", "SPY", b"small")
    assert not write_last_look(tmp_path, "live", "SPY", bytes(MAX_LOOK_BYTES + 1))
    assert read_last_look(tmp_path, "live", "SPY") == b"small"


def test_only_the_newest_names_are_kept(tmp_path: Path) -> None:
    for number in range(KEPT_LOOKS + 5):
        write_last_look(tmp_path, "live", f"N{number}", b"x")
    assert len(list(tmp_path.rglob("*.look"))) == KEPT_LOOKS
    assert read_last_look(tmp_path, "live", f"N{KEPT_LOOKS + 4}") == b"x"


def test_looks_are_their_owners_alone(tmp_path: Path) -> None:
    write_last_look(tmp_path, "live", "SPY", b"x")
    assert stat.S_IMODE(_file(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(_file(tmp_path).parent.stat().st_mode) == 0o700


def test_the_first_paint_loads_neither_database_nor_numbers() -> None:
    code = "import sys, engine.storage.lastlook; print(sorted({'duckdb', 'numpy', 'msgspec', 'polars', 'asyncio'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert found.stdout.strip() == "[]"
