"""From quotes to a surface and its grade: real chains, known surfaces, and everything that may be wrong with quotes."""

import math
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitGrade, FitStatus, GradeReason, QuoteUse
from engine.quant.smiles import essvi, svi
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.fitting import SmileModel, fit_surface
from engine.quant.smiles.quotes import SmileQuotes, choose
from engine.quant.smiles.surface import vols_at
from tests.kit.quant import NEW_YORK
from tests.kit.smiles import VOGT, recorded_quotes, smile_quotes, ssvi_market

RECORDED = {
    "SPX_2023-06-09_1340ET_intraday.csv.gz": datetime(2023, 6, 9, 13, 25, tzinfo=NEW_YORK),
    "SPX_2023-09-14_1631ET.csv.gz": datetime(2023, 9, 14, 16, 15, tzinfo=NEW_YORK),
}


@pytest.mark.parametrize("name", RECORDED)
def test_on_a_recorded_chain_essvi_and_ssvi_have_no_arbitrage(warm_kernels: None, fixtures: Path, name: str):
    with tiers.using("numba"):
        quotes = recorded_quotes(fixtures / "cboe_quotedata_csv" / name, RECORDED[name])
        for model in (SmileModel.ESSVI, SmileModel.SSVI):
            fit = fit_surface(quotes=quotes, model=model)
            assert fit.surface.years.size > 45
            assert not butterflies(slices=fit.surface.slices).arbitrage.any()
            assert not calendars(slices=fit.surface.slices).arbitrage.any()


@pytest.mark.parametrize("name", ["SPX_2023-09-14_1631ET.csv.gz"])
def test_on_a_recorded_chain_freedom_from_arbitrage_costs_essvi_next_to_nothing(warm_kernels: None, fixtures: Path, name: str):
    """Slices fitted alone are the bound of every joint fit of the model."""
    with tiers.using("numba"):
        chosen = choose(recorded_quotes(fixtures / "cboe_quotedata_csv" / name, RECORDED[name]))
        used = np.flatnonzero(chosen.weights > 0.0)
        cut = of_sizes(np.bincount(chosen.segments.owner[used], minlength=chosen.years.size).astype(np.intp))
        k, vols, weights = chosen.log_moneyness[used], chosen.vols[used], chosen.weights[used]
        terms = {"log_moneyness": k, "vols": vols, "weights": weights, "segments": cut, "years": chosen.years}
        fits = [essvi.fit_surface(**terms), essvi.fit_surface(**terms, firsts=np.ones(chosen.years.size, dtype=bool))]
    norm = np.bincount(cut.owner, weights=weights, minlength=cut.pieces)
    joint, alone = (float(np.nansum(norm * fit.errors**2)) for fit in fits)
    assert alone <= joint < 1.05 * alone


def test_essvi_is_closest_about_the_money(warm_kernels: None, fixtures: Path):
    name = "SPX_2023-09-14_1631ET.csv.gz"
    with tiers.using("numba"):
        quotes = recorded_quotes(fixtures / "cboe_quotedata_csv" / name, RECORDED[name])
        fit = fit_surface(quotes=quotes, model=SmileModel.ESSVI)
    chosen, owner = fit.quotes, fit.quotes.segments.owner
    at = np.flatnonzero(chosen.weights > 0.0)
    deviations = np.abs(chosen.log_moneyness[at]) / (chosen.vols[at] * np.sqrt(chosen.years[owner[at]]))
    fitted = svi.vols(log_moneyness=chosen.log_moneyness[at], slices=fit.slices.of(owner[at]), years=chosen.years[owner[at]])
    miss = np.abs(fitted - chosen.vols[at])
    assert np.nanmedian(miss[deviations <= 2.0]) < 0.0025
    assert np.nanmedian(miss[deviations <= 2.0]) < 0.5 * np.nanmedian(miss[deviations > 2.0])


@pytest.mark.parametrize("model", SmileModel)
def test_a_known_surface_is_fitted_and_graded_good(tier: tiers.Tier, model: SmileModel):
    market, truth = ssvi_market(slices=4)
    fit = fit_surface(quotes=smile_quotes(surface=truth, years=market.years), model=model)
    assert (fit.grades.grades == FitGrade.GOOD).all()
    assert (fit.grades.reasons == GradeReason.NONE).all()
    assert (fit.grades.inside == 1.0).all()
    k = np.linspace(-0.1, 0.1, 5)
    for i, years in enumerate(market.years):
        ours = vols_at(surface=fit.surface, log_moneyness=k * math.sqrt(years), years=years).vols
        theirs = svi.vols(log_moneyness=k * math.sqrt(years), slices=truth.of(np.array([i])), years=years)
        assert np.allclose(ours, theirs, atol=1e-3)


def test_a_smile_with_no_quote_near_the_forward_is_never_good_however_well_it_meets_the_others(tier: tiers.Tier):
    market, truth = ssvi_market(slices=2)
    quotes = smile_quotes(surface=truth, years=market.years, points=41)
    k = np.log(np.asarray(quotes.strikes) / quotes.forwards[quotes.segments.owner])
    wing = np.abs(k) > np.asarray(quotes.vols) * np.sqrt(quotes.years[quotes.segments.owner])
    far = np.where((quotes.segments.owner == 1) & ~(wing & (np.abs(k) > 0.05)), np.nan, quotes.bids)
    whole, hollow = fit_surface(quotes=quotes).grades, fit_surface(quotes=quotes._replace(bids=far)).grades
    assert whole.grades.tolist() == [FitGrade.GOOD, FitGrade.GOOD]
    assert hollow.grades.tolist() == [FitGrade.GOOD, FitGrade.FAIR]
    assert hollow.reasons.tolist() == [GradeReason.NONE, GradeReason.NOTHING_NEAR]
    assert hollow.inside[1] == 1.0


