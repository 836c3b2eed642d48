"""Sessions that were not recorded but asked of the feed are said wherever sessions are counted."""

import pytest
from msgspec.structs import replace

from optix_tui.screens.cone.view import ConePreferences
from optix_tui.screens.cone.view import present as cone
from optix_tui.screens.realized.view import GraphPreferences
from optix_tui.screens.realized.view import present as graph
from tests.kit import realized_facts


def head_of(code: str, filled: int) -> str:
    facts = replace(realized_facts.realized("SPX"), filled=filled)
    view = (
        cone(facts, ConePreferences(), 0, width=120, height=40)
        if code == "HVT"
        else graph(facts, None, GraphPreferences(), 0, width=120, height=40)
    )
    assert view is not None
    return view.head


@pytest.mark.parametrize("code", ["HVT", "HVG"])
def test_the_head_counts_filled_sessions_apart_from_missing_ones(code: str) -> None:
    assert "377 sessions, 5 asked of the feed, 2 missing" in head_of(code, 5)
    assert "377 sessions, 2 missing" in head_of(code, 0)
