import pytest

from engine.domain.errors import BadInput
from engine.domain.measures import KINDS, Measure, MeasureKind, MeasureUnit, parse_measure, spellings

EXAMPLES = (
    "atm:30 rr25:30 bf25:7 rr10:30 bf10:30 index:9 rv:30 vrp:30 forecast:30 residual:30 ar term:30:90 gex vex cex flip "
    "wall:positive wall:negative pcr:volume pcr:premium pcr:oi level"
).split()


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_measure_is_printed_as_it_is_read(text):
    assert parse_measure(text).text == text
    assert parse_measure(f"  {text.upper().replace(':', ' : ')} ").text == text
    assert "{" not in parse_measure(text).words


def test_every_kind_has_an_example_that_is_one():
    assert {parse_measure(text).kind for text in EXAMPLES} == set(KINDS) == set(MeasureKind)
    for text in spellings():
        for one in text.split(" or "):
            assert parse_measure(one).text == one


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no measure: use one of atm:30"),
        ("iv", "no measure: use one of"),
        ("atm", "write atm:30"),
        ("atm:30:60", "write atm:30"),
        ("atm:0", "no number of days from 1 to 3,650"),
        ("atm:-7", "no number of days"),
        ("atm:1e3", "no number of days"),
        ("atm:²", "no number of days"),
        ("atm:99999", "no number of days"),
        ("term:30", "write term:30:90"),
        ("term:90:30", "the nearer one"),
        ("gex:30", "write gex"),
        ("wall", "write wall:positive or wall:negative"),
        ("pcr:trades", "write pcr:volume or pcr:premium or pcr:oi"),
        ("x" * 500, "no measure"),
        ("atm:" + "3" * 500, "no measure"),
    ],
)
def test_what_is_no_measure_is_refused_with_what_to_write(text, why):
    with pytest.raises(BadInput, match=why):
        parse_measure(text)


def test_a_measure_says_what_it_is_and_in_what():
    assert parse_measure("term:30:90").words == "volatility at 90 days less that at 30"
    assert parse_measure("pcr:volume").words == "puts over calls by volume"
    assert parse_measure("rr25:30").unit is MeasureUnit.DIFFERENCE
    assert parse_measure("atm:30").in_percent
    assert not parse_measure("gex").in_percent
    assert Measure(kind=MeasureKind.WALL, choice="positive").text == "wall:positive"
