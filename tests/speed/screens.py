"""What it costs to paint a screen from facts to strips, in CPU milliseconds on one thread, at the size of a large tile."""

import time
from collections.abc import Callable, Iterator

from optix_tui.canvas import Canvas
from optix_tui.screens.chart.paint import paint_chart
from optix_tui.screens.chart.view import ChartFacts, ChartKind, ChartPreferences
from optix_tui.screens.chart.view import present as present_chart
from optix_tui.screens.expirations.paint import paint_expirations
from optix_tui.screens.expirations.view import present as present_expirations
from optix_tui.screens.home.paint import paint_home
from optix_tui.screens.home.view import HomeFacts
from optix_tui.screens.home.view import present as present_home
from optix_tui.screens.table import Cursor
from optix_tui.screens.tape.paint import paint_tape
from optix_tui.screens.tape.prints import prints_of
from optix_tui.screens.tape.view import TapePreferences
from optix_tui.screens.tape.view import present as present_tape
from optix_tui.screens.watch.paint import paint_watch
from optix_tui.screens.watch.view import WatchFacts, WatchPreferences
from optix_tui.screens.watch.view import present as present_watch
from optix_tui.theme import Palette, load_palette
from tests.kit import engine_facts, facts
from tests.speed.figure import Figure

WIDTH, HEIGHT = 120, 40
ROUNDS = 30
CHART_BAR = 8.0


def cost_ms(paint: Callable[[Canvas], None], palette: Palette) -> float:
    """The cheaper half's mean of many paintings, each on a fresh sheet and down to strips."""
    costs = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        canvas = Canvas(WIDTH, HEIGHT, palette.ground, palette.text)
        paint(canvas)
        canvas.strips()
        costs.append((time.thread_time() - begun) * 1000)
    return sum(sorted(costs)[: ROUNDS // 2]) / (ROUNDS // 2)


def _chart(seconds: int, count: int, preferences: ChartPreferences, palette: Palette) -> Callable[[Canvas], None]:
    known = ChartFacts(bars=facts.bars("SPY", seconds, count), quote=facts.quote("SPY"))

    def paint(canvas: Canvas) -> None:
        view = present_chart(known, preferences, canvas.width, canvas.height)
        assert view is not None
        paint_chart(canvas, view, palette)

    return paint


def _tables(palette: Palette) -> Iterator[tuple[str, Callable[[Canvas], None]]]:
    quotes = {quote.security.symbol: quote for quote in facts.board().quotes}
    watch = WatchFacts(lists=engine_facts.watchlists().lists, quotes=quotes, now=facts.NOW)
    home = HomeFacts(quotes=quotes, term=facts.expirations("VIX"), status=engine_facts.status(), now=facts.NOW)
    table, prints = facts.expirations("SPX"), tuple(prints_of(facts.trades("SPX", 60)))

    def settle(_first: int, lines: int) -> Cursor:
        return Cursor(1, 0).within(15, lines)

    yield "W, 15 names", lambda canvas: paint_watch(canvas, present_watch(watch, WatchPreferences()), palette, settle)  # type: ignore[arg-type]
    yield "HOME", lambda canvas: paint_home(canvas, present_home(home), palette, settle)  # type: ignore[arg-type]
    yield "OPX, 20 series", lambda canvas: paint_expirations(canvas, present_expirations(table, facts.NOW), palette, settle, chart=True)  # type: ignore[arg-type]
    yield (
        "TAS, 60 prints",
        lambda canvas: paint_tape(
            canvas,
            present_tape("SPX", prints, TapePreferences(), now=facts.NOW, total=60),  # type: ignore[arg-type]
            palette,
            settle,
        ),
    )


def measures() -> Iterator[Figure]:
    palette = load_palette("amber")
    charts = (
        ("GIP, candles with volume, VWAP and expected move", _chart(120, 390, ChartPreferences(expected_move=True), palette)),
        ("GIP, narrowest candles", _chart(120, 390, ChartPreferences(zoom=0), palette)),
        ("GP, a year as a line", _chart(86_400, 252, ChartPreferences(kind=ChartKind.LINE, seconds=86_400), palette)),
    )
    for what, paint in charts:
        yield Figure(f"{what}, {WIDTH}x{HEIGHT}", cost_ms(paint, palette), "ms CPU", CHART_BAR)
    for what, paint in _tables(palette):
        yield Figure(f"{what}, {WIDTH}x{HEIGHT}", cost_ms(paint, palette), "ms CPU")
