"""Honesty on recorded chains: what is called good goes through its quotes, in every surface that is shown or that risk is computed on."""

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitGrade, QuoteUse
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.fitting import SurfaceFit, fit_surface
from engine.quant.smiles.quotes import SmileQuotes, quotes_of_prices
from engine.quant.smiles.surface import vols_at
from engine.quant.smiles.underlying import fit_underlying
from tests.kit.numbers import record
from tests.kit.quant import NEW_YORK
from tests.kit.smiles import recorded_quotes
from tests.quant.european.test_inverse import DAILY, FOLDER, WITH_DELTAS, read


def _at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=NEW_YORK)


CHAINS = {
    "QQQ_2024-03-22_eod.csv.gz": _at(2024, 3, 22, 16, 15),
    "SPX_2022-06-10_eod.csv.gz": _at(2022, 6, 10, 16, 15),
    "SPX_2022-07-12_1155ET_intraday.csv.gz": _at(2022, 7, 12, 11, 40),
    "SPX_2022-12-12_eod.csv.gz": _at(2022, 12, 12, 16, 15),
    "SPX_2023-06-09_1340ET_intraday.csv.gz": _at(2023, 6, 9, 13, 25),
    "SPX_2023-09-14_1631ET.csv.gz": _at(2023, 9, 14, 16, 15),
    "SPX_2023-12-08_locale-ru.csv.gz": _at(2023, 12, 8, 13, 34),
    **{
        f"SPX_2025-10-01_exp{expiry}.csv": _at(2025, 10, 1, 16, 15)
        for expiry in ("2026-06-18", "2026-08-21", "2026-09-18", "2026-12-18", "2027-06-17", "2027-12-17")
    },
}
EMPTY = "SPX_2022-12-12_eod.csv.gz"
"""Recorded after hours: nine series of ten have no bid and offer at all."""
ROLES = ("display", "risk")


def misses_at_the_checkpoints(fit: SurfaceFit, quotes: SmileQuotes, i: int) -> list[float]:
    """How far, in widths, the surface is from the two-sided out-of-the-money quote nearest to F, 0.85 F and 1.15 F."""
    own = quotes.segments.owner == i
    K, sign = np.asarray(quotes.strikes)[own], np.asarray(quotes.rights)[own]
    mid, bid, ask = (np.asarray(column)[own] for column in (quotes.vols, quotes.bid_vols, quotes.ask_vols))
    F = float(np.asarray(quotes.forwards)[i])
    counted = (sign * (K - F) >= 0) & (np.asarray(quotes.bids)[own] > 0) & (ask > bid) & np.isfinite(mid + bid + ask)
    if counted.sum() < 3:
        return []
    found = []
    for place in (1.0, 0.85, 1.15):
        nearest = int(np.argmin(np.where(counted, np.abs(K - place * F), np.inf)))
        if abs(K[nearest] / F - place) < 0.03:
            fitted = float(vols_at(surface=fit.surface, log_moneyness=math.log(K[nearest] / F), years=fit.quotes.years[i]).vols)
            found.append(abs(fitted - mid[nearest]) / (ask[nearest] - bid[nearest]))
    return found


@pytest.mark.parametrize("name", CHAINS)
def test_no_slice_called_good_misses_its_quotes_by_more_than_they_are_wide(warm_kernels: None, fixtures: Path, name: str):
    with tiers.using("numba"):
        quotes = recorded_quotes(fixtures / "cboe_quotedata_csv" / name, CHAINS[name])
        both = fit_underlying(quotes=quotes)
        fits = {**both._asdict(), "bare": fit_surface(quotes=quotes, fallback=False)}
    quoted = np.bincount(quotes.segments.owner[both.quotes.measured], minlength=quotes.segments.pieces) >= 3
    assert quoted.any()
    for fit in fits.values():
        grades = fit.grades.grades
        for i in np.flatnonzero(grades == FitGrade.GOOD).tolist():
            misses = misses_at_the_checkpoints(fit, quotes, i)
            assert all(miss <= 1.0 for miss in misses), (i, misses)
        assert (grades[~quoted] != FitGrade.GOOD).all()
    assert (both.display.grades.grades[fits["display"].splines.present] != FitGrade.GOOD).all()
    for role in ROLES:
        _record(name, role, fits[role], quoted)


