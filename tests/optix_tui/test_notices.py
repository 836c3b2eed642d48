"""Notices: kept, counted, and held back where they would storm."""

from optix_tui.notices import BURST, KEPT, SAME_AGAIN_AFTER, SHOWING_SECONDS, Notice, Notices


def post(notices: Notices, text: str, now: float) -> bool:
    return notices.post(Notice(text=text, level="warning"), now)


def test_the_same_words_pop_up_once_in_a_while():
    notices = Notices()
    assert post(notices, "feed late", 0.0)
    assert not post(notices, "feed late", 5.0)
    assert post(notices, "feed late", SAME_AGAIN_AFTER + 1)
    assert (len(notices), notices.last.times) == (1, 3)


def test_a_storm_is_held_back_and_counted():
    notices = Notices()
    shown = [post(notices, f"alert {n}", 0.01 * n) for n in range(100)]
    assert sum(shown) == BURST
    assert notices.held_back == 100 - BURST
    assert post(notices, "later", 60.0)
    assert notices.held_back == 0


def test_everything_is_kept_newest_first_up_to_a_bound():
    notices = Notices()
    for n in range(KEPT + 50):
        post(notices, f"n{n}", float(n))
    assert len(notices) == KEPT
    assert next(iter(notices.newest_first())).text == f"n{KEPT + 49}"


def test_the_newest_gives_its_room_back_after_a_while_and_is_still_kept():
    notices = Notices()
    assert notices.showing(0.0) is None
    post(notices, "feed late", 100.0)
    assert notices.showing(100.0 + SHOWING_SECONDS / 2) is notices.last
    assert notices.showing(100.0 + SHOWING_SECONDS) is None
    post(notices, "feed late", 111.0)
    assert notices.showing(112.0).times == 2
    assert notices.last is not None
