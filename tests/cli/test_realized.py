"""`optix vol cone`, `optix vol forecast`, `optix correlation`: what they promise, in each form."""

import asyncio
import csv
import io
import json
from types import SimpleNamespace

import pytest
from msgspec import structs

from engine.cli import correlation, realized
from engine.cli.realized_documents import CONE_FIELDS, CONE_UNITS, FORECAST_FIELDS, FORECAST_UNITS
from engine.domain.errors import BadInput, Refused
from engine.messages.queries import GetWatchlists, WatchlistSet
from engine.messages.realized import GetCorrelation, GetForecasts, GetRealized, VolatilityEstimator
from tests.cli.test_commands import START, document, optix
from tests.kit import engine_facts, realized_facts

HEAD = (
    "schema symbol source asof sessions_a_year known missing filled intraday_sessions corrected implied_asof implied_reason windows".split()
)


@pytest.fixture
def told(monkeypatch):
    """The commands get these facts instead of an engine's; what they asked is kept."""
    asked = []
    answers = {
        GetRealized: lambda query: realized_facts.realized(query.symbol, query),
        GetForecasts: lambda query: realized_facts.forecasts(query.symbol, query.horizon),
        GetCorrelation: realized_facts.correlation,
        GetWatchlists: lambda _query: engine_facts.watchlists(),
    }

    def run(use, **_options):
        async def ask(query):
            asked.append(query)
            return answers[type(query)](query)

        return asyncio.run(use(SimpleNamespace(ask=ask)))

    monkeypatch.setattr(realized, "with_engine", run)
    monkeypatch.setattr(correlation, "with_engine", run)
    return SimpleNamespace(asked=asked, answers=answers)


def test_the_cone_of_a_running_market_is_what_is_promised(tmp_path):
    found = document("vol", "cone", "SPY", "-w", "10", "-w", "252", *START, home=tmp_path)
    assert list(found) == HEAD
    short, long = found["windows"]
    assert list(short) == CONE_FIELDS
    assert short["min"] <= short["q05"] <= short["median"] <= short["q95"] <= short["max"]
    assert 0.03 < short["now"] < 1
    assert long["min"] <= long["median"] <= long["max"]
    assert long["refusal"] is None or not long["refusal"]
    assert found["known"] > 750, "three years, of which a window of 252 sessions has its quantiles"


def test_correlations_of_a_running_market_are_told_and_an_unknown_name_beside_them(tmp_path):
    done = optix("correlation", "SPX", "SPY", "VIX", "NOSUCH", *START, "--json", home=tmp_path)
    found = json.loads(done.stdout)
    assert found["unknown"] == ["NOSUCH"]
    assert "not known here: NOSUCH" in done.stderr
    assert [(pair["one"], pair["other"]) for pair in found["pairs"]] == [("SPX", "SPY"), ("SPX", "VIX"), ("SPY", "VIX")]
    assert found["pairs"][0]["correlation"] > 0.98
    assert found["pairs"][1]["correlation"] < 0


def test_every_field_of_a_document_has_its_unit_or_is_a_name(told, capsys):
    realized.cone("SPX", as_json=True)
    cone = json.loads(capsys.readouterr().out)
    names = {"estimator", "source", "symbol", "schema", "windows", "corrected", "implied_reason", "q25", "median", "q75", "q95", "max"}
    assert set(CONE_FIELDS) | set(cone) <= set(CONE_UNITS) | names
    realized.forecast("SPX", as_json=True)
    table = json.loads(capsys.readouterr().out)
    assert set(FORECAST_FIELDS) | set(table) <= set(FORECAST_UNITS) | {
        "model",
        "fit",
        "schema",
        "symbol",
        "source",
        "models",
        "sessions_a_year",
    }
    correlation.correlation(["SPY", "QQQ"], as_json=True)
    pairs = json.loads(capsys.readouterr().out)
    assert set(pairs["pairs"][0]) | set(pairs) <= set(correlation.UNITS) | {
        "one",
        "other",
        "schema",
        "source",
        "symbols",
        "unknown",
        "pairs",
    }


def test_estimators_are_named_in_whole_in_short_or_all(told, capsys):
    assert realized.estimators_of(["yz", "Parkinson", "yz"]) == (VolatilityEstimator.YANG_ZHANG, VolatilityEstimator.PARKINSON)
    assert realized.estimators_of(["all"]) == tuple(VolatilityEstimator)
    with pytest.raises(BadInput, match="there are close, parkinson, garman-klass"):
        realized.estimators_of(["heston"])
    realized.cone("SPX", estimator=["gk"], window=[63, 21, 21], corrected=True, as_csv=True)
    assert told.asked[0].windows == (21, 63)
    assert told.asked[0].corrected
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["estimator"], row["window"]) for row in rows] == [("garman-klass", "21"), ("garman-klass", "63")]


def test_a_table_of_a_cone_marks_weak_windows_and_says_what_is_refused(told, capsys):
    realized.cone("SPX")
    said = capsys.readouterr()
    assert "293~" in said.out
    assert "377 sessions, 2 missing" in said.err
    assert "of them" not in said.err, "nothing was asked of the feed afterwards"
    assert "fewer than 10 windows end to end" in said.err
    realized.cone("META")
    said = capsys.readouterr()
    assert "5: refused, 11 sessions hold 6 windows of 5; 20 are needed" in said.err
    assert "nan" not in said.out.lower()


