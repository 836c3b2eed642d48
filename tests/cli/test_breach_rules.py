"""`optix breaches rules`, `add`, `remove`, `enable`, `disable` and `try`: what they keep, tell and refuse."""

import csv
import json

import pytest
from msgspec.structs import replace

from engine.cli import breach_documents, breach_rules
from engine.cli.breach_limits import Limits, rule_of
from engine.cli.main import main
from engine.domain.errors import BadInput
from engine.domain.ids import Symbol, UtcNanos
from engine.domain.instants import HOUR_NS
from engine.domain.marks import BreachBasis, BreachRule, BreachSide
from engine.messages.base import Receipt
from engine.messages.breaches import BreachTrial, DeleteBreachRule, GetBreachRules, SaveBreachRule, TryBreachRule
from engine.messages.queries import GetStatus
from engine.messages.surface import GetSurface
from tests.cli.test_commands import document, optix
from tests.kit import answers, compass_facts, engine_facts, facts, surface_facts


def trial(query: TryBreachRule) -> BreachTrial:
    first, last = UtcNanos(facts.NOW - 5 * HOUR_NS), UtcNanos(facts.NOW)
    found = compass_facts.breaches(*compass_facts.MARKS[:3])
    return BreachTrial(symbol=query.symbol, rule=query.rule, samples=1_234, first_at=first, last_at=last, breaches=found, refusal="")


def refused(query: TryBreachRule) -> BreachTrial:
    why = "no sample of atm:30 is recorded of SPX in that time: one is kept a minute while an engine runs"
    return replace(trial(query), samples=0, first_at=UtcNanos(0), last_at=UtcNanos(0), breaches=compass_facts.breaches(), refusal=why)


ANSWERS = {
    GetBreachRules: compass_facts.board,
    GetStatus: lambda _: engine_facts.status(),
    GetSurface: lambda _: surface_facts.surface("SPX"),
    TryBreachRule: trial,
    SaveBreachRule: lambda command: Receipt(text=f"{command.rule.name}: {command.rule.measure} is followed"),
    DeleteBreachRule: lambda command: Receipt(text=f"{command.name} is forgotten"),
}


@pytest.fixture
def told(monkeypatch):
    return answers.told(monkeypatch, breach_rules, ANSWERS)


def document_of(capsys):
    return json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def test_the_rules_tell_their_limits_and_where_each_name_stands(told, capsys):
    breach_rules.rules(as_json=True)
    found = document_of(capsys)
    assert found["schema"]["name"] == "optix.breach-rules"
    assert [rule["name"] for rule in found["rules"]] == ["ATM 1M jumps", "Term inverted", "Night watch"]
    assert all(set(one) == set(breach_documents.STANDING_FIELDS) for one in found["standings"])
    assert found["standings"][1]["refusal"] == "12 samples of 100 are there, one a minute, and an estimate needs 30"
    assert found["standings"][1]["deviation"] is None
    assert found["standings"][2]["broken_since"].startswith("2026-11-19")


def test_the_rules_as_lines_hold_one_for_a_rule_that_follows_nobody(told, capsys):
    breach_rules.rules(as_csv=True)
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["rule"], row["symbol"]) for row in rows] == [
        ("ATM 1M jumps", "SPX"),
        ("ATM 1M jumps", "TSLA"),
        ("Term inverted", "TSLA"),
        ("Night watch", ""),
    ]


def test_people_read_of_each_rule_whether_it_is_on_and_who_breaks_it(told, capsys):
    breach_rules.rules()
    text = capsys.readouterr().out
    assert "broken by 1 of 1" in text
    assert "BROKEN since 2026-11-19" in text
    assert next(line for line in text.splitlines() if line.startswith("Night watch")).endswith("off")
    assert "12 samples of 100" in text


def test_a_name_asked_about_alone_is_fitted_and_judged_first(monkeypatch, capsys):
    boards = iter([replace(compass_facts.board(), standings=()), compass_facts.board()])
    seen = answers.told(monkeypatch, breach_rules, {**ANSWERS, GetBreachRules: lambda _: next(boards)})
    breach_rules.rules("SPX", as_json=True)
    assert [type(one).__name__ for one in seen.asked] == ["GetBreachRules", "GetSurface", "GetBreachRules"]
    assert document_of(capsys)["standings"]


