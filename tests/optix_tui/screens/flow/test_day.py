"""Of which day volumes are, and since when prints were heard, in words that three screens share."""

from datetime import date

from engine.domain.instants import utc_instant
from engine.messages.flow import ActiveBy, Gap
from optix_tui.screens.active.view import ActivePreferences
from optix_tui.screens.active.view import present as present_active
from optix_tui.screens.flow.day import heard, volume_of
from optix_tui.screens.flow.view import FlowPreferences
from optix_tui.screens.flow.view import present as present_flow
from optix_tui.screens.interest.view import InterestPreferences, Layer
from optix_tui.screens.interest.view import present as present_interest
from tests.kit import facts, flow_facts

FRIDAY, MONDAY = utc_instant(date(2026, 11, 20)), utc_instant(date(2026, 11, 23))
BEFORE = flow_facts.totals(day=MONDAY, volume_day=FRIDAY)
TODAY = flow_facts.totals(day=MONDAY, volume_day=MONDAY)


def gap(first, last, seconds=0):
    return Gap(since=facts.at(*first), until=facts.at(*last, seconds))


def test_volumes_of_today_need_no_word_and_those_of_before_have_their_date():
    assert (volume_of(TODAY), volume_of(flow_facts.totals())) == ("", "")
    assert volume_of(BEFORE) == "20-Nov"


def test_what_was_heard_is_said_with_its_gaps_the_newest_named():
    assert heard(TODAY) == "since 09:30:04"
    assert heard(flow_facts.totals(since=0)) == ""
    gaps = (gap((10, 42), (10, 55)), gap((11, 0, 5), (11, 0), 40), gap((12, 0), (12, 30)))
    assert heard(flow_facts.totals(gaps=gaps[:1])) == "since 09:30:04, not 10:42–10:55"
    assert heard(flow_facts.totals(gaps=gaps)) == "since 09:30:04, not 11:00:05–11:00:40, 12:00–12:30 and 1 more gap"
    assert heard(flow_facts.totals(gaps=gaps), 0) == "since 09:30:04, 3 gaps"


def test_flow_names_the_day_of_its_ratio_and_of_its_volumes():
    view = present_flow(flow_facts.tape(totals=BEFORE), (), FlowPreferences())
    assert view is not None
    assert (view.ratios[0][0], view.volume_of) == ("volume of 20-Nov", "20-Nov")
    assert present_flow(flow_facts.tape(totals=TODAY), (), FlowPreferences()).ratios[0][0] == "volume"


def test_the_ranks_by_volume_and_by_volume_over_interest_name_the_day_before():
    for by, words in ((ActiveBy.VOLUME, "volume of 20-Nov, as"), (ActiveBy.VOLUME_OVER_OI, "volume of 20-Nov / OI")):
        view = present_active(flow_facts.active(by=by, totals=BEFORE), ActivePreferences(by=by))
        assert view is not None
        assert view.convention.startswith(words)
        assert view.ratios[0][0] == "P/C volume of 20-Nov"


def test_the_map_names_the_day_before_in_the_layers_that_show_volume():
    words = {}
    for layer in Layer:
        view = present_interest(flow_facts.interest(totals=BEFORE), InterestPreferences(layer=layer), rows=20)
        assert view is not None
        words[layer] = view.told
    assert "20-Nov" in words[Layer.VOLUME]
    assert "20-Nov" in words[Layer.RATIO]
    assert "20-Nov" not in words[Layer.INTEREST]