def test_a_missing_implied_is_null_and_its_reason_is_told(told, capsys):
    told.answers[GetRealized] = lambda query: realized_facts.nothing_known(query.symbol)
    realized.cone("SPX", as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["asof"], found["known"]) == (None, 0)
    assert found["implied_reason"] == "no option of SPX has a quote"
    assert all(row["implied"] is None and row["now"] is None for row in found["windows"])
    realized.cone("SPX")
    assert "no implied volatility: no option of SPX has a quote" in capsys.readouterr().err


def test_forecasts_are_told_with_their_scores_and_a_refused_one_with_its_reason(told, capsys):
    realized.forecast("SPX", ahead=5, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["horizon"], told.asked[0].horizon) == (5, 5)
    best = next(one for one in found["models"] if one["rank"] == 1)
    assert (best["model"], best["verdict"]) == ("har", "beats")
    assert [step["sessions"] for step in best["term"]] == [1, 5, 10, 21, 42, 63]
    refused = next(one for one in found["models"] if one["model"] == "harq")
    assert refused["volatility"] is None
    assert "minute bars" in refused["refusal"]
    assert {one["rank"] for one in found["models"] if one["verdict"] in {"loses", "benchmark", "unscored"}} == {None}


def test_a_table_of_forecasts_has_the_best_first_and_names_what_loses(told, capsys):
    realized.forecast("SPX")
    said = capsys.readouterr()
    _title, _head, first, *rest = said.out.splitlines()
    assert first.startswith("1  har")
    assert sum("LOSES" in line for line in rest) == 2
    assert "harq: HARQ needs minute bars" in said.err
    assert "317 sessions in a row" in said.err
    realized.forecast("SPX", as_csv=True)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head == ",".join(FORECAST_FIELDS)
    assert "nan" not in "\n".join(lines)


def test_pairs_are_told_once_and_with_a_lag_in_either_order(told, capsys):
    correlation.correlation(["SPY", "QQQ", "VIX"], as_csv=True)
    assert len(capsys.readouterr().out.splitlines()) == 1 + 3
    correlation.correlation(["SPY", "QQQ", "VIX"], lag=1, as_csv=True)
    assert len(capsys.readouterr().out.splitlines()) == 1 + 9


def test_a_pair_of_too_few_sessions_is_null_with_the_reason(told, capsys):
    correlation.correlation(["SPY", "META"], as_json=True)
    (pair,) = json.loads(capsys.readouterr().out)["pairs"]
    assert (pair["correlation"], pair["n"]) == (None, 10)
    assert pair["refusal"] == "10 common sessions; 20 are needed"


def test_a_table_carries_signs_marks_and_the_sessions_it_stands_on(told, capsys):
    correlation.correlation(["SPY", "QQQ", "VIX", "META"])
    said = capsys.readouterr()
    assert "+0.87**" in said.out
    assert "-0.52**" in said.out
    assert "10-63" in said.out
    assert "of twenty pairs" in said.err
    with pytest.raises(BadInput, match="SPY alone moves with nothing: give two names or more"):
        correlation.correlation(["spy"])
    correlation.correlation(["SPY", "QQQ"], lag=-1)
    assert "the column's name comes 1 session before the other's" in capsys.readouterr().err


def test_two_names_are_followed_through_time(told, capsys):
    correlation.correlation(["SPY", "VIX"], rolling=True, as_json=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["one"], found["other"]) == ("SPY", "VIX")
    assert found["values"][-1]["day"] == "2026-11-18"
    assert all(-1 <= row["correlation"] <= 1 for row in found["values"])
    correlation.correlation(["SPY", "VIX"], rolling=True)
    assert "SPY / VIX  63 common sessions" in capsys.readouterr().out


@pytest.mark.parametrize("names", [["SPY"], ["SPY", "QQQ", "VIX"], None])
def test_more_or_fewer_than_two_names_cannot_be_followed(told, names):
    with pytest.raises(BadInput, match="two names, such as SPY QQQ"):
        correlation.correlation(names, rolling=True)


def test_a_pair_that_cannot_be_followed_is_refused_with_the_reason(told):
    with pytest.raises(Refused, match="SPY and META have too few common sessions"):
        correlation.correlation(["SPY", "META"], rolling=True)
    with pytest.raises(Refused, match="NOSUCH is not known here"):
        correlation.correlation(["SPY", "NOSUCH"], rolling=True)


def test_without_names_a_watchlist_is_compared(told, capsys):
    correlation.correlation(as_csv=True)
    correlation.correlation(watchlist="megacaps", as_csv=True)
    first, second = [query.symbols for query in told.asked if isinstance(query, GetCorrelation)]
    assert (first[0], second[0]) == ("SPX", "AAPL")
    with pytest.raises(BadInput, match="no watchlist 'bonds'; there are Main, Megacaps"):
        correlation.correlation(watchlist="bonds")
    told.answers[GetWatchlists] = lambda _query: WatchlistSet(lists=())
    with pytest.raises(BadInput, match="give names, such as SPY QQQ TLT"):
        correlation.correlation()


def test_wishes_that_exclude_each_other_are_refused_in_words(told):
    for command in (realized.cone, realized.forecast):
        with pytest.raises(BadInput, match="not both"):
            command("SPX", as_json=True, as_csv=True)
    with pytest.raises(BadInput, match="--json or --csv, not both"):
        correlation.correlation(["SPY"], as_json=True, as_csv=True)
    with pytest.raises(BadInput, match="names or a --list"):
        correlation.correlation(["SPY"], watchlist="Main")


def test_sessions_that_were_asked_of_the_feed_are_counted_apart(told, capsys):
    told.answers[GetRealized] = lambda query: structs.replace(realized_facts.realized(query.symbol, query), filled=5)
    realized.cone("SPX")
    assert "377 sessions, 5 of them not recorded here but asked of synthetic, 2 missing" in capsys.readouterr().err