def _record(name: str, role: str, fit: SurfaceFit, quoted: np.ndarray) -> None:
    """Shares by grade, and residuals in widths and in volatility, for the page of numbers."""
    grades, quotes = fit.grades.grades[quoted], fit.quotes
    many = int(quoted.sum())
    for grade in (FitGrade.FAIR, FitGrade.POOR, FitGrade.FAILED):
        share = float((grades == grade).mean())
        most = 1.0 if grade is FitGrade.FAIR or role == "risk" else 0.1
        record(table=name, quantity=f"{role}: slices graded {grade.name.lower()}, share", error=share, tolerance=most, cases=many)
    widths = np.abs(fit.grades.residuals[quotes.measured])
    vols = widths * np.fmax(quotes.ask_vols - quotes.bid_vols, 1e-4)[quotes.measured]
    known = np.isfinite(widths)
    bounds = {"display": (2.5, 8.0, 0.004, 0.05), "risk": (5.0, 25.0, 0.012, 0.25)}[role]
    said = (
        "median residual, bid-ask widths",
        "95 % of residuals, bid-ask widths",
        "median residual, volatility",
        "95 % of residuals, volatility",
    )
    found = [float(np.quantile(values[known], part)) for values in (widths, vols) for part in (0.5, 0.95)]
    for what, error, most in zip(said, found, bounds, strict=True):
        record(table=name, quantity=f"{role}: {what}", error=error, tolerance=most, cases=int(known.sum()))


@pytest.mark.parametrize("name", CHAINS)
def test_the_risk_surface_has_no_arbitrage(warm_kernels: None, fixtures: Path, name: str):
    with tiers.using("numba"):
        risk = fit_underlying(quotes=recorded_quotes(fixtures / "cboe_quotedata_csv" / name, CHAINS[name])).risk
        assert not butterflies(slices=risk.surface.slices).arbitrage.any()
        assert not calendars(slices=risk.surface.slices).arbitrage.any()
    shown = risk.statuses == 0
    assert risk.butterfly_free[shown].all()
    assert risk.calendar_free[shown].all()


def test_quotes_that_are_left_out_all_have_a_reason(warm_kernels: None, fixtures: Path):
    with tiers.using("numba"):
        quotes = recorded_quotes(fixtures / "cboe_quotedata_csv" / EMPTY, CHAINS[EMPTY])
        both = fit_underlying(quotes=quotes)
    counts = both.quotes.counts().sum(axis=0)
    assert counts.sum() == quotes.segments.owner.size
    assert counts[QuoteUse.NO_BID] > 10 * counts[QuoteUse.USED]
    assert np.mean(both.display.grades.grades == FitGrade.FAILED) > 0.5


def coin_quotes(path: Path, coin: str) -> tuple[SmileQuotes, np.ndarray]:
    """The options of a venue's snapshot on one coin, in currency, and the volatilities of its marks."""
    found = read(path)
    own = np.flatnonzero(np.char.startswith(found.series.astype(str), coin))
    own = own[np.lexsort((found.rights[own], found.strikes[own], found.years[own]))]
    _, first, sizes = np.unique(found.years[own], return_index=True, return_counts=True)
    cut = of_sizes(sizes)
    forwards, years = found.forwards[own][first], found.years[own][first]
    quotes = quotes_of_prices(
        strikes=found.strikes[own],
        rights=found.rights[own],
        bids=found.bids[own] * forwards[cut.owner],
        asks=found.asks[own] * forwards[cut.owner],
        segments=cut,
        forwards=forwards,
        discounts=np.ones(years.size),
        years=years,
    )
    return quotes, found.vols[own]


@pytest.mark.parametrize("coin", ["BTC", "ETH"])
@pytest.mark.parametrize("name", WITH_DELTAS + DAILY)
def test_a_coins_smiles_go_near_the_volatilities_of_the_venues_marks(warm_kernels: None, fixtures: Path, name: str, coin: str):
    with tiers.using("numba"):
        quotes, marked = coin_quotes(fixtures / FOLDER / name, coin)
        both = fit_underlying(quotes=quotes)
    used = both.quotes.uses == QuoteUse.USED
    owner = quotes.segments.owner[used]
    assert used.sum() > 250
    assert (both.display.grades.grades <= FitGrade.FAIR).mean() > 0.9
    for role, tolerance in (("display", 0.004), ("risk", 0.008)):
        surface = getattr(both, role).surface
        fitted = vols_at(surface=surface, strikes=np.asarray(quotes.strikes)[used], years=np.asarray(quotes.years)[owner]).vols
        off = float(np.nanmedian(np.abs(fitted - marked[used])))
        record(
            table=f"{FOLDER}: {coin}",
            quantity=f"{role}: fitted less mark volatility, median",
            error=off,
            tolerance=tolerance,
            cases=owner.size,
        )
