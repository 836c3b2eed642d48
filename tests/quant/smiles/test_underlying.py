"""Both surfaces of one underlying: from prices, refitted in part, and every contract priced on them."""

import numpy as np
import pytest

from engine.quant import tiers
from engine.quant.chain.segments import of_sizes
from engine.quant.codes import FitGrade, QuoteUse, SurfaceFlag
from engine.quant.european.black import prices
from engine.quant.smiles.arbitrage import butterflies, calendars
from engine.quant.smiles.contracts import contract_numbers
from engine.quant.smiles.fitting import fit_surface
from engine.quant.smiles.quotes import SmileQuotes, quotes_of_prices
from engine.quant.smiles.surface import vols_at
from engine.quant.smiles.underlying import UnderlyingFit, fit_underlying
from tests.kit.smiles import smile_quotes, ssvi_market

SLICES = 6


def market(shift: float = 0.0, slices: int = SLICES) -> SmileQuotes:
    quoted, truth = ssvi_market(slices=slices)
    quotes = smile_quotes(surface=truth, years=quoted.years, noise=0.0005)
    moved = {name: np.asarray(getattr(quotes, name)) + shift for name in ("vols", "bid_vols", "ask_vols")}
    return quotes._replace(**moved)


def mixed(slices: list[int]) -> SmileQuotes:
    """Of these series the quotes have risen by half a point."""
    before, after = market(), market(0.005)
    risen = np.isin(before.segments.owner, slices)
    names = ("vols", "bid_vols", "ask_vols")
    return before._replace(**{name: np.where(risen, getattr(after, name), getattr(before, name)) for name in names})


def assert_alike(ours: UnderlyingFit, theirs: UnderlyingFit) -> None:
    k = np.linspace(-0.1, 0.1, 5)[:, np.newaxis]
    for one, other in zip(ours, theirs, strict=True):
        found, truth = (vols_at(surface=fit.surface, log_moneyness=k, years=fit.quotes.years).vols for fit in (one, other))
        assert np.allclose(found, truth, atol=2e-4)
        assert np.array_equal(one.grades.grades, other.grades.grades)
        assert np.allclose(one.grades.residuals, other.grades.residuals, atol=0.1, equal_nan=True)
        assert np.allclose(one.falls[1:], other.falls[1:], atol=1e-4)


def test_both_are_what_each_model_gives_alone(tier: tiers.Tier):
    quotes = market()
    both = fit_underlying(quotes=quotes)
    for fit in both:
        alone = fit_surface(quotes=quotes, model=fit.model)
        assert np.array_equal(fit.slices.a, alone.slices.a)
        assert np.array_equal(fit.grades.grades, alone.grades.grades)
        assert fit.butterfly_free.all()
        assert fit.calendar_free.all()
        assert (fit.grades.rms_vols < 0.001).all()


@pytest.mark.parametrize("dirty", [[0], [3], [SLICES - 1], [1, 4]])
def test_a_refit_of_what_moved_is_the_fit_of_everything(tier: tiers.Tier, dirty: list[int]):
    before = fit_underlying(quotes=market())
    flags = np.isin(np.arange(SLICES), dirty)
    again = fit_underlying(quotes=mixed(dirty), before=before, dirty=flags)
    assert_alike(again, fit_underlying(quotes=mixed(dirty)))
    still = ~flags
    assert np.array_equal(again.display.slices.a[still], before.display.slices.a[still])
    assert (again.display.slices.a[flags] != before.display.slices.a[flags]).all()
    shown = again.risk.surface.slices
    assert not butterflies(slices=shown).arbitrage.any()
    assert not calendars(slices=shown).arbitrage.any()


def test_a_refit_of_everything_begins_where_the_last_one_stood_and_comes_out_alike(tier: tiers.Tier):
    before = fit_underlying(quotes=market())
    assert_alike(fit_underlying(quotes=market(0.005), before=before), fit_underlying(quotes=market(0.005)))


def test_a_series_with_other_strikes_than_before_is_dirty_and_one_may_lose_all_its_quotes(tier: tiers.Tier):
    before = fit_underlying(quotes=market())
    fewer = market().of(np.arange(SLICES))
    keep = ~((fewer.segments.owner == 2) & (np.arange(fewer.segments.owner.size) % 5 == 0))
    columns = {name: np.asarray(getattr(fewer, name))[keep] for name in SmileQuotes._fields[:7]}
    cut = of_sizes(np.bincount(fewer.segments.owner[keep], minlength=SLICES))
    quotes = fewer._replace(**columns, segments=cut)
    again = fit_underlying(quotes=quotes, before=before, dirty=np.zeros(SLICES, dtype=bool))
    assert again.quotes.segments.sizes[2] == cut.sizes[2]
    assert again.display.slices.a[2] != before.display.slices.a[2]
    dead = quotes._replace(bids=np.where(cut.owner == 2, 0.0, quotes.bids))
    gone = fit_underlying(quotes=dead, before=again, dirty=np.arange(SLICES) == 2)
    assert gone.display.grades.grades[2] == FitGrade.FAILED
    assert gone.quotes.counts()[2, QuoteUse.NO_BID] == cut.sizes[2]
    assert gone.risk.surface.years.size == SLICES - 1
    back = fit_underlying(quotes=quotes, before=gone, dirty=np.arange(SLICES) == 2)
    assert_alike(back, again)


