import numpy as np
import pytest

from engine.domain.columns import floats, longs
from engine.domain.instants import MINUTE_NS
from engine.messages.queries import BarTable
from optix_tui.canvas import Canvas
from optix_tui.colour import use_monochrome
from optix_tui.screens.chart.paint import paint_chart
from optix_tui.screens.chart.view import ChartFacts, ChartKind, ChartPreferences, present
from optix_tui.theme import load_palette
from tests.kit import facts

PALETTE = load_palette("amber")


def drawn(bars: BarTable, width: int = 24, height: int = 10, **preferences) -> Canvas:
    canvas = Canvas(width, height, PALETTE.ground, PALETTE.text)
    view = present(ChartFacts(bars=bars), ChartPreferences(**preferences), width, height)
    assert view is not None
    paint_chart(canvas, view, PALETTE)
    return canvas


def bars_of(*candles: tuple[float, float, float, float]) -> BarTable:
    opened, high, low, close = zip(*candles, strict=True)
    count = len(candles)
    unknown = np.full(count, np.nan)
    return facts.bars(
        "SPY",
        120,
        count,
        start=longs([facts.at(10) + i * 2 * MINUTE_NS for i in range(count)]),
        open=floats(opened),
        high=floats(high),
        low=floats(low),
        close=floats(close),
        volume=floats(unknown),
        vwap=floats(unknown),
    )


def test_a_cell_holds_a_body_or_a_wick_and_never_half_of_each():
    canvas = drawn(bars_of((100, 110, 90, 106), (106, 120, 80, 100)), height=7)
    columns = ["".join(row[x] for row in canvas.lines_of_text()) for x in (0, 2)]
    for column in columns:
        body = column.strip().strip("│╷╵ ┈╌")
        assert set(body) == {"█"}, column
        assert column.index("█") > 0
        assert column[column.index("█") - 1] in "│╷"


def test_a_doji_is_a_line_with_its_wicks():
    canvas = drawn(bars_of((100, 110, 90, 100), (100, 110, 99.9, 100), (100, 100.1, 90, 100), (100, 112, 88, 111)), height=7)
    text = "\n".join(canvas.lines_of_text())
    assert "┼" in text
    assert "┴" in text
    assert "┬" in text


def test_rising_and_falling_bars_have_the_colours_of_direction():
    canvas = drawn(bars_of((100, 106, 99, 105), (105, 106, 96, 97)), height=7)
    colours = {int(canvas.fore[y, x]) for y in range(7) for x in (0, 2) if canvas.glyph[y, x] == ord("█")}
    assert colours == {PALETTE.up, PALETTE.down}


def test_without_colours_falling_bars_have_another_glyph():
    use_monochrome(True)
    try:
        text = "\n".join(drawn(bars_of((100, 106, 99, 105), (105, 106, 96, 97)), height=7).lines_of_text())
    finally:
        use_monochrome(False)
    assert "█" in text
    assert "░" in text


def test_the_last_price_is_tagged_on_the_axis():
    canvas = drawn(facts.bars("SPY", 120, 200), 80, 24)
    tagged = [row for row in canvas.lines_of_text() if "◀" in row]
    assert len(tagged) == 1
    assert tagged[0].endswith("670.12")


def test_a_line_leaves_out_what_is_unknown():
    table = facts.bars("SPY", 86_400, 60)
    holes = floats(np.where((np.arange(60) > 20) & (np.arange(60) < 40), np.nan, table.close))
    whole = drawn(table, 80, 20, kind=ChartKind.LINE)
    broken = drawn(facts.bars("SPY", 86_400, 60, close=holes), 80, 20, kind=ChartKind.LINE)
    assert broken.dots_on.sum() < whole.dots_on.sum()


@pytest.mark.parametrize("kind", list(ChartKind))
@pytest.mark.parametrize("zoom", range(4))
def test_every_size_can_be_painted(kind, zoom):
    table = facts.bars("SPY", 120, 390)
    for width, height in ((24, 4), (30, 8), (41, 9), (80, 20), (200, 60), (13, 3)):
        canvas = drawn(table, width, height, kind=kind, zoom=zoom, crosshair=3, expected_move=True)
        assert {strip.cell_length for strip in canvas.strips()} == {width}
