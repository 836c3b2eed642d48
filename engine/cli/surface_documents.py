"""Surfaces, smiles and term structures as documents: the names and units of their fields, which are part of what is promised."""

from typing import TYPE_CHECKING, Any

from engine.cli import output

if TYPE_CHECKING:
    from engine.domain.volatility import SurfaceSlice, VolatilitySurface

UNITS = {
    "asof": "market time of the newest quote, ISO 8601 UTC",
    "spot": "price in the underlying's currency",
    "expiry": "YYYY-MM-DD",
    "settlement": "AM or PM of that day, or the venue's own hour",
    "years": "ACT/365 to the settlement instant",
    "forward": "price",
    "atm_iv": "fraction a year, of the fit at the forward",
    "rr25": "iv(25-delta call) - iv(25-delta put), forward delta, fraction a year",
    "bf25": "(iv(25-delta call) + iv(25-delta put)) / 2 - atm_iv, fraction a year",
    "rr10": "as rr25, of 10 delta",
    "bf10": "as bf25, of 10 delta",
    "grade": "good, fair, poor or failed; only good and fair are to be used without looking at the residuals",
    "rmse_vol": "root mean square of fit less mid, fraction a year",
    "butterfly_ok": "no butterfly arbitrage was found in the slice; null without a fit",
    "calendar_ok": "none against the expiry before; null without a fit",
    "n_quotes": "quotes the fit stands on",
    "left_out": "quotes left out, by reason",
    "strike": "price of the underlying",
    "right": "C or P: the side of the strike that is out of the money",
    "bid_iv": "fraction a year",
    "ask_iv": "fraction a year",
    "fit_iv": "fraction a year",
    "residual_spreads": "(fit - mid) / (iv(ask) - iv(bid))",
    "days": "calendar days of a constant maturity",
    "variance_iv": "VIX-style: root of the fair variance the smile replicates, fraction a year",
    "come_by": "listed, interpolated, extrapolated or unknown",
    "missing": "null",
}
SLICE_FIELDS = (
    "expiry settlement years forward atm_iv rr25 bf25 grade rmse_vol butterfly_ok calendar_ok n_quotes left_out".split()
)  # the order is part of what is promised
POINT_FIELDS = "strike right bid_iv ask_iv fit_iv residual_spreads".split()
MATURITY_FIELDS = "days atm_iv rr25 bf25 rr10 bf10 variance_iv come_by".split()


def slice_document(one: "SurfaceSlice") -> dict[str, Any]:
    """One expiry as the documents have it."""
    from engine.api import SliceModel

    fitted = one.model is not SliceModel.NONE
    return {
        "expiry": one.series.expiry,
        "settlement": one.series.settlement,
        "years": one.years,
        "forward": one.forward,
        "atm_iv": one.atm_iv,
        "rr25": one.risk_reversal_25,
        "bf25": one.butterfly_25,
        "grade": one.grade,
        "rmse_vol": one.rmse_vol,
        "butterfly_ok": one.butterfly_ok if fitted else None,
        "calendar_ok": one.calendar_ok if fitted else None,
        "n_quotes": one.quotes,
        "left_out": {why: count for why, count in one.left_out.items() if count},
    }


def point_documents(one: "SurfaceSlice") -> list[dict[str, Any]]:
    """The strikes of one expiry as the documents have them."""
    columns = (one.strikes, one.right, one.bid_iv, one.ask_iv, one.fit_iv, one.residual)
    return [
        {
            "strike": strike,
            "right": "C" if right > 0 else "P",
            "bid_iv": bid,
            "ask_iv": ask,
            "fit_iv": fit,
            "residual_spreads": residual,
        }
        for strike, right, bid, ask, fit, residual in zip(*(column.tolist() for column in columns), strict=True)
    ]


def maturity_documents(answer: "VolatilitySurface") -> list[dict[str, Any]]:
    """The constant maturities as the documents have them."""
    from engine.api import MaturityFlag

    of = answer.maturities
    names = {
        "atm_iv": of.atm_iv,
        "rr25": of.risk_reversal_25,
        "bf25": of.butterfly_25,
        "rr10": of.risk_reversal_10,
        "bf10": of.butterfly_10,
        "variance_iv": of.variance_iv,
    }
    return [
        {
            "days": int(of.days[place]),
            **{name: float(column[place]) for name, column in names.items()},
            "come_by": MaturityFlag(int(of.flags[place])).name.lower(),
        }
        for place in range(of.days.size)
    ]


def surface_head(name: str, answer: "VolatilitySurface") -> dict[str, Any]:
    """What each of them begins with."""
    return {
        "schema": output.schema(name, UNITS),
        "symbol": answer.symbol,
        "asof": output.instant(answer.as_of),
        "spot": answer.spot,
        "source": answer.source,
        "state": answer.state,
        "model": answer.model.value,
        "recorded": answer.recorded,
    }
