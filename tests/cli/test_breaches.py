"""`optix breaches`: what happened, what happens, and the rules; in each form."""

import csv
import json

import pytest
from msgspec.structs import replace

from engine.cli import breach_documents, breaches
from engine.domain.errors import BadInput
from engine.domain.instants import DAY_NS
from engine.messages.breaches import GetBreaches, GetBreachRules
from engine.messages.queries import GetStatus
from engine.messages.surface import GetSurface
from tests.kit import answers, compass_facts, engine_facts, facts, surface_facts

ANSWERS = {
    GetBreaches: compass_facts.answer_breaches,
    GetBreachRules: compass_facts.board,
    GetStatus: lambda _: engine_facts.status(),
    GetSurface: lambda _: surface_facts.surface("SPX"),
}


@pytest.fixture
def told(monkeypatch):
    return answers.told(monkeypatch, breaches, ANSWERS)


def document(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def test_what_happened_is_a_document_with_the_unit_of_every_field(told, capsys):
    breaches.breaches(as_json=True)
    found = document(capsys)
    assert list(found) == ["schema", "symbol", "rule", "breaches"]
    assert found["schema"]["name"] == "optix.breaches"
    assert [list(row) for row in found["breaches"]] == [breach_documents.FIELDS] * 4
    assert {"at", "event", "value", "estimate", "deviation", "threshold"} <= set(found["schema"]["units"])
    assert [row["event"] for row in found["breaches"]] == ["broken", "kept", "broken", "broken"]
    assert found["breaches"][3]["estimate"] is None
    assert found["breaches"][3]["unit"] == "fraction a year, signed"


def test_one_name_one_rule_and_a_time_are_asked_for_as_they_were_said(told, capsys):
    breaches.breaches("spx index", rule="ATM 1M jumps", since="2d", limit=7, as_json=True)
    asked = told.asked[-1]
    assert (asked.symbol, asked.rule, asked.limit) == ("SPX", "ATM 1M jumps", 7)
    assert engine_facts.status().market_time - asked.since == 2 * DAY_NS
    assert [row["symbol"] for row in document(capsys)["breaches"]] == ["SPX"]


def test_a_date_is_midnight_of_new_york(told):
    breaches.breaches(since="2026-11-18")
    assert told.asked[-1].since == facts.at(0, 0, day=facts.TODAY.replace(day=18))


@pytest.mark.parametrize("since", ["yesterday", "2 days", "-3d", "9999999d", ""])
def test_a_time_that_is_none_is_refused_with_what_to_write(told, since):
    with pytest.raises(BadInput, match="write it as 30m, 6h, 2d"):
        breaches.breaches(since=since)


def test_a_rule_that_never_was_is_refused_with_those_there_are(told):
    with pytest.raises(BadInput, match="there is no breach rule 'Nonsense': there are ATM 1M jumps, Term inverted, Night watch"):
        breaches.breaches(rule="Nonsense")
    with pytest.raises(BadInput, match="there is no breach rule 'Nonsense'"):
        breaches.breaches(rules=True, rule="Nonsense")


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


def test_the_rules_tell_their_limits_and_where_each_name_stands(told, capsys):
    breaches.breaches(rules=True, as_json=True)
    found = document(capsys)
    assert found["schema"]["name"] == "optix.breach-rules"
    assert [rule["name"] for rule in found["rules"]] == ["ATM 1M jumps", "Term inverted", "Night watch"]
    assert all(set(one) == set(breach_documents.STANDING_FIELDS) for one in found["standings"])
    assert found["standings"][1]["refusal"] == "12 samples of 100 are there, one a minute, and an estimate needs 30"
    assert found["standings"][1]["deviation"] is None
    assert found["standings"][2]["broken_since"].startswith("2026-11-19")


def test_the_rules_as_lines_hold_one_for_a_rule_that_follows_nobody(told, capsys):
    breaches.breaches(rules=True, as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["rule"], row["symbol"]) for row in rows] == [
        ("ATM 1M jumps", "SPX"),
        ("ATM 1M jumps", "TSLA"),
        ("Term inverted", "TSLA"),
        ("Night watch", ""),
    ]


def test_people_read_of_each_rule_whether_it_is_on_and_who_breaks_it(told, capsys):
    breaches.breaches(rules=True)
    text = capsys.readouterr().out
    assert "broken by 1 of 1" in text
    assert "BROKEN since 2026-11-19" in text
    assert next(line for line in text.splitlines() if line.startswith("Night watch")).endswith("off")
    assert "12 samples of 100" in text


def test_a_name_asked_about_alone_is_fitted_and_judged_first(monkeypatch, capsys):
    boards = iter([replace(compass_facts.board(), standings=()), compass_facts.board()])
    seen = answers.told(monkeypatch, breaches, {**ANSWERS, GetBreachRules: lambda _: next(boards)})
    breaches.breaches("SPX", rules=True, as_json=True)
    assert [type(one).__name__ for one in seen.asked] == ["GetBreachRules", "GetSurface", "GetBreachRules"]
    assert document(capsys)["standings"]


def test_wishes_that_exclude_each_other_are_refused(told):
    with pytest.raises(BadInput, match="not both"):
        breaches.breaches(as_json=True, as_csv=True)
    with pytest.raises(BadInput, match="without --follow and --since"):
        breaches.breaches(rules=True, follow=True)