@pytest.mark.parametrize(
    ("measure", "limits", "side", "basis", "threshold", "release"),
    [
        ("ATM:30", Limits(above="25%"), "above", "value", 0.25, 0.225),
        ("atm:30", Limits(above=".25", release="24%"), "above", "value", 0.25, 0.24),
        ("rr25:30", Limits(below="-8%"), "below", "value", -0.08, -0.072),
        ("term:30:90", Limits(below="-0.5%", release="0"), "below", "value", -0.005, 0.0),
        ("residual:30", Limits(beyond="1.5%"), "either", "value", 0.015, 0.0135),
        ("vrp:30", Limits(below="4SE"), "below", "deviation", 4.0, 2.0),
        ("ar", Limits(beyond="3 se", release="1se"), "either", "deviation", 3.0, 1.0),
        ("pcr:volume", Limits(above="2.5"), "above", "value", 2.5, 2.25),
        ("level", Limits(below="1e3"), "below", "value", 1000.0, 1100.0),
        ("bf25:90", Limits(above="0"), "above", "value", 0.0, 0.0),
    ],
)
def test_a_rule_is_read_as_it_is_typed(measure, limits, side, basis, threshold, release):
    rule = rule_of("r", measure, limits)
    assert (rule.measure, rule.side, rule.basis) == (measure.lower(), BreachSide(side), BreachBasis(basis))
    assert (rule.threshold, rule.release) == pytest.approx((threshold, release))


@pytest.mark.parametrize(
    ("measure", "limits", "words"),
    [
        ("skew", Limits(above="5%"), "is no measure: use one of atm:30"),
        ("atm:30", Limits(), "say when it breaks by one of --above, --below and --beyond"),
        ("atm:30", Limits(above="5%", below="2%"), "by one of --above"),
        ("atm:30", Limits(above="high"), "'high' is no limit: write 5% or 0.05"),
        ("atm:30", Limits(above="nan"), "'nan' is no limit"),
        ("atm:30", Limits(above=""), "'' is no limit"),
        ("atm:30", Limits(above="25"), "25 would be 2500% of volatility: write 25% or 0.25"),
        ("pcr:volume", Limits(above="25%"), "pcr:volume is no volatility .ratio.: write its limit without %"),
        ("atm:30", Limits(above="4se", release="2%"), "say --release as the threshold is said"),
    ],
)
def test_what_makes_no_rule_is_refused_with_what_to_write(measure, limits, words):
    with pytest.raises(BadInput, match=words):
        rule_of("r", measure, limits)


def test_a_rule_is_kept_as_it_was_said_and_told_back_in_words(told, capsys):
    assert main(["breaches", "add", "Steep skew", "rr25:30", "--below", "-8%", "-s", "spy", "-s", "QQQ index"]) == 0
    wanted = BreachRule(
        name="Steep skew", measure="rr25:30", symbols=(Symbol("SPY"), Symbol("QQQ")), side=BreachSide.BELOW, basis=BreachBasis.VALUE,
        threshold=-0.08, release=-0.072,
    )  # fmt: skip
    assert told.asked[-1] == SaveBreachRule(rule=wanted)
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Steep skew: rr25:30 at or below -8.00%, kept again within -7.20%; SPY QQQ\n")


def test_a_rule_of_a_known_name_is_said_to_be_replaced(told, capsys):
    breach_rules.add("Term inverted", "term:30:90", below="-1%", off=True)
    assert "Term inverted (replaced): term:30:90 at or below -1.00%" in capsys.readouterr().err
    breach_rules.add("Term inverted", "term:30:90", below="-1%", as_json=True)
    found = document_of(capsys)
    assert found["replaced"] is True
    assert list(found["rule"]) == breach_documents.RULE_FIELDS
    assert found["schema"]["name"] == "optix.breach-rule"


def test_rules_are_forgotten_by_name_all_or_none(told):
    breach_rules.remove(["term INVERTED", "Night watch"])
    assert [one.name for one in told.asked if isinstance(one, DeleteBreachRule)] == ["Term inverted", "Night watch"]
    with pytest.raises(BadInput, match="there is no breach rule 'Nonsense': there are ATM 1M jumps, Term inverted, Night watch"):
        breach_rules.remove(["Night watch", "Nonsense"])
    assert sum(isinstance(one, DeleteBreachRule) for one in told.asked) == 2


