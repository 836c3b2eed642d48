"""Delta conventions, strikes of a delta and wings, as foreign exchange quotes them."""

import math

import numpy as np
import pytest
import QuantLib

from engine.quant.european.black import prices
from engine.quant.smiles.delta import AtmType, DeltaConvention, deltas, is_adjusted, strikes_at_delta, strikes_at_the_money
from engine.quant.smiles.svi import RawSvi, vols
from engine.quant.smiles.wings import wings

NAMES = {
    DeltaConvention.SPOT: QuantLib.DeltaVolQuote.Spot,
    DeltaConvention.FORWARD: QuantLib.DeltaVolQuote.Fwd,
    DeltaConvention.SPOT_PREMIUM_ADJUSTED: QuantLib.DeltaVolQuote.PaSpot,
    DeltaConvention.FORWARD_PREMIUM_ADJUSTED: QuantLib.DeltaVolQuote.PaFwd,
}
T, SPOT, DOMESTIC, FOREIGN = 0.75, 1.2, math.exp(-0.04 * 0.75), math.exp(-0.02 * 0.75)
FORWARD = SPOT * FOREIGN / DOMESTIC
SLICE = RawSvi(*map(np.float64, (0.004, 0.06, -0.4, 0.01, 0.12)))


def skewed(k: np.ndarray) -> np.ndarray:
    return vols(log_moneyness=k, slices=SLICE, years=T)


def flat(vol: float) -> object:
    return lambda k: np.full(np.shape(k), vol)


@pytest.mark.parametrize("convention", DeltaConvention)
@pytest.mark.parametrize("right", [1, -1])
def test_deltas_and_their_strikes_are_quantlibs(convention: DeltaConvention, right: int):
    kind = QuantLib.Option.Call if right > 0 else QuantLib.Option.Put
    for vol in (0.08, 0.25):
        s = vol * math.sqrt(T)
        peer = QuantLib.BlackDeltaCalculator(kind, NAMES[convention], SPOT, DOMESTIC, FOREIGN, s)
        strikes = np.array([0.9, 1.15, 1.22, 1.5])
        ours = deltas(log_moneyness=np.log(strikes / FORWARD), deviations=s, rights=right, convention=convention, carries=FOREIGN)
        assert np.allclose(ours, [peer.deltaFromStrike(float(strike)) for strike in strikes], atol=1e-13)
        for target in (0.1, 0.25, 0.4):
            found = strikes_at_delta(targets=target, rights=right, smile=flat(vol), years=T, convention=convention, carries=FOREIGN)
            assert FORWARD * math.exp(float(found.log_moneyness)) == pytest.approx(peer.strikeFromDelta(right * target), rel=1e-8)


@pytest.mark.parametrize("convention", DeltaConvention)
@pytest.mark.parametrize("right", [1.0, -1.0])
def test_on_a_smile_the_strike_found_has_the_delta_asked_for(convention: DeltaConvention, right: float):
    targets = np.array([0.05, 0.1, 0.25, 0.4])
    found = strikes_at_delta(targets=targets, rights=right, smile=skewed, years=T, convention=convention, carries=FOREIGN)
    again = deltas(
        log_moneyness=found.log_moneyness, deviations=found.vols * math.sqrt(T), rights=right, convention=convention, carries=FOREIGN
    )
    assert np.allclose(np.abs(again), targets, atol=1e-12)
    assert np.allclose(found.vols, skewed(found.log_moneyness))
    assert (np.diff(found.log_moneyness) * right < 0).all()


def test_of_two_strikes_of_a_premium_adjusted_call_the_outer_one_is_meant():
    convention = DeltaConvention.FORWARD_PREMIUM_ADJUSTED
    found = float(strikes_at_delta(targets=0.3, rights=1.0, smile=flat(0.4), years=T, convention=convention).log_moneyness)
    k = np.linspace(-3, 3, 6001)
    size = deltas(log_moneyness=k, deviations=0.4 * math.sqrt(T), rights=1.0, convention=convention)
    crossings = k[:-1][np.diff(np.sign(size - 0.3)) != 0]
    assert crossings.size == 2
    assert found == pytest.approx(crossings[1], abs=1e-3)


