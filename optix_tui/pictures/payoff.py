"""An option by terms of one's own as a picture: the calculator's sheet and its payoff, now and at expiry."""

from __future__ import annotations

import asyncio

from engine.domain.ids import Symbol, UtcNanos
from engine.messages.valuation import GetValuation, Valuation, ValuationTerms
from optix_tui.canvas import Canvas
from optix_tui.opening import options_here
from optix_tui.pictures.banner import Footer, Heading
from optix_tui.pictures.file import check_target
from optix_tui.pictures.picture import BANNERS, MARGIN, Picture, check_theme, composed, delivered, read_size
from optix_tui.printing import engine_of
from optix_tui.registry import entry_of
from optix_tui.screens.calculator.paint import paint_calculator
from optix_tui.screens.calculator.sheet import Sheet
from optix_tui.screens.calculator.view import CalculatorFacts, present
from optix_tui.screens.calculator.view import Picture as Beside
from optix_tui.strokes import strokes_kept
from optix_tui.theme import Palette, load_palette

MODEL = "MODEL"
"""In place of a kind of market: nothing of it was quoted."""
MARKETLESS = "synthetic"
"""Terms of one's own are priced without a market: the engine that is asked needs no network and no key."""


def draw_payoff(terms: ValuationTerms, *, file: str, size: str | None = None, theme: str | None = None, at: UtcNanos) -> str:
    """Draws an option, whose price is looked for, into a file, and says what was drawn; what cannot be priced is refused in words."""
    check_target(file)
    cells = read_size(size)
    check_theme(theme)
    options = options_here(live=False)
    palette = load_palette(theme or options.theme, up_is_red=options.up_is_red)
    question = GetValuation(terms=terms)

    async def asked() -> Valuation:
        async with engine_of(MARKETLESS, {}) as engine:
            return await engine.ask(question)

    return delivered(payoff_picture(asyncio.run(asked()), cells, palette, at), file)


def payoff_picture(found: Valuation, cells: tuple[int, int], palette: Palette, at: UtcNanos) -> Picture:
    """The calculator's screen with the payoff beside the sheet."""
    sheet = Sheet(symbol=Symbol(""), terms=found.terms, now=at, origin="terms of one's own").answered(found)
    with strokes_kept():
        body = Canvas(cells[0] - 2 * MARGIN, cells[1] - BANNERS, palette.ground, palette.text)
    if view := present(CalculatorFacts(sheet=sheet, found=found, picture=Beside.PAYOFF)):
        paint_calculator(body, view, palette)
    entry = entry_of("OVME")
    heading = Heading(code=entry.code, title=entry.title, subtitle=Beside.PAYOFF.value.lower())
    footer = Footer(kind=MODEL, kind_colour="vol", source=found.model, at=at)
    return composed(body, heading, footer, palette)
