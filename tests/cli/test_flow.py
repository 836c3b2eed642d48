"""`optix flow`, `optix active`, `optix interest`: what they promise, in each form, and how a stream of prints ends."""

import csv
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from msgspec.structs import replace

from engine.cli import flow, flow_documents
from engine.domain.columns import floats
from engine.domain.errors import BadInput, Refused
from engine.domain.flow import FlowFilter, FlowRight
from engine.domain.instants import iso, utc_instant
from engine.messages.flow import FLOW_ROWS, ActiveBy, Gap, GetFlow, GetMostActive, GetOpenInterestMap
from engine.messages.queries import GetExpirations, GetStatus
from tests.cli.test_commands import START, document, optix
from tests.kit import answers, engine_facts, facts, flow_facts

ANSWERS = {
    GetFlow: lambda query: flow_facts.tape(query.symbol, filtered=query.filtered, recorded=query.recorded),
    GetMostActive: lambda query: flow_facts.active(query.symbol, query.by, query.right),
    GetStatus: lambda _: engine_facts.status(),
    GetOpenInterestMap: lambda query: flow_facts.interest(query.symbol),
}


@pytest.fixture
def told(monkeypatch):
    return answers.told(monkeypatch, flow, ANSWERS)


def read(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def numbers_of(rows):
    return {name for row in rows for name, value in row.items() if isinstance(value, float)}


def test_a_running_market_tells_its_prints_with_every_promised_field():
    found = document("flow", "SPY", *START)
    assert {"schema", "symbol", "asof", "source", "state", "filter", "totals", "prints"} == set(found)
    assert found["schema"]["name"] == "optix.flow"
    assert all(list(row) != [] and set(row) == set(flow_documents.FIELDS) for row in found["prints"])
    assert {row["symbol"] for row in found["prints"]} <= {"SPY"}


def test_a_pipe_that_is_closed_ends_a_stream_without_a_word():
    with subprocess.Popen(
        [sys.executable, "-m", "optix_tui", "flow", "--follow", "--json", *START],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        first = json.loads(running.stdout.readline())
        assert first["schema"] == "optix.flow/1"
        running.stdout.close()
        assert running.wait(timeout=60) == 0
        assert "Traceback" not in running.stderr.read()


def test_an_unknown_name_is_refused_before_anything_is_printed():
    done = optix("flow", "NOSUCH", *START)
    assert (done.returncode, done.stdout) == (1, "")
    assert "NOSUCH" in done.stderr


def test_every_number_of_a_print_has_its_unit_or_is_a_price(told, capsys):
    flow.flow("SPX", as_json=True)
    found = read(capsys)
    plain = {"strike", "bid", "ask", "spot"}
    assert numbers_of(found["prints"]) - plain <= set(found["schema"]["units"])


def test_an_open_interest_that_is_unknown_is_null_and_never_nought(told, capsys):
    flow.flow("SPX", as_json=True)
    unknown = [row for row in read(capsys)["prints"] if row["open_interest"] is None]
    assert unknown
    assert all(row["volume_over_open_interest"] is None and not row["above_open_interest"] for row in unknown)


def test_a_print_whose_open_interest_is_nought_has_no_ratio(monkeypatch, capsys):
    tape = flow_facts.tape("SPX", 3)
    answers.told(monkeypatch, flow, {GetFlow: lambda _: replace(tape, open_interest=floats([0.0, 0.0, 10.0]))})
    flow.flow("SPX", as_json=True)
    assert [row["volume_over_open_interest"] is None for row in read(capsys)["prints"]] == [True, True, False]


def test_a_guess_is_marked_and_what_the_venue_says_is_not(told, capsys):
    flow.flow("SPX")
    text = capsys.readouterr().out
    assert "~buy" in text
    assert "~bull call spread" in text
    assert "nan" not in text


def test_the_words_of_a_filter_may_come_together_or_one_by_one(told):
    flow.flow("spx", words=["otm vol>oi", ">=50k"], limit=9)
    query = told.asked[-1]
    assert (query.symbol, query.limit, query.recorded) == ("SPX", 9, False)
    assert query.filtered.text == "otm vol>oi >=50k"
    flow.flow(unusual=True)
    assert told.asked[-1].symbol == ""
    assert told.asked[-1].filtered != FlowFilter()


def test_bad_wishes_are_refused_in_words(told):
    with pytest.raises(BadInput, match="sideways"):
        flow.flow(words=["sideways"])
    with pytest.raises(BadInput, match="not both"):
        flow.flow(as_json=True, as_csv=True)
    with pytest.raises(BadInput, match="what is recorded is over"):
        flow.flow(follow=True, recorded=True)
    with pytest.raises(BadInput, match="there are volume, premium, voi, oichange"):
        flow.active(by="size")
    with pytest.raises(BadInput, match="there are both, calls, puts"):
        flow.active(right="straddles")


def test_a_feed_without_prints_and_a_quiet_one_are_told_apart(monkeypatch, capsys):
    monkeypatch.setattr(flow, "LOOK_SECONDS", 0.0)
    answers.told(monkeypatch, flow, {GetFlow: lambda _: flow_facts.tape("SPX", 0, has_prints=False)})
    flow.flow("SPX")
    assert "tells no prints: flow needs a feed with trades" in capsys.readouterr().err
    seen = answers.told(monkeypatch, flow, {GetFlow: lambda _: flow_facts.tape("SPX", 0)})
    flow.flow("SPX")
    assert "no option has printed since this engine started" in capsys.readouterr().err
    assert len(seen.asked) > 1


def test_following_tells_each_print_once_oldest_first(monkeypatch, capsys):
    first = flow_facts.tape("SPX", 3, first=1)
    fresh = flow_facts.changed("SPX", count=4, first=2)
    seen = answers.told(monkeypatch, flow, {**ANSWERS, GetFlow: lambda _: first}, fresh)
    flow.flow("SPX", follow=True, as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 3 + 2
    assert set(lines[0]) == {"schema", *flow_documents.FIELDS}
    assert seen.script.closed


def burst(monkeypatch, capsys, *, first, last, longer):
    """Following, while an event tells the newest 200 of prints up to ``last``: sequences told, and what was said beside them."""
    tapes = [flow_facts.tape("SPX", first, first=1), *longer]
    event = flow_facts.changed("SPX", count=FLOW_ROWS, first=last - FLOW_ROWS + 1)
    seen = answers.told(monkeypatch, flow, {**ANSWERS, GetFlow: lambda _: tapes.pop(0)}, event)
    flow.flow("SPX", follow=True, as_json=True)
    done = capsys.readouterr()
    return (
        len(done.out.splitlines()),
        done.err.partition("New York\n")[2],
        [query.limit for query in seen.asked if isinstance(query, GetFlow)],
    )


def test_more_prints_at_once_than_an_event_tells_are_fetched_and_none_is_missing(monkeypatch, capsys):
    whole = flow_facts.tape("SPX", 400, first=1)
    assert burst(monkeypatch, capsys, first=3, last=400, longer=[whole]) == (400, "", [50, flow.MOST_ROWS])
    assert burst(monkeypatch, capsys, first=150, last=300, longer=[]) == (300, "", [50])
    assert burst(monkeypatch, capsys, first=0, last=250, longer=[flow_facts.tape("SPX", 250, first=1)])[0] == 250


def test_prints_that_are_lost_in_a_flood_are_said_to_be(monkeypatch, capsys):
    monkeypatch.setattr(flow, "MOST_ROWS", 300)
    newest = flow_facts.tape("SPX", 300, first=701, dropped=12)
    told, said, _ = burst(monkeypatch, capsys, first=3, last=1_000, longer=[newest])
    assert told == 303
    assert "more than 300 prints came at once: the oldest of them are missing here" in said
    assert "12 prints came faster than the engine could take them" in said


def test_a_filter_on_what_is_not_recorded_says_why_nothing_passes(told, capsys):
    flow.flow("SPX", words=["ask>=50%"], recorded=True, as_json=True)
    assert "the share that met the ask is not known" in capsys.readouterr().err


def test_a_feed_without_prints_is_not_followed_for_ever(monkeypatch):
    answers.told(monkeypatch, flow, {**ANSWERS, GetFlow: lambda _: flow_facts.tape("SPX", 0, has_prints=False)})
    with pytest.raises(Refused, match="needs a feed with trades"):
        flow.flow("SPX", follow=True, as_json=True)


def test_totals_of_a_day_before_and_gaps_are_said_in_every_form(monkeypatch, capsys):
    friday, monday = utc_instant(facts.TODAY), utc_instant(facts.TODAY + timedelta(days=3))
    gap = Gap(since=facts.at(10, 42), until=facts.at(10, 55))
    old = flow_facts.totals(day=monday, volume_day=friday, gaps=(gap,))
    forms = {
        GetFlow: lambda query: flow_facts.tape(query.symbol, totals=old),
        GetMostActive: lambda query: flow_facts.active(query.symbol, totals=old),
        GetOpenInterestMap: lambda query: flow_facts.interest(query.symbol, totals=old),
    }
    answers.told(monkeypatch, flow, {**ANSWERS, **forms})
    day = str(facts.TODAY)
    for command in (flow.flow, flow.active, flow.interest):
        command("SPX", as_json=True)
        totals = read(capsys)["totals"]
        assert (totals["day"], totals["volume_day"]) == (str(facts.TODAY + timedelta(days=3)), day)
        assert totals["gaps"] == [{"since": iso(gap.since), "until": iso(gap.until)}]
        command("SPX")
        assert f"volume of {day}" in capsys.readouterr().out
    flow.flow("SPX")
    assert f"without {iso(gap.since)[11:19]} to {iso(gap.until)[11:19]}" in capsys.readouterr().out


def test_following_for_a_spreadsheet_has_one_head(monkeypatch, capsys):
    answers.told(monkeypatch, flow, ANSWERS, flow_facts.changed("SPX", count=2, first=900))
    flow.flow("SPX", follow=True, as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert len(rows) == 60 + 2
    assert list(rows[0]) == flow_documents.FIELDS


def test_a_reader_who_goes_away_ends_the_watch(monkeypatch):
    seen = answers.told(monkeypatch, flow, ANSWERS, flow_facts.changed("SPX"))

    def gone(_content):
        raise BrokenPipeError

    monkeypatch.setattr(flow.output, "line", gone)
    with pytest.raises(BrokenPipeError):
        flow.flow("SPX", follow=True, as_json=True)
    assert seen.script.closed


@pytest.mark.parametrize(("by", "right"), [("volume", "both"), ("premium", "calls"), ("voi", "puts"), ("oichange", "both")])
def test_ranks_are_asked_for_and_told_in_their_order(told, capsys, by, right):
    flow.active("SPX", by=by.upper(), right=right, as_json=True)
    found = read(capsys)
    assert told.asked[-1].by is ActiveBy[flow.RANKINGS[by]]
    assert told.asked[-1].right is {"both": FlowRight.ANY, "calls": FlowRight.CALLS, "puts": FlowRight.PUTS}[right]
    assert [row["rank"] for row in found["contracts"]] == list(range(1, len(found["contracts"]) + 1))
    assert all(list(row) for row in found["contracts"])
    assert {name for row in found["contracts"] for name in row} == set(flow_documents.ACTIVE_FIELDS)


def test_a_name_that_is_not_priced_yet_is_priced_before_it_is_told(monkeypatch, capsys):
    priced = flow_facts.active("SPX")
    told_one_by_one = iter([replace(priced, iv=floats([float("nan")] * len(priced.name))), priced])
    known = {GetMostActive: lambda _: next(told_one_by_one), GetExpirations: lambda query: facts.expirations(query.symbol)}
    seen = answers.told(monkeypatch, flow, {**ANSWERS, **known})
    flow.active("SPX", as_json=True)
    assert [type(one).__name__ for one in seen.asked] == ["GetMostActive", "GetExpirations", "GetMostActive"]
    assert any(row["iv"] for row in read(capsys)["contracts"])


def test_a_name_that_cannot_be_priced_is_asked_for_once_and_told_without(monkeypatch, capsys):
    def unpriced(query):
        answer = flow_facts.active(query.symbol)
        return replace(answer, iv=floats([float("nan")] * len(answer.name)), last=floats([0.0038] * len(answer.name)))

    seen = answers.told(monkeypatch, flow, {**ANSWERS, GetMostActive: unpriced})
    flow.active("SPX")
    assert [type(one).__name__ for one in seen.asked] == ["GetMostActive", "GetExpirations", "GetMostActive"]
    told = capsys.readouterr()
    assert "SPX: nobody told" in told.err
    assert {line.split()[-2] for line in told.out.splitlines()[2:]} == {"0.0038"}


def test_a_change_of_open_interest_that_is_unknown_is_null(told, capsys):
    flow.active("SPX", as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert {row["change"] == "" for row in rows} == {True, False}
    flow.active("SPX")
    assert "nan" not in capsys.readouterr().out


def test_the_map_has_a_row_a_listed_contract_and_none_for_those_that_are_not(told, capsys):
    flow.interest("SPX", as_json=True)
    found = read(capsys)
    assert list(found["contracts"][0]) == flow_documents.INTEREST_FIELDS
    untold = [row for row in found["contracts"] if row["open_interest"] is None]
    assert {row["expiry"] for row in untold} == {found["contracts"][-1]["expiry"]}
    third = {row["strike"] for row in found["contracts"] if row["expiry"] == "2026-11-20"}
    assert len(third) < len({row["strike"] for row in found["contracts"]}) + 1
    flow.interest("SPX", as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert len(rows) == len(found["contracts"])


def test_the_table_of_expiries_has_a_dash_where_no_open_interest_is_told(told, capsys):
    flow.interest("SPX")
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.split()[-2:] == ["—", "—"]