@pytest.mark.parametrize("target", [0.999, 0.0, math.nan])
def test_a_delta_no_strike_has_gives_no_number(target: float):
    found = strikes_at_delta(targets=target, rights=1.0, smile=skewed, years=T, convention=DeltaConvention.SPOT, carries=FOREIGN)
    assert math.isnan(float(found.log_moneyness))
    assert math.isnan(float(found.vols))


@pytest.mark.parametrize("convention", DeltaConvention)
def test_a_straddle_struck_delta_neutral_has_no_delta(convention: DeltaConvention):
    at = strikes_at_the_money(atm=AtmType.DELTA_NEUTRAL, smile=skewed, years=T, convention=convention)
    s = at.vols * math.sqrt(T)
    assert float(at.log_moneyness) == pytest.approx(float(s * s / 2) * (-1 if is_adjusted(convention) else 1), rel=1e-12)
    both = [deltas(log_moneyness=at.log_moneyness, deviations=s, rights=sign, convention=convention) for sign in (1.0, -1.0)]
    assert float(sum(both)) == pytest.approx(0.0, abs=1e-12)


def test_at_the_money_forward_and_spot_are_where_they_say():
    forward = strikes_at_the_money(atm=AtmType.FORWARD, smile=skewed, years=T)
    spot = strikes_at_the_money(atm=AtmType.SPOT, smile=skewed, years=T, spot_moneyness=math.log(SPOT / FORWARD))
    assert float(forward.log_moneyness) == 0.0
    assert FORWARD * math.exp(float(spot.log_moneyness)) == pytest.approx(SPOT)


def test_wings_obey_their_formulas():
    found = wings(smile=skewed, years=T)
    assert float(found.risk_reversals) == pytest.approx(float(found.call_vols - found.put_vols))
    assert float(found.butterflies) == pytest.approx(float((found.call_vols + found.put_vols) / 2 - found.atm_vols))
    assert float(found.call_vols) == pytest.approx(float(found.atm_vols + found.butterflies + found.risk_reversals / 2))
    assert float(found.risk_reversals) < 0.0 < float(found.butterflies)
    assert float(found.put_places) < 0.0 < float(found.call_places)
    ten = wings(smile=skewed, years=T, delta=0.10)
    assert float(ten.risk_reversals) < float(found.risk_reversals)


@pytest.mark.parametrize("convention", DeltaConvention)
def test_the_market_strangle_costs_at_its_volatility_what_it_costs_on_the_smile(convention: DeltaConvention):
    found = wings(smile=skewed, years=T, convention=convention, atm=AtmType.DELTA_NEUTRAL, carries=FOREIGN)
    vol = float(found.atm_vols + found.market_strangles)
    places = [
        float(strikes_at_delta(targets=0.25, rights=sign, smile=flat(vol), years=T, convention=convention, carries=FOREIGN).log_moneyness)
        for sign in (1.0, -1.0)
    ]
    at_one = sum(
        float(prices(forwards=1.0, strikes=math.exp(k), years=T, vols=vol, rights=sign)) for k, sign in zip(places, (1, -1), strict=True)
    )
    on_smile = sum(
        float(prices(forwards=1.0, strikes=math.exp(k), years=T, vols=float(skewed(np.array(k))), rights=sign))
        for k, sign in zip(places, (1, -1), strict=True)
    )
    assert at_one == pytest.approx(on_smile, abs=1e-11)
    assert vol != pytest.approx(float(found.atm_vols + found.butterflies), abs=1e-5)


def test_on_a_flat_smile_there_is_neither():
    found = wings(smile=flat(0.2), years=T)
    assert [float(value) for value in (found.risk_reversals, found.butterflies, found.market_strangles)] == pytest.approx(
        [0, 0, 0], abs=1e-12
    )


def test_a_column_of_expiries_is_answered_at_once():
    years = np.array([0.1, 0.75, 2.0])
    together = wings(smile=lambda k: 0.2 - 0.1 * k / np.sqrt(years), years=years)
    for i, time in enumerate(years):
        alone = wings(smile=lambda k, time=time: 0.2 - 0.1 * k / math.sqrt(time), years=time)
        assert [float(column[i]) for column in together] == pytest.approx([float(value) for value in alone], abs=1e-9)


def test_without_time_nothing_is_known_and_a_delta_in_percent_is_refused():
    found = wings(smile=skewed, years=0.0)
    assert all(math.isnan(float(value)) for value in found)
    with pytest.raises(ValueError, match="for 25 delta"):
        wings(smile=skewed, years=T, delta=25.0)
