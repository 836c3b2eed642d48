"""The VIX's count of a strip of quotes: the exchange's worked example, its published closes, and what is missing."""

import csv
import gzip
import itertools
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from engine.quant.european.black import prices
from engine.quant.indices.variance import StripStatus, strip_variance, volatility_index
from tests.kit.numbers import record
from tests.kit.quant import NEW_YORK, recorded_chain

RECORDED = [
    ("SPX_2022-06-10_eod.csv.gz", datetime(2022, 6, 10, 16, 15, tzinfo=NEW_YORK), 0.012, 0.6),
    ("SPX_2022-07-12_1155ET_intraday.csv.gz", datetime(2022, 7, 12, 11, 40, tzinfo=NEW_YORK), 0.02, 1.3),
    ("SPX_2023-06-09_1340ET_intraday.csv.gz", datetime(2023, 6, 9, 13, 25, tzinfo=NEW_YORK), 0.052, 0.5),
    ("SPX_2023-09-14_1631ET.csv.gz", datetime(2023, 9, 14, 16, 15, tzinfo=NEW_YORK), 0.053, 0.15),
]
MONTH = 30 / 365


def flat_strip(
    vol: float = 0.2, *, years: float = 0.1, rate: float = 0.03, low: float = 0.4, high: float = 2.0, step: float = 0.5
) -> dict[str, object]:
    """Exact quotes of a flat smile at 100, finely struck."""
    strikes = np.arange(100 * low, 100 * high, step)
    calls, puts = (
        prices(forwards=100.3, strikes=strikes, years=years, vols=vol, rights=right, discounts=np.exp(-rate * years)) for right in (1, -1)
    )
    quotes = {"call_bids": calls, "call_asks": calls, "put_bids": puts, "put_asks": puts}
    return {"strikes": strikes, "years": years, "rate": rate, **{name: values.copy() for name, values in quotes.items()}}


def test_a_flat_smile_pays_its_own_square():
    found = strip_variance(**flat_strip())
    assert found.status is StripStatus.OK
    assert found.variance == pytest.approx(0.04, rel=2e-3)
    assert found.forward == pytest.approx(100.3, abs=1e-9)
    assert found.pivot == 100.0


def test_two_strikes_in_a_row_without_a_bid_end_the_strip_and_one_does_not():
    whole = strip_variance(**flat_strip())
    gap = flat_strip()
    at = int(np.searchsorted(gap["strikes"], 110.0))
    gap["call_bids"][at] = 0.0
    one_missing = strip_variance(**gap)
    assert one_missing.highest == whole.highest
    assert one_missing.quotes == whole.quotes - 1
    gap["call_bids"][at + 1] = 0.0
    cut = strip_variance(**gap)
    assert cut.highest == gap["strikes"][at - 1]
    assert cut.variance < whole.variance


def test_crossed_and_missing_quotes_are_left_out():
    odd = flat_strip()
    odd["put_bids"][20:24] = np.nan
    odd["call_asks"][-30] = 0.0
    found = strip_variance(**odd)
    assert found.status is StripStatus.OK
    assert found.variance == pytest.approx(0.04, rel=2e-3)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"years": 0.0}, StripStatus.BAD_INPUT),
        ({"rate": float("nan")}, StripStatus.BAD_INPUT),
        ({"call_bids": np.zeros(320)}, StripStatus.NO_FORWARD),
        (
            {"put_bids": np.where(np.arange(320) == 120, 1.0, 0.0), "call_bids": np.where(np.arange(320) == 120, 1.0, 0.0)},
            StripStatus.TOO_FEW,
        ),
    ],
)
def test_what_cannot_be_counted_says_why(change: dict[str, object], status: StripStatus):
    found = strip_variance(**{**flat_strip(), **change})
    assert found.status is status
    assert np.isnan(found.variance)


def test_two_expiries_that_do_not_span_time_give_no_index():
    assert np.isnan(volatility_index(years=(0.1, 0.1), variances=(0.04, 0.04), target=MONTH))
    assert np.isnan(volatility_index(years=(0.05, 0.1), variances=(np.nan, 0.04), target=MONTH))


@pytest.mark.parametrize(("name", "at", "rate", "tolerance"), RECORDED)
def test_recorded_chains_come_near_the_published_close(fixtures: Path, name: str, at: datetime, rate: float, tolerance: float):
    with gzip.open(fixtures / "market_series" / "VIX_daily.csv.gz", "rt", encoding="utf-8") as file:
        closes = {row["DATE"]: float(row["CLOSE"]) for row in csv.DictReader(file)}
    _, series = recorded_chain(fixtures / "cboe_quotedata_csv" / name)
    found = []
    for one in series:
        years = one.years_from(at)
        if 20 / 365 < years < 45 / 365:
            sides = {"call_bids": one.bid[0], "call_asks": one.ask[0], "put_bids": one.bid[1], "put_asks": one.ask[1]}
            found.append((years, strip_variance(strikes=one.strikes, years=years, rate=rate, **sides).variance))
    near, after = next((one, other) for one, other in itertools.pairwise(found) if one[0] < MONTH <= other[0])
    index = volatility_index(years=(near[0], after[0]), variances=(near[1], after[1]), target=MONTH)
    record(
        table=name,
        quantity="VIX-style index, vol points to the day's close",
        error=abs(index - closes[f"{at:%Y-%m-%d}"]),
        tolerance=tolerance,
    )
