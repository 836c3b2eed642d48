"""A picture from the command line to the file, on the simulated market in a home where nothing was ever done."""

import pytest
from PIL import Image

from optix_tui.__main__ import main

MARKET = ["--seed", "7", "--start", "2026-11-20T10:45"]


@pytest.fixture(autouse=True)
def at_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIX_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("OPTIX_ENGINE__NUMBA", "false")  # kernels warmed here would change the numbers of later tests


def test_a_smile_of_the_simulated_market_is_drawn(tmp_path, capsys):
    target = tmp_path / "smile.png"
    assert main(["smile", "SPY", *MARKET, "--png", str(target), "--size", "100x30"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("OVDV SPY Volatility Surface, 100 by 30 cells\n")
    with Image.open(target) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", (1800, 1080))
        assert image.text["Source"] == "SIM synthetic"
        assert "20-Nov-26 10:45" in image.text["Comment"]
        assert len(image.getcolors(1_000_000) or ()) > 100


def test_a_refusal_ends_with_its_exit_code_and_without_a_file(tmp_path, capsys):
    assert main(["gex", "SPY", *MARKET, "--png", str(tmp_path / "gex.jpg")]) == 2
    assert "does not end in .png" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
