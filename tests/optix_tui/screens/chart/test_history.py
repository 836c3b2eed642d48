import numpy as np
from msgspec.structs import replace

from engine.domain.columns import floats, longs
from optix_tui.screens.chart.history import with_newest, with_older
from tests.kit import facts

BARS = facts.bars("SPY", 120, 100)
COLUMNS = ("start", "open", "high", "low", "close", "volume", "vwap")


def part(first: int, last: int, **changes):
    cut = {name: getattr(BARS, name)[first:last] for name in COLUMNS}
    table = replace(BARS, start=longs(cut.pop("start")), **{name: floats(column) for name, column in cut.items()})
    return replace(table, **changes)


def test_the_growing_bar_is_replaced_and_the_next_one_follows():
    known = part(0, 98)
    grown = with_newest(known, part(97, 99, close=floats([1.0, 2.0]), complete=True))
    assert grown.start.tolist() == BARS.start[:99].tolist()
    assert grown.close[-2:].tolist() == [1.0, 2.0]
    assert grown.complete


def test_missed_bars_are_noticed_and_never_papered_over():
    assert with_newest(part(0, 90), part(95, 97)) is None
    assert with_newest(part(0, 0), part(95, 97)) is None


def test_bars_of_another_name_or_length_change_nothing():
    known = part(0, 50)
    assert with_newest(known, replace(part(49, 51), symbol="QQQ")) is known
    assert with_newest(known, replace(part(49, 51), seconds=60)) is known
    assert with_older(known, replace(part(0, 10), seconds=60)) is known


def test_older_bars_are_put_in_front_without_doubles():
    whole = with_older(part(40, 100), part(10, 60))
    assert whole.start.tolist() == BARS.start[10:].tolist()
    assert np.array_equal(whole.close, BARS.close[10:])
    assert with_older(part(40, 100), part(60, 80)).start.size == 60
