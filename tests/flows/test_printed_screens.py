"""Every screen as text on a home where nothing was ever done: whole, and without an error."""

import re
from pathlib import Path

import pytest

from optix_tui import printing
from optix_tui.__main__ import main
from optix_tui.registry import FUNCTIONS

WIDE = ["--width", "160", "--height", "45"]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all screens: what one of them leaves must not trouble the next."""
    return tmp_path_factory.mktemp("fresh")


@pytest.fixture(autouse=True)
def on_it(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIX_HOME", str(fresh))
    monkeypatch.setenv("OPTIX_ENGINE__NUMBA", "false")  # kernels warmed here would change the numbers of later tests


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    code = main(["print", *words, *WIDE])
    said = capsys.readouterr()
    assert code == 0, said.err
    return [line for line in said.out.splitlines() if line]


@pytest.mark.parametrize("code", [entry.code for entry in FUNCTIONS if entry.code != "REPL"])
def test_each_function_prints_something_whole(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(capsys, code, "SPX") if next(one for one in FUNCTIONS if one.code == code).needs_security else printed(capsys, code)
    assert code in lines[0]
    assert len(lines) > 3
    assert not any("waiting for" in line for line in lines)


def test_a_past_that_is_not_there_is_refused_with_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["print", "REPL", "SPX", *WIDE]) == 1
    assert re.search(r"nothing (?:has been recorded|is stored of SPX) yet", capsys.readouterr().err)


def test_a_printed_watchlist_has_a_price_in_each_row(capsys: pytest.CaptureFixture[str]) -> None:
    rows = printed(capsys, "W")[2:]
    assert len(rows) == 10
    assert not [row for row in rows if "…" in row]


def test_a_printed_overview_has_all_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert "15 names" in printed(capsys, "HOME")[0]


def test_a_printed_contract_has_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    text = "\n".join(printed(capsys, "DES", "SPX", "6700P", "DEC18"))
    assert re.search(r"IV of mid +\d+\.\d+%", text)
    assert re.search(r"Delta +-0\.\d+", text)


def test_a_name_the_market_does_not_have_is_refused_at_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "PATIENCE", 3_600.0)
    monkeypatch.setattr(printing, "LISTING_SECONDS", 3_600.0)
    assert main(["print", "OMON", "XYZQ", *WIDE]) == 1
    said = capsys.readouterr()
    assert "XYZQ is not listed by this feed" in said.err
    assert said.out == ""
