"""`optix breaches`: what happened and what happens, in each form."""

import csv
import json
from itertools import chain, repeat

import pytest
from msgspec.structs import replace

from engine.cli import breach_documents, breach_rules, breaches, since
from engine.cli.main import main
from engine.domain.errors import BadInput, StoreUnavailable
from engine.domain.ids import UtcNanos
from engine.domain.instants import DAY_NS, MINUTE_NS
from engine.messages.breaches import GetBreaches, GetBreachRules
from engine.messages.queries import GetDatabaseInfo, GetStatus
from tests.kit import answers, compass_facts, engine_facts, facts

ANSWERS = {
    GetBreaches: compass_facts.answer_breaches,
    GetBreachRules: compass_facts.board,
    GetStatus: lambda _: engine_facts.status(),
}


@pytest.fixture
def told(monkeypatch):
    return answers.told(monkeypatch, breaches, ANSWERS)


def asked_since(told):
    return next(one.since for one in told.asked if isinstance(one, GetBreaches))


def document(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def test_what_happened_is_a_document_with_the_unit_of_every_field(told, capsys):
    breaches.breaches(as_json=True)
    found = document(capsys)
    assert list(found) == ["schema", "source", "symbol", "rule", "breaches"]
    assert found["schema"]["name"] == "optix.breaches"
    assert [list(row) for row in found["breaches"]] == [breach_documents.FIELDS] * 4
    assert {"at", "event", "value", "estimate", "deviation", "threshold"} <= set(found["schema"]["units"])
    assert [row["event"] for row in found["breaches"]] == ["broken", "kept", "broken", "broken"]
    assert found["breaches"][3]["estimate"] is None
    assert found["breaches"][3]["unit"] == "fraction a year, signed"


def test_one_name_one_rule_and_a_time_are_asked_for_as_they_were_said(told, capsys):
    breaches.breaches("spx index", rule="ATM 1M jumps", since="2d", limit=7, as_json=True)
    (asked,) = [one for one in told.asked if isinstance(one, GetBreaches) and one.limit == 7]
    assert (asked.symbol, asked.rule, asked.limit) == ("SPX", "ATM 1M jumps", 7)
    assert engine_facts.status().market_time - asked.since == 2 * DAY_NS
    assert [row["symbol"] for row in document(capsys)["breaches"]] == ["SPX"]


def test_a_date_is_midnight_of_new_york(told):
    breaches.breaches(since="2026-11-18")
    assert asked_since(told) == facts.at(0, 0, day=facts.TODAY.replace(day=18))


@pytest.mark.parametrize("since", ["yesterday", "2 days", "-3d", "9999999d", ""])
def test_a_time_that_is_none_is_refused_with_what_to_write(told, since):
    with pytest.raises(BadInput, match="write it as 30m, 6h, 2d"):
        breaches.breaches(since=since)


def test_a_rule_that_never_was_is_refused_with_those_there_are(told):
    with pytest.raises(BadInput, match="there is no breach rule 'Nonsense': there are ATM 1M jumps, Term inverted, Night watch"):
        breaches.breaches(rule="Nonsense")


def test_a_rule_is_found_however_it_is_cased(told, capsys):
    breaches.breaches(rule="term INVERTED", limit=7, as_json=True)
    assert document(capsys)["rule"] == "Term inverted"
    assert [one.rule for one in told.asked if isinstance(one, GetBreaches) and one.limit == 7] == ["Term inverted"]


def test_a_rule_that_is_forgotten_keeps_its_past(monkeypatch, capsys):
    bare = {**ANSWERS, GetBreachRules: lambda _: replace(compass_facts.board(), rules=(), standings=())}
    answers.told(monkeypatch, breaches, bare)
    breaches.breaches(rule="Term inverted", as_json=True)
    assert len(document(capsys)["breaches"]) == 1


def test_lines_for_a_spreadsheet_leave_the_unknown_empty(told, capsys):
    breaches.breaches(as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert list(rows[0]) == breach_documents.FIELDS
    assert rows[3]["estimate"] == rows[3]["deviation"] == ""
    assert float(rows[0]["deviation"]) == 4.6


def test_people_read_percent_and_standard_errors(told, capsys):
    breaches.breaches()
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[-4:] == ["13.91%", "13.38%", "+4.6", "4.0"]
    assert lines[4].split()[-4:] == ["-0.71%", "—", "—", "-0.50%"]
    assert "nan" not in "".join(lines)


def test_where_nothing_happened_a_word_says_why(monkeypatch, capsys):
    answers.told(monkeypatch, breaches, {**ANSWERS, GetBreaches: lambda _: compass_facts.breaches()})
    breaches.breaches(as_json=True)
    told = capsys.readouterr()
    assert json.loads(told.out)["breaches"] == []
    assert "no breach is known: they are told and kept while an engine runs" in told.err


@pytest.mark.parametrize("happened", [0, 1])
def test_a_history_that_cannot_be_read_is_not_taken_for_an_empty_one(monkeypatch, capsys, happened):
    def held(_):
        raise StoreUnavailable("The history live.duckdb is held by process 7.")

    found = compass_facts.answer_breaches if happened else lambda _: compass_facts.breaches()
    answers.told(monkeypatch, breaches, {**ANSWERS, GetBreaches: found, GetDatabaseInfo: held})
    breaches.breaches(as_json=True)
    told = capsys.readouterr()
    assert len(json.loads(told.out)["breaches"]) == 4 * happened
    assert ("without the history: The history live.duckdb is held by process 7." in told.err) is not bool(happened)


def test_following_tells_the_past_oldest_first_and_then_each_breach_once(monkeypatch, capsys):
    fresh = compass_facts.happened(rule="Term inverted", value=-0.02, estimate=facts.NAN, deviation=facts.NAN)
    again = compass_facts.happened(at=compass_facts.MARKS[0].at)
    seen = answers.told(monkeypatch, breaches, ANSWERS, again, fresh)
    breaches.breaches("SPX", follow=True, as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["schema"] for line in lines] == ["optix.breaches/1"] * 4
    assert [line["at"] for line in lines[:3]] == sorted(line["at"] for line in lines[:3])
    assert (lines[3]["rule"], lines[3]["estimate"]) == ("Term inverted", None)
    assert [(one.event, one.key) for one in seen.topics] == [("BreachHappened", "SPX")]
    assert seen.script.closed


def test_following_one_rule_leaves_the_others_out(monkeypatch, capsys):
    other = compass_facts.happened(rule="Filter jumps")
    answers.told(monkeypatch, breaches, ANSWERS, other)
    breaches.breaches(rule="Term inverted", follow=True, as_csv=True)
    assert [row["rule"] for row in csv.DictReader(capsys.readouterr().out.splitlines())] == ["Term inverted"]


def test_a_reader_who_goes_away_ends_the_following(monkeypatch):
    seen = answers.told(monkeypatch, breaches, ANSWERS, compass_facts.happened())

    def gone(_content):
        raise BrokenPipeError

    monkeypatch.setattr(breaches.output, "line", gone)
    with pytest.raises(BrokenPipeError):
        breaches.breaches(follow=True, as_json=True)
    assert seen.script.closed


def test_wishes_that_exclude_each_other_are_refused(told):
    with pytest.raises(BadInput, match="not both"):
        breaches.breaches(as_json=True, as_csv=True)


def test_a_span_is_counted_from_a_markets_own_time_once_it_has_said_it(monkeypatch):
    waking = chain([engine_facts.status(own_clock=True, updates=0, market_time=UtcNanos(1))], repeat(engine_facts.status(own_clock=True)))
    monkeypatch.setattr(since, "LOOK_SECONDS", 0.0)
    told = answers.told(monkeypatch, breaches, {**ANSWERS, GetStatus: lambda _: next(waking)})
    breaches.breaches(since="30m")
    assert engine_facts.status().market_time - asked_since(told) == 30 * MINUTE_NS


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["SPX", "--json"], "breaches"),
        (["--json"], "breaches"),
        ([], "breaches"),
        (["rules"], "rules"),
        (["happened", "-n", "3"], "breaches"),
    ],
)
def test_the_noun_alone_or_with_a_name_tells_what_happened(monkeypatch, capsys, words, command):
    for module in (breaches, breach_rules):
        answers.told(monkeypatch, module, ANSWERS)
    assert main(["breaches", *words]) == 0
    assert (("Names" if command == "rules" else "At (UTC)") in capsys.readouterr().out) is ("--json" not in words)