def test_rules_that_are_forgotten_together_are_one_document_and_one_said_twice_is_forgotten_once(told, capsys):
    breach_rules.remove(["Term inverted", "Night watch", "term inverted"], as_json=True)
    found = document_of(capsys)
    assert found["removed"] == ["Term inverted", "Night watch"]
    assert found["text"] == "Term inverted is forgotten; Night watch is forgotten"


def test_a_rule_is_switched_on_and_off_and_keeps_its_limits(told):
    breach_rules.enable("night watch")
    breach_rules.disable("Term inverted")
    kept = [one.rule for one in told.asked if isinstance(one, SaveBreachRule)]
    assert kept == [replace(compass_facts.RULES[2], enabled=True), replace(compass_facts.RULES[1], enabled=False)]


def test_a_kept_rule_is_tried_and_what_it_would_have_said_is_told(told, capsys):
    breach_rules.try_("spx index", "atm 1m jumps", since="2026-11-18")
    (asked,) = [one for one in told.asked if isinstance(one, TryBreachRule)]
    assert (asked.symbol, asked.rule, asked.since) == ("SPX", compass_facts.RULES[0], facts.at(0, 0, day=facts.TODAY.replace(day=18)))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "SPX  atm:30 either side, as far as 4 se, kept again within 2 se; every name"
    assert lines[1].startswith("1,234 samples, 2026-11-")
    assert lines[1].endswith("broken 2 times")
    assert len(lines) == 3 + 3


def test_a_rule_that_is_not_kept_is_tried_by_its_limits(told, capsys):
    breach_rules.try_("SPX", "residual:30", above="2%", as_json=True)
    (asked,) = [one for one in told.asked if isinstance(one, TryBreachRule)]
    assert asked.rule == rule_of("trial", "residual:30", Limits(above="2%"))
    found = document_of(capsys)
    assert list(found) == "schema source symbol rule samples first_at last_at broken refusal breaches".split()
    assert (found["samples"], found["broken"], found["refusal"]) == (1_234, 2, None)
    assert {*found["rule"]} == {*breach_documents.RULE_FIELDS}
    breach_rules.try_("SPX", "residual:30", above="2%", as_csv=True)
    assert len(list(csv.DictReader(capsys.readouterr().out.splitlines()))) == 3


def test_a_trial_of_nothing_says_why_in_each_form(monkeypatch, capsys):
    answers.told(monkeypatch, breach_rules, {**ANSWERS, TryBreachRule: refused})
    breach_rules.try_("SPX", "atm:30", above="20%")
    said = capsys.readouterr()
    assert (said.out, "one is kept a minute" in said.err) == ("", True)
    breach_rules.try_("SPX", "atm:30", above="20%", as_json=True)
    found = document_of(capsys)
    assert "no sample of atm:30" in found["refusal"]
    assert (found["first_at"], found["breaches"]) == (None, [])


def test_what_is_neither_a_rule_nor_a_measure_with_a_limit_is_refused(told):
    with pytest.raises(BadInput, match="there is no breach rule 'atm:30'"):
        breach_rules.try_("SPX", "atm:30")
    with pytest.raises(BadInput, match="'Term inverted' is no measure"):
        breach_rules.try_("SPX", "Term inverted", above="3%")
    with pytest.raises(BadInput, match="not both"):
        breach_rules.try_("SPX", "Term inverted", as_json=True, as_csv=True)


def test_rules_are_kept_in_the_folder_and_the_engine_refuses_what_only_it_knows_of(tmp_path):
    first = document("breaches", "add", "Rich", "residual:30", "--above", "1%", home=tmp_path)
    assert (first["replaced"], first["rule"]["release"]) == (False, pytest.approx(0.009))
    refused = optix("breaches", "add", "Flip", "flip", "--above", "700", home=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "flip is not known at every moment" in refused.stderr
    kept = document("breaches", "rules", home=tmp_path)["rules"]
    assert [one["name"] for one in kept][-1] == "Rich"
    gone = optix("breaches", "remove", "rich", home=tmp_path)
    assert (gone.returncode, gone.stdout, gone.stderr) == (0, "", "Rich is forgotten\n")
