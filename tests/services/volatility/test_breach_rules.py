"""Rules are kept in one document, and what can never be judged or never ends is refused."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.domain.errors import BadInput
from engine.domain.ids import Symbol
from engine.domain.marks import BREACH_RULES, BreachBasis, BreachRule, BreachRules, BreachSide
from engine.kernel.paths import shipped
from engine.services.volatility.breach_rules import MOST_RULES, RuleBook, checked_rule, shipped_rules
from engine.storage.documents import Documents

RULE = BreachRule(name="Jump", measure="atm:30", threshold=4.0, release=2.0)


def book(folder: Path, *rules: BreachRule) -> RuleBook:
    return RuleBook(documents=Documents(folder), shipped=lambda: BreachRules(rules=rules))


def test_the_shipped_rules_are_all_sound():
    rules = shipped_rules(shipped("config") / "breach-rules.toml").rules
    assert len(rules) == 5
    assert [checked_rule(rule) for rule in rules] == list(rules)


def test_shipped_rules_stand_until_the_first_is_kept_and_then_the_users_do(tmp_path):
    first = book(tmp_path, RULE)
    assert first.rules == (RULE,)
    first.save(replace(RULE, name="Mine"))
    assert [rule.name for rule in book(tmp_path).rules] == ["Jump", "Mine"]


def test_a_user_without_a_rule_is_given_none_again(tmp_path):
    mine = book(tmp_path, RULE)
    mine.delete(" Jump ")
    assert book(tmp_path, RULE).rules == ()


def test_a_rule_of_the_same_name_takes_its_place(tmp_path):
    mine = book(tmp_path, RULE, replace(RULE, name="Other"))
    version = mine.version
    mine.save(replace(RULE, threshold=5.0))
    assert [(rule.name, rule.threshold) for rule in mine.rules] == [("Jump", 5.0), ("Other", 4.0)]
    assert mine.version > version


def test_a_name_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(BadInput, match="there is no breach rule 'Jmp': there are Jump"):
        book(tmp_path, RULE).delete("Jmp")
    with pytest.raises(BadInput, match="there are none"):
        book(tmp_path).delete("Jump")


def test_a_rule_that_nothing_can_be_judged_by_keeps_no_other_from_being_followed_and_is_not_lost(tmp_path, caplog):
    unknown, endless = replace(RULE, name="Unknown", measure="heat:30"), replace(RULE, name="Endless", release=9.0)
    Documents(tmp_path).save(BREACH_RULES, BreachRules(rules=(unknown, RULE, endless)))
    mine = book(tmp_path)
    assert mine.rules == (RULE,)
    assert "the breach rule 'Unknown' is not followed: 'heat:30' is no measure" in caplog.text
    mine.save(replace(RULE, name="Mine"))
    kept = Documents(tmp_path).load(BREACH_RULES, BreachRules, BreachRules(rules=()))
    assert [rule.name for rule in kept.rules] == ["Jump", "Mine", "Unknown", "Endless"]
    mine.save(replace(endless, release=1.0))
    mine.delete("Unknown")
    assert [rule.name for rule in book(tmp_path).rules] == ["Jump", "Mine", "Endless"]


def test_there_is_an_end_to_how_many_are_kept(tmp_path):
    full = book(tmp_path, *(replace(RULE, name=str(place)) for place in range(MOST_RULES)))
    with pytest.raises(BadInput, match=f"there are {MOST_RULES} rules: delete one first"):
        full.save(RULE)
    full.save(replace(RULE, name="7"))


def test_a_rule_is_kept_in_one_spelling():
    found = checked_rule(replace(RULE, name=" Jump ", measure=" ATM:30 ", symbols=(Symbol(" spx"), Symbol("SPX"), Symbol(" "))))
    assert (found.name, found.measure, found.symbols) == ("Jump", "atm:30", ("SPX",))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "no name for a breach rule"),
        ({"name": "a\nb"}, "no name for a breach rule"),
        ({"name": "x" * 41}, "no name for a breach rule"),
        ({"measure": "nonsense"}, "is no measure"),
        ({"measure": "forecast:30"}, "not known at every moment.*use one of atm:30, rr25:30, .*term:30:90, level, pcr:volume, pcr:oi$"),
        ({"measure": "pcr:premium"}, "not known at every moment"),
        ({"threshold": float("nan")}, "threshold and release are numbers"),
        ({"release": float("inf")}, "threshold and release are numbers"),
        ({"threshold": 0.0, "release": 0.0}, "above zero"),
        ({"threshold": -4.0, "release": -2.0}, "above zero"),
        ({"release": 5.0}, "lies beyond"),
        ({"basis": BreachBasis.VALUE, "side": BreachSide.BELOW, "threshold": 0.1, "release": 0.05}, "would never let it go"),
        ({"basis": BreachBasis.VALUE, "side": BreachSide.ABOVE, "threshold": 0.1, "release": 0.2}, "lies beyond"),
        ({"symbols": tuple(Symbol(f"N{place}") for place in range(501))}, "at most 500 names"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_words(changes, words):
    with pytest.raises(BadInput, match=words):
        checked_rule(replace(RULE, **changes))


def test_a_level_may_be_below_zero():
    inverted = replace(RULE, measure="term:30:90", basis=BreachBasis.VALUE, side=BreachSide.BELOW, threshold=-0.005, release=0.0)
    assert checked_rule(inverted) == inverted
