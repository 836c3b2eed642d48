"""American contracts of a table."""

import numpy as np

from engine.quant import american, tiers
from engine.quant.american.batch import numbers, vols
from engine.quant.american.dividends import DividendSchedule
from engine.quant.american.dividends import prices as cash_prices
from engine.quant.codes import IvStatus
from engine.quant.contracts import ContractNumbers, Contracts, Dividends


def contracts() -> Contracts:
    """A share with a yield, the same with a cash dividend, a future, and one without a strike."""
    return Contracts(
        rights=np.array([-1.0, -1.0, 1.0, 1.0]),
        american=np.ones(4, dtype=np.bool_),
        on_forward=np.array([False, False, True, False]),
        underlyings=np.array([100.0, 100.0, 70.0, 50.0]),
        strikes=np.array([100.0, 105.0, 65.0, np.nan]),
        years=np.array([0.5, 0.5, 0.75, 0.2]),
        rates=np.array([0.04, 0.04, 0.05, 0.04]),
        yields=np.array([0.02, 0.0, 0.0, 0.0]),
        dividends=Dividends(np.array([1, 1]), np.array([0.2, 0.6]), np.array([1.5, 1.5])),
    )


def test_each_contract_is_priced_by_its_own_model(tier: tiers.Tier):
    asked = contracts()
    found = ContractNumbers(*numbers(contracts=asked, vols=np.array([0.2, 0.25, 0.4, 0.3]), early=True))
    share = american.prices(spots=100, strikes=100, years=0.5, vols=0.2, rights=-1, rates=0.04, yields=0.02)
    paying = cash_prices(spots=100, strikes=105, years=0.5, vols=0.25, rights=-1, rates=0.04, dividends=DividendSchedule(0.2, 1.5))
    future = american.prices(spots=70, strikes=65, years=0.75, vols=0.4, rights=1, rates=0.05, yields=0.05)
    np.testing.assert_allclose(found.prices[:3], [share, paying, future], atol=5e-4)
    assert np.isnan(np.stack(found)[:, 3]).all()
    assert np.isfinite(np.stack(found)[:, :3]).all()
    up, down = (
        american.prices(spots=70, strikes=65, years=0.75, vols=0.4, rights=1, rates=rate, yields=rate, setting="fine")
        for rate in (0.051, 0.049)
    )
    assert abs(found.rhos[2] - float(up - down) / 0.002) < 0.05


def test_and_has_its_own_volatility(tier: tiers.Tier):
    asked = contracts()
    given = np.array([0.2, 0.25, 0.4, 0.3])
    found, statuses = vols(contracts=asked, prices=numbers(contracts=asked, vols=given, early=True)[0], early=True)
    np.testing.assert_allclose(found[:3], given[:3], atol=1e-4)
    assert statuses.tolist() == [IvStatus.OK] * 3 + [IvStatus.BAD_INPUT]
