"""The wheel is whole: built, installed where no checkout is, and asked for a chain."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.timeout(300)
def test_an_installed_wheel_prints_a_chain_and_carries_config_and_data(tmp_path):
    built = tmp_path / "dist"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(built), str(ROOT)], check=True, cwd=tmp_path)
    (wheel,) = built.glob("optix-*.whl")
    place = tmp_path / "environment"
    venv.EnvBuilder(with_pip=False).create(place)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    library = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    subprocess.run([*pip, "install", "-q", "--no-deps", "--target", str(library), str(wheel)], check=True, cwd=tmp_path)
    # The dependencies are borrowed from this environment; a plain path line brings them without the checkout's own editable entry.
    (library / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    environment = {**os.environ, "OPTIX_HOME": str(tmp_path / "home")}
    environment.pop("PYTHONPATH", None)

    where = "import engine, engine.api as a; print(engine.__file__); print(a.shipped('config')); print(a.shipped('data'))"
    shown = subprocess.run([python, "-c", where], check=True, capture_output=True, text=True, cwd=tmp_path, env=environment).stdout.split(
        "\n"
    )
    assert all(str(library.resolve()) in str(Path(line).resolve()) for line in shown[:3])

    done = subprocess.run(
        [python, "-m", "optix_tui", "chain", "SPY", "--json"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["symbol"] == "SPY"
    assert document["expiries"][0]["contracts"]

    replayed = subprocess.run(
        [python, "-m", "optix_tui", "replay", "morning.tape", "--speed", "1000", "--json"],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=environment,
        timeout=120,
    )
    assert replayed.returncode == 0, replayed.stderr
    assert {json.loads(line)["symbol"] for line in replayed.stdout.splitlines()} == {"SPY", "NVDA", "SPX", "VIX"}