def test_vogts_smile_fits_perfectly_and_is_not_good(tier: tiers.Tier):
    fit = fit_surface(quotes=smile_quotes(surface=VOGT, years=np.ones(1), reach=(-10.0, 10.0), points=61), fallback=False)
    assert fit.grades.reasons[0] & GradeReason.BUTTERFLY
    assert fit.grades.grades[0] != FitGrade.GOOD
    assert fit.least_g[0] < -0.03
    assert fit.grades.median_widths[0] < 0.01


@pytest.mark.parametrize(
    ("points", "status", "best"),
    [
        (5, FitStatus.OK, FitGrade.GOOD),
        (3, FitStatus.FEW_STRIKES, FitGrade.FAIR),
        (2, FitStatus.TWO_STRIKES, FitGrade.POOR),
        (1, FitStatus.ONE_STRIKE, FitGrade.POOR),
    ],
)
def test_one_expiry_of_few_strikes_has_a_surface_and_a_grade_that_says_so(tier: tiers.Tier, points: int, status: FitStatus, best: FitGrade):
    _, truth = ssvi_market(slices=1)
    fit = fit_surface(quotes=smile_quotes(surface=truth, years=np.array([3 / 365]), points=points, reach=(-1.5, 1.0)))
    assert fit.statuses[0] == status
    assert fit.grades.grades[0] >= best
    assert (fit.grades.reasons[0] & GradeReason.FEW_STRIKES > 0) == (points < 5)
    assert float(vols_at(surface=fit.surface, log_moneyness=0.0, years=3 / 365).vols) == pytest.approx(0.237, abs=0.1)


def test_what_no_model_fits_gets_a_spline_that_is_never_good(tier: tiers.Tier):
    k = np.linspace(-0.3, 0.3, 31)
    mids = 0.3 + 0.05 * np.sin(25 * k)
    quotes = SmileQuotes(
        strikes=100 * np.exp(k), rights=np.where(k >= 0, 1.0, -1.0), bids=np.ones(31), asks=np.full(31, 1.1), vols=mids,
        bid_vols=mids - 1e-3, ask_vols=mids + 1e-3, segments=of_sizes(np.array([31])), forwards=[100.0], years=[0.5],
    )  # fmt: skip
    without, with_it = fit_surface(quotes=quotes, fallback=False), fit_surface(quotes=quotes)
    assert without.grades.grades[0] >= FitGrade.POOR
    assert without.grades.reasons[0] & GradeReason.OUTSIDE_QUOTES
    assert with_it.grades.grades[0] != FitGrade.GOOD
    if with_it.splines.present[0]:
        assert with_it.grades.reasons[0] & GradeReason.FALLBACK


def test_series_without_a_usable_quote_fail_and_are_no_part_of_the_surface(tier: tiers.Tier):
    _, truth = ssvi_market(slices=2)
    quotes = smile_quotes(surface=truth, years=np.array([0.1, 0.2]))
    bids = np.array(quotes.bids)
    bids[quotes.segments.owner == 0] = 0.0
    fit = fit_surface(quotes=quotes._replace(bids=bids))
    assert fit.grades.grades.tolist()[0] == FitGrade.FAILED
    assert fit.surface.years.tolist() == [0.2]
    assert fit.quotes.counts()[0, QuoteUse.NO_BID] == 50


def test_expiries_that_cross_are_told(tier: tiers.Tier):
    _, truth = ssvi_market(slices=2)
    swapped = truth.of(np.array([1, 0]))
    fit = fit_surface(quotes=smile_quotes(surface=swapped, years=np.array([1.0, 1.2]), points=9))
    assert fit.falls[1] > 0.0
    assert fit.grades.reasons[1] & GradeReason.CALENDAR
    assert fit.grades.grades[1] != FitGrade.GOOD


numbers = st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([0.0, 0.2, 1.0, math.nan, -1.0, 1e308]))


@given(data=st.data(), n=st.integers(0, 8), years=numbers.filter(lambda value: not value > 40))
@settings(max_examples=40, deadline=None)
def test_no_quotes_however_odd_raise_or_are_called_good_without_reason(data: st.DataObject, n: int, years: float):
    columns = [np.array(data.draw(st.lists(numbers.filter(lambda value: not abs(value) > 9), min_size=n, max_size=n))) for _ in range(7)]
    quotes = SmileQuotes(*columns, segments=of_sizes(np.array([n])), forwards=np.array([1.0]), years=np.array([years]))
    fit = fit_surface(quotes=quotes)
    grade = FitGrade(int(fit.grades.grades[0]))
    assert (grade is FitGrade.GOOD) == (fit.grades.reasons[0] == 0 and grade is not FitGrade.FAILED)
    if fit.quotes.counts()[0, QuoteUse.USED] == 0:
        assert grade is FitGrade.FAILED


def test_residuals_are_in_widths_of_the_quotes(tier: tiers.Tier):
    _, truth = ssvi_market(slices=1)
    quotes = smile_quotes(surface=truth, years=np.array([3 / 365]), width=0.01, points=9)
    shifted = quotes._replace(
        **{
            name: np.asarray(getattr(quotes, name)) + np.where(np.arange(18) % 4 < 2, 0.002, -0.002)
            for name in ("vols", "bid_vols", "ask_vols")
        }
    )
    fit = fit_surface(quotes=shifted)
    sizes = np.abs(fit.grades.residuals[fit.quotes.measured])
    assert 0.05 < np.median(sizes) < 0.4
    assert np.isnan(fit.grades.residuals[~fit.quotes.measured]).all()
