"""`optix vol history`, `optix vol rank`, `optix vol compass` and `optix vix`: volatility through time and across names."""

import csv
import json

import pytest
from msgspec.structs import replace

from engine.cli import compass, vol
from engine.domain.errors import BadInput, StoreUnavailable, UnknownSymbol
from engine.messages.compass import GetCompass, GetVolatilityIndices
from engine.messages.measures import GetMeasures
from engine.messages.queries import GetDatabaseInfo
from tests.cli.test_commands import START, document, optix
from tests.kit import answers, compass_facts


@pytest.fixture
def told(monkeypatch):
    return answers.told(monkeypatch, vol, {GetMeasures: compass_facts.measures})


@pytest.fixture
def across(monkeypatch):
    return answers.told(
        monkeypatch,
        compass,
        {
            GetCompass: lambda query: compass_facts.compass(*query.symbols, window=query.window),
            GetVolatilityIndices: lambda query: compass_facts.indices(*query.symbols),
        },
    )


def read(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def test_a_running_market_knows_a_year_of_a_name():
    found = document("vol", "history", "SPY", "-n", "5", *START)
    assert found["schema"]["name"] == "optix.vol.history"
    assert [list(row) for row in found["values"]] == [["day", "value", "origin"]] * 5
    assert all(0.03 < row["value"] < 1 for row in found["values"])


def test_a_past_that_is_short_because_the_history_cannot_be_read_says_so(monkeypatch, capsys):
    def held(_):
        raise StoreUnavailable("The history live.duckdb is held by process 7.")

    def without_past(query):
        table = compass_facts.measures(query)
        short = [replace(one, sessions=0, refusal="0 sessions are known in the window") for one in table.histories]
        return replace(table, histories=tuple(short))

    answers.told(monkeypatch, vol, {GetMeasures: without_past, GetDatabaseInfo: held})
    vol.rank("SPY", as_json=True)
    told = capsys.readouterr()
    assert "without the history: The history live.duckdb is held by process 7." in told.err


def test_a_history_is_oldest_first_and_a_session_without_a_value_is_null(told, capsys):
    vol.history("spx", sessions=300, as_json=True)
    found = read(capsys)
    days = [row["day"] for row in found["values"]]
    assert days == sorted(days)
    assert days[-1] == "2026-11-19"
    assert sum(row["value"] is None for row in found["values"]) == 1
    assert found["schema"]["units"]["value"] == "fraction a year"


def test_within_sessions_each_value_has_its_instant(told, capsys):
    vol.history("SPX", intraday=True, as_json=True)
    found = read(capsys)
    assert not told.asked[-1].daily
    assert list(found["values"][0]) == ["at", "value"]
    assert found["values"][-1]["at"] == "2026-11-19T19:32:07Z"


def test_lines_for_a_spreadsheet_leave_the_unknown_empty(told, capsys):
    vol.history("SPX", sessions=300, as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(rows[0]) == ["day", "value", "origin"]
    assert sum(row["value"] == "" for row in rows) == 1


def test_a_name_without_a_past_says_so_and_is_no_error(told, capsys):
    vol.history("XOM")
    told_words = capsys.readouterr()
    assert "nothing is known of atm:30 yet" in told_words.err
    assert "import series" in told_words.err


@pytest.mark.parametrize(
    ("measure", "words"), [("atm:30", "it is recorded while an engine runs"), ("vex", "no engine records it, but it can be imported")]
)
def test_of_what_is_never_recorded_no_recording_is_promised(monkeypatch, capsys, measure, words):
    none = compass_facts.history("XOM", "atm:30", count=0, limit=5)

    def answer(query):
        return replace(compass_facts.measures(query), histories=tuple(replace(none, measure=one) for one in query.measures))

    answers.told(monkeypatch, vol, {GetMeasures: answer})
    vol.history("XOM", measure=measure)
    assert f"nothing is known of {measure} yet: {words}" in capsys.readouterr().err


def test_a_name_of_which_only_an_index_is_kept_is_told_by_that_one(monkeypatch, capsys):
    def answer(query):
        table = compass_facts.measures(query)
        wanted = query.measures or ("index:30",)
        found = tuple(compass_facts.history("VIX", one, count=0 if one == "atm:30" else 20, limit=query.limit) for one in wanted)
        return replace(table, histories=found)

    answers.told(monkeypatch, vol, {GetMeasures: answer})
    vol.history("VIX", as_json=True)
    found = read(capsys)
    assert (found["measure"], len(found["values"])) == ("index:30", 20)
    vol.history("VIX", measure="atm:30")
    assert "nothing is known of atm:30 yet" in capsys.readouterr().err


def test_a_rank_under_120_sessions_is_null_with_the_reason(told, capsys):
    vol.rank("META", as_json=True)
    found = read(capsys)
    assert {row["rank"] for row in found["measures"]} == {None}
    assert all("need 120" in row["refusal"] for row in found["measures"])
    assert set(found["measures"][0]) == set(vol.RANK_FIELDS)
    vol.rank("META")
    told_words = capsys.readouterr()
    assert "rank and percentile need 120" in told_words.err
    assert "nan" not in told_words.out


def test_of_many_measures_without_a_past_a_few_are_named(monkeypatch, capsys):
    young = [f"atm:{days}" for days in range(7, 16)]

    def answer(query):
        return replace(compass_facts.measures(query), histories=tuple(compass_facts.history("META", one, count=40) for one in young))

    answers.told(monkeypatch, vol, {GetMeasures: answer})
    vol.rank("META")
    assert "atm:7, atm:8, atm:9, atm:10, atm:11, 4 more: 38 sessions" in capsys.readouterr().err
    vol.rank("META", measure=young)
    assert "atm:14, atm:15: 38 sessions" in capsys.readouterr().err


def test_a_rank_stands_on_the_window_that_was_asked_for(told, capsys):
    vol.rank("SPX", measure=["atm:30", "rr25:30"], window=126, as_csv=True)
    assert (told.asked[-1].window, told.asked[-1].measures) == (126, ("atm:30", "rr25:30"))
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(rows[0]) == vol.RANK_FIELDS
    assert all(0 <= float(row["rank"]) <= 1 for row in rows)


def test_a_measure_that_is_none_is_refused_with_how_to_write_them():
    done = optix("vol", "rank", "SPY", "-m", "nonsense", *START)
    assert (done.returncode, done.stdout) == (2, "")
    assert "'nonsense' is no measure: use one of atm:30" in done.stderr


def test_the_compass_has_every_promised_field_and_null_for_unknown(across, capsys):
    compass.compass(as_json=True)
    found = read(capsys)
    assert found["schema"]["name"] == "optix.vol.compass"
    assert all(list(row) == compass.FIELDS for row in found["names"])
    by_name = {row["symbol"]: row for row in found["names"]}
    assert by_name["XOM"]["iv30"] is None
    assert (by_name["META"]["iv_rank"], by_name["META"]["iv_sessions"]) == (None, 40)
    assert by_name["VIX"]["breaking"] == ["ATM 1M jumps", "Term inverted"]
    assert set(compass.FIELDS) - {"symbol", "name"} <= set(found["schema"]["units"])
    assert across.asked[-1].complete


def test_the_compass_is_sorted_with_the_unknown_last(across, capsys):
    compass.compass(sort="iv", as_json=True)
    levels = [row["iv30"] for row in read(capsys)["names"]]
    assert levels[-1] is None
    assert levels[:-1] == sorted(levels[:-1], reverse=True)
    compass.compass(sort="name", as_csv=True)
    names = [row["symbol"] for row in csv.DictReader(capsys.readouterr().out.splitlines())]
    assert names == sorted(names)
    with pytest.raises(BadInput, match="there are name, rank"):
        compass.compass(sort="beauty")


def test_people_read_why_there_is_no_rank(across, capsys):
    compass.compass()
    told_words = capsys.readouterr()
    assert "META: 40 sessions are known in the window, and rank and percentile need 120" in told_words.err
    assert "nan" not in told_words.out


def test_names_that_are_listed_nowhere_are_told_and_none_at_all_is_an_error(monkeypatch, capsys):
    some = {GetCompass: lambda _: compass_facts.compass("SPX", unknown=("NOSUCH",))}
    answers.told(monkeypatch, compass, some)
    compass.compass(["SPX", "NOSUCH"])
    assert "not listed here: NOSUCH" in capsys.readouterr().err
    answers.told(monkeypatch, compass, {GetVolatilityIndices: lambda _: compass_facts.indices("SPX", rows=(), unknown=("NOSUCH",))})
    with pytest.raises(UnknownSymbol, match="NOSUCH"):
        compass.vix(["NOSUCH"])


def test_an_index_has_a_row_a_maturity_with_the_print_beside_it(across, capsys):
    compass.vix(["SPX", "IWM", "XOM"], as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(rows[0]) == compass.INDEX_FIELDS
    month = next(row for row in rows if (row["symbol"], row["days"]) == ("SPX", "30"))
    assert month["official"] == "VIX"
    assert float(month["gap"]) == pytest.approx(0.0024)
    year = next(row for row in rows if (row["symbol"], row["days"]) == ("IWM", "365"))
    assert (year["value"], year["come_by"]) == ("", "extrapolated")
    assert all(row["value"] == "" and "not fitted yet" in row["refusal"] for row in rows if row["symbol"] == "XOM")


def test_the_indices_are_one_document_with_units(across, capsys):
    compass.vix(["SPX"], as_json=True)
    found = read(capsys)
    assert found["schema"]["name"] == "optix.vix"
    maturities = found["names"][0]["maturities"]
    assert {name for row in maturities for name in row} <= set(found["schema"]["units"])
    compass.vix(["XOM"])
    assert "XOM: its surface is not fitted yet" in capsys.readouterr().err


def test_two_forms_at_once_are_refused(across):
    for command in (compass.compass, compass.vix):
        with pytest.raises(BadInput, match="not both"):
            command(as_json=True, as_csv=True)
