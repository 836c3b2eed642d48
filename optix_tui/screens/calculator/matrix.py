"""The matrix: which underlyings, volatilities and days it stands on, and its cells as prices or as profit and loss."""

from enum import StrEnum
from math import floor, isfinite, sqrt

import numpy as np
from msgspec import Struct

from engine.domain.columns import Floats
from engine.messages.valuation import GetValuationMatrix, ValuationMatrix, ValuationTerms
from optix_tui.screens.axis import round_step

ROWS, COLUMNS = 25, 11
"""Asked for at once; a small tile shows the middle of them."""
REACH = 2.5
"""Standard deviations to either side ..."""
LEAST_REACH, MOST_REACH = 0.05, 0.5
"""... within these parts of the underlying."""
VOL_STEPS = (0.0025, 0.005, 0.01, 0.02, 0.025, 0.05, 0.1, 0.2)


class Layer(StrEnum):
    """What the cells say."""

    PRICE_BY_VOL = "price by volatility"
    PROFIT_BY_VOL = "profit by volatility"
    PRICE_BY_DAYS = "price by days left"
    PROFIT_BY_DAYS = "profit by days left"

    @property
    def by_days(self) -> bool:
        return self in {Layer.PRICE_BY_DAYS, Layer.PROFIT_BY_DAYS}

    @property
    def is_profit(self) -> bool:
        return self in {Layer.PROFIT_BY_VOL, Layer.PROFIT_BY_DAYS}


LAYERS = tuple(Layer)


class MatrixView(Struct, frozen=True, kw_only=True):
    """Cells by underlying (rising downwards from the highest) and volatility or days."""

    layer: Layer
    underlyings: Floats
    columns: Floats
    cells: Floats
    """Price a unit, or profit and loss a contract."""
    base_row: int
    base_column: int
    """Where the sheet itself stands."""


def matrix_question(terms: ValuationTerms, layer: Layer) -> GetValuationMatrix | None:
    """What the engine is to be asked for; None while the terms are not whole."""
    spot, vol, days = terms.underlying, terms.volatility, terms.days
    if spot is None or vol is None or days is None or not all(isfinite(one) for one in (spot, vol, days)) or spot <= 0:
        return None
    underlyings = _around(spot, vol * sqrt(max(days, 1.0) / 365))
    if layer.by_days:
        return GetValuationMatrix(terms=terms, underlyings=underlyings, days=_days_down(days))
    return GetValuationMatrix(terms=terms, underlyings=underlyings, volatilities=_volatilities(vol))


def _around(spot: float, deviation: float) -> tuple[float, ...]:
    """Round steps down and up from the underlying itself."""
    reach = min(max(REACH * deviation, LEAST_REACH), MOST_REACH)
    step = round_step(2 * reach * spot, ROWS - 1)
    below = min(ROWS // 2, floor((spot * 0.98) / step))
    return tuple(spot + step * place for place in range(-below, ROWS - below))


def _volatilities(vol: float) -> tuple[float, ...]:
    step = next((one for one in VOL_STEPS if one * 5 >= vol * 0.4), VOL_STEPS[-1])
    below = min(COLUMNS // 2, floor(max(vol - 0.001, 0.0) / step))
    return tuple(vol + step * place for place in range(-below, COLUMNS - below))


def _days_down(days: float) -> tuple[float, ...]:
    """From now to the end, in whole days between."""
    between = sorted({float(round(days * (1 - place / (COLUMNS - 1)))) for place in range(1, COLUMNS - 1)}, reverse=True)
    return (days, *(one for one in between if 0 < one < days), 0.0) if days > 0 else (0.0,)


def matrix_view(found: ValuationMatrix, layer: Layer) -> MatrixView:
    """The answer as it is shown, highest underlying first."""
    terms = found.terms
    cells = found.prices
    if layer.is_profit:
        cells = (cells - (terms.price if terms.price is not None else np.nan)) * terms.multiplier
    spots = found.underlyings[::-1]
    base = terms.days if found.by_days else terms.volatility
    return MatrixView(
        layer=layer,
        underlyings=spots,
        columns=found.columns,
        cells=cells[::-1],
        base_row=int(np.argmin(np.abs(spots - (terms.underlying or 0.0)))),
        base_column=int(np.argmin(np.abs(found.columns - (base or 0.0)))),
    )