def test_nothing_moved_is_the_fit_before():
    before = fit_underlying(quotes=market())
    assert fit_underlying(quotes=market(), before=before, dirty=np.zeros(SLICES, dtype=bool)) is before


def test_flags_and_fits_of_other_series_are_refused_in_words():
    before = fit_underlying(quotes=market())
    with pytest.raises(ValueError, match="of 6 series, not of 2"):
        fit_underlying(quotes=market(slices=2), before=before)
    with pytest.raises(ValueError, match="dirty needs the fit before"):
        fit_underlying(quotes=market(), dirty=np.ones(SLICES, dtype=bool))
    with pytest.raises(ValueError, match="one flag for each of 6"):
        fit_underlying(quotes=market(), before=before, dirty=[True])


def priced(clock: np.ndarray | None = None) -> tuple[SmileQuotes, np.ndarray, np.ndarray]:
    """Prices of a known market asked for their volatilities again, with the discounts."""
    truth = market()
    T, cut = np.asarray(truth.years), truth.segments
    discounts = np.exp(-0.04 * T)
    bids, asks = (np.asarray(side) * discounts[cut.owner] for side in (truth.bids, truth.asks))
    quotes = quotes_of_prices(
        strikes=truth.strikes, rights=truth.rights, bids=bids, asks=asks, segments=cut,
        forwards=truth.forwards, discounts=discounts, years=T, variance_years=clock,
    )  # fmt: skip
    return quotes, discounts, T


def test_prices_give_the_volatilities_they_were_made_of(tier: tiers.Tier):
    quotes, _, _ = priced()
    truth = market()
    seen = np.asarray(truth.bids) > 1e-6
    assert np.allclose(np.asarray(quotes.bid_vols)[seen], np.asarray(truth.bid_vols)[seen], atol=1e-6)
    broken = quotes_of_prices(
        strikes=[100.0] * 4, rights=[1.0] * 4, bids=[0.0, 3.0, np.nan, 2.0], asks=[1.0, 2.0, 2.0, np.inf], segments=of_sizes(np.array([4])),
        forwards=[100.0], discounts=[1.0], years=[0.1],
    )  # fmt: skip
    assert np.isnan(np.asarray(broken.vols)[:3]).all()
    assert fit_underlying(quotes=broken).display.grades.grades[0] == FitGrade.FAILED


def test_on_another_clock_the_contracts_are_worth_the_same(tier: tiers.Tier):
    plain, discounts, T = priced()
    told, _, _ = priced(1.3 * T)
    values = []
    for quotes, clock in ((plain, None), (told, 1.3 * T)):
        surface = fit_underlying(quotes=quotes).display.surface
        found = contract_numbers(
            surface=surface, strikes=quotes.strikes, rights=quotes.rights, segments=quotes.segments,
            forwards=quotes.forwards, discounts=discounts, years=T, variance_years=clock,
        )  # fmt: skip
        values.append(found)
    assert np.allclose(values[0].vols, values[1].vols, rtol=1e-4)
    assert np.allclose(values[0].greeks.prices, values[1].greeks.prices, rtol=1e-3, atol=1e-3)


def test_contracts_are_priced_at_the_surfaces_volatility_and_flagged(tier: tiers.Tier):
    quotes, discounts, T = priced()
    surface = fit_underlying(quotes=quotes).risk.surface
    cut = of_sizes(np.array([2, 1]))
    forwards, years = np.asarray(quotes.forwards)[[1, 2]], np.array([T[1], 0.5 * (T[1] + T[2])])
    strikes, rights = np.array([forwards[0], 9.0 * forwards[0], forwards[1]]), np.array([1.0, 1.0, -1.0])
    found = contract_numbers(
        surface=surface, strikes=strikes, rights=rights, segments=cut, forwards=forwards, discounts=discounts[[1, 2]], years=years
    )
    assert found.flags.tolist() == [SurfaceFlag.FITTED, SurfaceFlag.BEYOND_STRIKES, SurfaceFlag.BETWEEN_EXPIRIES]
    terms = {"forwards": forwards[cut.owner], "strikes": strikes, "years": years[cut.owner], "rights": rights}
    assert np.allclose(found.greeks.prices, prices(**terms, vols=found.vols, discounts=discounts[[1, 2]][cut.owner]))
    assert np.allclose(found.vols, vols_at(surface=surface, strikes=strikes, years=years[cut.owner]).vols, rtol=1e-3)
