"""The command as a program: what it prints where, and how it ends. Every command here runs on the synthetic market in a home of its own."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

START = ("--seed", "7", "--start", "2026-11-20T10:00")


def optix(*arguments: str, home: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "optix_tui", *arguments],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        stdin=subprocess.DEVNULL,
        env=os.environ | ({"OPTIX_HOME": str(home)} if home else {}),
    )


def document(*arguments: str, home: Path | None = None) -> dict:
    done = optix(*arguments, "--json", home=home)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> dict:
    return document("chain", "SPY", *START, home=tmp_path_factory.mktemp("home"))


def test_the_chain_document_has_every_promised_field(chain):
    assert {"schema", "symbol", "spot", "asof", "source", "expiries"} <= set(chain)
    (expiry,) = chain["expiries"]
    assert {"expiry", "settlement", "years", "forward", "rate", "atm_iv", "expected_move", "contracts", "model", "root"} <= set(expiry)
    wanted = "contract strike right bid ask mid last volume open_interest iv iv_status delta gamma theta vega rho".split()
    assert all(set(wanted) == set(contract) for contract in expiry["contracts"])
    assert chain["schema"]["name"] == "optix.chain"
    assert "vol point" in chain["schema"]["units"]["vega"]


def test_every_number_of_the_chain_has_its_unit_in_the_schema(chain):
    (expiry,) = chain["expiries"]
    rows = [chain, expiry, *expiry["contracts"]]
    numbers = {name for row in rows for name, value in row.items() if isinstance(value, float | int)}
    assert numbers <= set(chain["schema"]["units"])


@pytest.fixture(scope="module")
def fitted(tmp_path_factory) -> dict:
    return document("chain", "SPY", "--fit-greeks", *START, home=tmp_path_factory.mktemp("home"))


def test_a_chain_has_the_greeks_at_the_fitted_smile_on_request_and_each_with_its_unit(chain, fitted):
    (expiry,) = fitted["expiries"]
    wanted = {"fit_iv", "fit_delta", "fit_gamma", "fit_theta", "fit_vega"}
    assert all(wanted <= set(contract) for contract in expiry["contracts"])
    assert not wanted & set(chain["expiries"][0]["contracts"][0])
    assert wanted <= set(fitted["schema"]["units"])
    near = [one for one in expiry["contracts"] if 0.1 < abs(one["delta"] or 0.0) < 0.9]
    assert len(near) > 4
    assert all(abs(one["fit_delta"] - one["delta"]) < 0.1 for one in near)


def test_a_chain_is_one_line_of_csv_a_contract(fitted):
    done = optix("chain", "SPY", "--fit-greeks", "--csv", *START)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert len(rows) == len(fitted["expiries"][0]["contracts"])
    assert list(rows[0])[:7] == ["expiry", "root", "settlement", "forward", "contract", "strike", "right"]
    assert list(rows[0])[-5:] == ["fit_iv", "fit_delta", "fit_gamma", "fit_theta", "fit_vega"]
    assert "nan" not in done.stdout
    both = optix("chain", "SPY", "--json", "--csv", *START)
    assert (both.returncode, "say --json or --csv, not both" in both.stderr) == (2, True)


def test_the_numbers_of_the_chain_are_those_of_an_option_market(chain):
    (expiry,) = chain["expiries"]
    assert chain["asof"].endswith("Z")
    assert abs(expiry["forward"] / chain["spot"] - 1) < 0.02
    assert 0.03 < expiry["atm_iv"] < 1.5
    near = min((c for c in expiry["contracts"] if c["right"] == "C"), key=lambda c: abs(c["strike"] - expiry["forward"]))
    assert 0.3 < near["delta"] < 0.7
    assert near["theta"] < 0 < near["vega"]
    assert near["iv_status"] == "ok"
    assert near["bid"] <= near["mid"] <= near["ask"]
    assert len(near["contract"]) == 21


def test_every_expiry_on_demand_and_am_and_pm_of_one_day_are_two_entries():
    everything = document("chain", "SPX", "--all", *START)["expiries"]
    days = {}
    for one in everything:
        days.setdefault(one["expiry"], []).append((one["root"], one["settlement"]))
    assert any(sorted(found) == [("SPX", "AM"), ("SPXW", "PM")] for found in days.values())
    assert [one["years"] for one in everything] == sorted(one["years"] for one in everything)


def test_an_expiry_that_is_not_listed_is_named_with_those_that_are():
    done = optix("chain", "SPY", "--expiry", "2026-11-22", *START)
    assert done.returncode == 2
    assert "2026-11-22" in done.stderr
    assert "2026-11-23" in done.stderr


def test_an_unknown_symbol_is_exit_code_one_and_words_on_stderr():
    done = optix("chain", "NOSUCH", "--json", *START)
    assert done.returncode == 1
    assert "NOSUCH is not listed by this feed" in done.stderr
    assert done.stdout == ""


def test_a_quote_of_an_unknown_symbol_says_the_same_words():
    done = optix("quote", "NOSUCH", *START)
    assert done.returncode == 1
    assert "NOSUCH is not listed by this feed" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("chain",), ("nonsense",), ("bars", "SPY", "--interval", "7m"), ("chain", "SPY", "--feed", "nosuchfeed")]
)
def test_wrong_usage_is_exit_code_two_and_says_what_to_do(arguments):
    done = optix(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert len(done.stderr) > 20


def test_a_broken_pipe_is_quiet():
    command = f"{sys.executable} -m optix_tui chain SPX --all --json | head -c 100"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=170)
    assert done.stderr == "simulated market, seed 7: every price, volatility and date is invented\n"


@pytest.mark.parametrize("command", [("surface", "SPY", "--csv"), ("expirations", "SPY"), ("vol", "history", "SPY", "--json")])
def test_a_simulated_market_says_so_beside_its_numbers_and_a_quiet_one_does_not(command):
    assert optix(*command, *START).stderr == "simulated market, seed 7: every price, volatility and date is invented\n"
    assert optix("--quiet", *command, *START).stderr == ""


def test_without_a_terminal_one_text_frame_is_printed():
    done = optix(*START)
    assert done.returncode == 0, done.stderr
    assert "OPTIX" in done.stdout
    assert "SIM" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_screen_is_printed_as_text():
    done = optix(*START, "print", "OMON", "SPY")
    assert done.returncode == 0, done.stderr
    assert "ATM IV" in done.stdout
    rows = document(*START, "print", "OMON", "SPY", "--height", "20")["rows"]
    assert len(rows) == 20
    assert any("ATM IV" in row for row in rows)


def test_functions_come_from_the_one_registry():
    codes = {row["code"] for row in document("functions")["functions"]}
    assert {"HOME", "W", "OMON", "DES", "GP", "GIP", "GPC", "OPX", "TAS", "DATA", "SYS", "SET", "HELP"} <= codes


def test_bars_history_quotes_and_expirations_each_give_a_document():
    assert len(document("bars", "SPY", "--interval", "2m", "--limit", "10", *START)["bars"]) == 10
    sessions = document("history", "SPY", "--sessions", "252", *START)["sessions"]
    assert len(sessions) >= 250
    assert sum(row["atm_iv_30"] is not None for row in sessions) >= 250
    assert {row["symbol"] for row in document("quote", "SPY", "VIX", *START)["quotes"]} == {"SPY", "VIX"}
    assert len(document("expirations", "SPY", *START)["expiries"]) > 8


def test_settings_plugins_store_and_doctor_each_give_a_document():
    assert all({"key", "value", "origin", "unit"} <= set(one) for one in document("config", "show")["settings"])
    assert {"synthetic", "file", "tape", "cboe"} <= {one["name"] for one in document("feeds")["feeds"]}
    assert document("db", "info")["schema_version"] >= 1
    assert document("doctor")["healthy"]


def test_a_setting_is_written_checked_and_read_back():
    assert optix("config", "set", "terminal.theme", "paper").returncode == 0
    (found,) = document("config", "show", "terminal.theme")["settings"]
    assert found["value"] == "paper"
    assert found["origin"].startswith("file")
    assert document("config", "set", "terminal.theme", "cvd")["schema"]["name"] == "optix.setting"
    refused = optix("config", "set", "terminal.theme", "mauve")
    assert refused.returncode == 2
    assert "amber" in refused.stderr


def test_watchlists_are_made_changed_and_forgotten():
    assert optix("watchlist", "set", "Mine", "SPY", "qqq").returncode == 0
    assert optix("watchlist", "add", "Mine", "NVDA").returncode == 0
    assert optix("watchlist", "remove", "mine", "SPY").returncode == 0
    (found,) = document("watchlist", "show", "mine")["lists"]
    assert found["symbols"] == ["QQQ", "NVDA"]
    assert "Mine" in document("watchlist", "delete", "Mine")["text"]
    assert optix("watchlist", "show", "Mine").returncode == 2


def test_a_tape_is_recorded_and_replayed(tmp_path):
    tape = tmp_path / "short.tape"
    recorded = optix("record", str(tape), "--for", "2", *START)
    assert recorded.returncode == 0, recorded.stderr
    assert tape.stat().st_size > 10_000
    again = optix("record", str(tape), "--for", "1", *START)
    assert again.returncode in {2, 5}
    assert "--overwrite" in again.stderr or "overwritten" in again.stderr
    done = optix("replay", str(tape), "--speed", "100", "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(line["symbol"] == "SPY" for line in lines)
    assert all(line["asof"] and line["bid"] is not None for line in lines if line["symbol"] == "SPY")
    assert optix("replay", str(tape), "--speed", "1000", "--json").stdout == done.stdout
    chained = document("chain", "SPY", "--feed", f"tape:{tape}")
    assert chained["source"].startswith("tape")


def test_an_interrupt_ends_a_recording_with_a_whole_tape(tmp_path):
    tape = tmp_path / "cut.tape"
    program = subprocess.Popen([sys.executable, "-m", "optix_tui", "record", str(tape)], stderr=subprocess.PIPE, text=True)
    try:
        for _ in range(900):
            if tape.exists() and tape.stat().st_size > 10_000:
                break
            time.sleep(0.1)
        program.send_signal(signal.SIGINT)
        _, words = program.communicate(timeout=90)
    finally:
        program.kill()
    assert program.returncode in {0, 130}, words
    assert optix("replay", str(tape), "--speed", "1000", "--json").returncode == 0


def test_a_file_that_is_no_chain_is_refused_by_name_and_the_others_go_in(tmp_path):
    bad = tmp_path / "page.json"
    bad.write_text("<html><body>403 Forbidden</body></html>")
    done = optix("import", str(bad))
    assert done.returncode == 4
    assert "page.json" in done.stderr


def test_the_version_is_said():
    done = optix("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("optix ")


def test_a_default_feed_that_is_not_there_is_refused_and_can_be_mended(home):
    refused = optix("config", "set", "feed.default", "bogus")
    assert refused.returncode == 2
    assert "synthetic" in refused.stderr
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text('[feed]\ndefault = "bogus"\n')
    sick = optix("doctor")
    assert sick.returncode == 1
    assert "feed.default" in sick.stdout
    assert optix("feeds").returncode == 0
    assert optix("config", "set", "feed.default", "synthetic").returncode == 0
    assert optix("doctor").returncode == 0


@pytest.mark.parametrize("form", ["--json", "--csv", ""])
def test_where_a_names_volatility_stands_is_told_with_what_it_stands_on(form, tmp_path):
    done = optix("vol", "rank", "SPY", "-m", "atm:30", *([form] if form else []), *START, home=tmp_path)
    assert done.returncode == 0, done.stderr
    if form == "--json":
        (found,) = json.loads(done.stdout)["measures"]
        assert 0 <= found["rank"] <= 1
        assert (found["sessions"], found["window"], found["refusal"], found["unit"]) == (252, 252, None, "fraction a year")
    elif form == "--csv":
        head, row = done.stdout.splitlines()
        assert dict(zip(head.split(","), row.split(","), strict=False))["sessions"] == "252"
    else:
        assert "252 of 252" in done.stdout


def test_the_history_of_a_measure_is_a_document_with_its_unit(tmp_path):
    found = document("vol", "history", "SPY", "--measure", "rr25:30", "-n", "5", *START, home=tmp_path)
    assert len(found["values"]) == 5
    assert found["schema"]["units"]["value"] == "fraction a year, signed"
    assert optix("vol", "history", "SPY", "-m", "skew", *START, home=tmp_path).returncode == 2


def test_a_daily_series_is_imported_once_and_a_bad_one_not_at_all(tmp_path):
    (tmp_path / "vix.csv").write_text("DATE,OPEN,HIGH,LOW,CLOSE\n11/18/2026,16,17,15,16.5\n")
    (tmp_path / "bad.csv").write_text("DATE,CLOSE\n11/18/2026,sixteen\n")
    first = document("import", "series", str(tmp_path / "vix.csv"), "--symbol", "VIX", home=tmp_path / "home")
    assert (first["days_added"], first["measure"], first["store"]) == (1, "level", "live")
    again = optix("import", "series", str(tmp_path / "vix.csv"), "-s", "VIX", "-m", "level", home=tmp_path / "home")
    assert "nothing changed" in again.stderr
    bad = optix("import", "series", str(tmp_path / "bad.csv"), "--symbol", "VIX", home=tmp_path / "home")
    assert bad.returncode == 2
    assert "line 2: 'sixteen' is no number" in bad.stderr


def test_a_history_that_had_to_be_set_aside_is_told_of_by_the_command_that_did_it(home):
    (home / "data").mkdir(parents=True)
    (home / "data" / "sim.duckdb").write_bytes(b"no database" * 1_000)
    done = optix("vol", "history", "SPY", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["symbol"] == "SPY"
    assert "kept as sim.damaged.duckdb" in done.stderr
    assert "damaged" not in optix("vol", "history", "SPY", "--json").stderr
