"""The codes of this room are those of the domain, under the same names."""

from engine.domain import chain, market
from engine.quant import codes


def test_statuses_are_those_of_the_domain():
    assert {status.name: int(status) for status in codes.IvStatus} == {status.name: int(status) for status in chain.IvStatus}


def test_verdicts_are_those_of_the_domain():
    theirs = {verdict.name: int(verdict) for verdict in market.Verdict}
    ours = {verdict.name: int(verdict) for verdict in codes.QuoteVerdict}
    assert ours.items() <= theirs.items()
