"""The table of contents knows every message, and notices when one changes its shape."""

import pytest
from msgspec import Struct

from engine.domain.errors import BadInput
from engine.messages import events, queries, registry
from engine.messages.base import Command, Event, Query, Topic, answer_type, topic
from engine.messages.registry import COMMANDS, EVENTS, QUERIES, checked_topics


def test_every_message_of_the_modules_is_known_by_its_name():
    for base, known in ((Query, QUERIES), (Command, COMMANDS), (Event, EVENTS)):
        found = {
            name
            for module in registry.MODULES
            for name, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, base) and value is not base
        }
        assert found == set(known)
    assert {"GetChain", "GetStatus"} <= set(QUERIES)
    assert "ChainChanged" in EVENTS
    assert "StopEngine" in COMMANDS


@pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.__name__)
def test_every_query_says_what_answers_it(query):
    assert issubclass(answer_type(query), Struct)


def test_a_topic_of_no_event_is_refused_with_those_there_are():
    with pytest.raises(BadInput, match=r"no event 'ChainMoved'.*ChainChanged"):
        checked_topics((Topic(event="ChainMoved"),))
    with pytest.raises(BadInput, match="at least one topic"):
        checked_topics(())
    assert checked_topics((topic(events.ChainChanged, "x"),)) == (Topic(event="ChainChanged", key="x"),)


def test_the_fingerprint_changes_with_any_field_of_any_message():
    registry.fingerprint.cache_clear()
    before = registry.fingerprint()
    kept = queries.Quote.__annotations__["bid"]
    try:
        queries.Quote.__annotations__["bid"] = int
        registry.fingerprint.cache_clear()
        assert registry.fingerprint() != before
    finally:
        queries.Quote.__annotations__["bid"] = kept
        registry.fingerprint.cache_clear()
    assert registry.fingerprint() == before
