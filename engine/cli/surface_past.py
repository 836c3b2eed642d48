"""What `optix surface` tells of the past: which instants are stored, and by how much two of them differ."""

from collections.abc import Mapping
from math import floor, isfinite, log10, nan
from typing import TYPE_CHECKING, Any

from engine.cli import output
from engine.cli.session import with_engine
from engine.cli.stored_instants import tell_if_older

if TYPE_CHECKING:
    from engine.api import Engine, UtcNanos, VolatilitySurface

TIMES_UNITS = {
    "at": "market time of the newest quote in the stored surface, ISO 8601 UTC",
    "spot": "price in the underlying's currency",
    "atm_iv_30": "at the forward, constant maturity of 30 days, fraction a year",
    "missing": "null",
}
TIMES_FIELDS = ("at", "spot", "atm_iv_30")
DELTAS = (("p10", 0.10, -1.0), ("p25", 0.25, -1.0), ("atm", 0.0, 0.0), ("c25", 0.25, 1.0), ("c10", 0.10, 1.0))
"""Name, size of the forward delta, +1 call or -1 put; at the money is at each surface's own forward."""
DIFFERENCE_UNITS = {
    "asof": "market time of the surface, ISO 8601 UTC",
    "against": "market time of the surface it is compared with, ISO 8601 UTC",
    "spot": "price in the underlying's currency; so spot_against",
    "expiry": "YYYY-MM-DD; only expiries that both surfaces have",
    "settlement": "AM or PM of that day, or the venue's own hour",
    "atm_iv": "of the surface, at the forward, fraction a year",
    "p10": "iv at the 10-delta put less that of the other surface at its own 10-delta put, fraction a year",
    "p25": "as p10, at the 25-delta put",
    "c25": "as p10, at the 25-delta call",
    "c10": "as p10, at the 10-delta call",
    "atm": "iv at the forward less that of the other surface at its own forward, fraction a year",
    "rr25": "change of iv(25-delta call) - iv(25-delta put), fraction a year",
    "bf25": "change of (iv(25-delta call) + iv(25-delta put)) / 2 - atm_iv, fraction a year",
    "days": "calendar days of a constant maturity",
    "missing": "null",
}
AXES = ("delta", "strike", "moneyness", "sd")
"""What is held while two surfaces are compared."""
AXIS_UNITS = {
    "asof": DIFFERENCE_UNITS["asof"],
    "against": DIFFERENCE_UNITS["against"],
    "spot": DIFFERENCE_UNITS["spot"],
    "spot_against": "of the other surface",
    "axis": "what is held: strike in the underlying's currency, moneyness K/F (1 at the forward), sd = ln(K/F) / (atm_iv sqrt(T)); "
    "of each surface its own",
    "values": "along the axis",
    "expiry": DIFFERENCE_UNITS["expiry"],
    "settlement": DIFFERENCE_UNITS["settlement"],
    "atm_iv": DIFFERENCE_UNITS["atm_iv"],
    "changes": "at each of the values: iv less that of the other surface, fraction a year",
    "missing": "null",
}
ALONG = {"moneyness": (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.15), "sd": (-2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)}
STRIKES_BELOW, STRIKES_ABOVE = 6, 3
"""The spot, in a table beside it."""
LADDER_STEP = 0.03
"""Of the spot, about, between them."""
DIFFERENCE_FIELDS = ("expiry", "settlement", "atm_iv", *(name for name, _, _ in DELTAS), "rr25", "bf25")


def tell_times(symbol: str, count: int, feed: str | None, options: Mapping[str, Any], *, as_json: bool, as_csv: bool) -> None:
    """Lists the newest stored instants of a name, oldest first."""
    from engine.api import GetSurfaceTimes, Symbol
    from engine.domain.instants import new_york
    from engine.domain.osi import bare_ticker

    found = with_engine(
        lambda engine: engine.ask(GetSurfaceTimes(symbol=Symbol(bare_ticker(symbol)), limit=count)), feed=feed, options=dict(options)
    )
    columns = zip(found.at.tolist(), found.spot.tolist(), found.atm_iv_30.tolist(), strict=True)
    rows = [{"at": output.instant(at), "spot": spot, "atm_iv_30": iv} for at, spot, iv in columns]
    if as_json:
        head = {"schema": output.schema("surface.times", TIMES_UNITS), "symbol": found.symbol, "source": found.source}
        output.document({**head, "times": rows})
    elif as_csv:
        output.comma_separated(TIMES_FIELDS, rows)
    elif not rows:
        output.say(f"no surface of {found.symbol} is stored: one is kept each minute while an engine runs")
    else:
        output.table(
            ("New York", "UTC", "Spot", "ATM30"),
            (
                (f"{new_york(at):%a %Y-%m-%d %H:%M:%S}", str(row["at"]), output.number(row["spot"]), output.percent(row["atm_iv_30"], 2))
                for at, row in zip(found.at.tolist(), rows, strict=True)
            ),
            left=1,
            title=f"{found.symbol}  {len(rows)} stored surface{'' if len(rows) == 1 else 's'}  {found.source}",
        )


def difference_rows(now: "VolatilitySurface", then: "VolatilitySurface") -> list[dict[str, Any]]:
    """By how much each expiry that both have is higher than it was, at the same delta on each; NaN without a fit on both."""
    import numpy as np

    from engine.api import sampled_surface, smile_at_delta, smile_vols

    targets, rights = (np.array([row[place] for row in DELTAS if row[2]]) for place in (1, 2))

    def vols(surface: "VolatilitySurface", places: list[int]) -> Any:
        sampled = sampled_surface(surface.slices).rows(np.array(places, np.int64))
        wings = smile_at_delta(sampled, targets, rights).vols
        return np.insert(wings, 2, smile_vols(sampled, np.zeros(1))[:, 0], axis=1)

    there = {one.series.id: place for place, one in enumerate(then.slices)}
    shared = [(place, there[one.series.id]) for place, one in enumerate(now.slices) if one.series.id in there]
    if not shared:
        return []
    moved = vols(now, [here for here, _ in shared]) - vols(then, [other for _, other in shared])
    rows = []
    for (here, other), change in zip(shared, moved.tolist(), strict=True):
        one, before = now.slices[here], then.slices[other]
        rows.append(
            {
                "expiry": one.series.expiry,
                "settlement": one.series.settlement,
                "atm_iv": one.atm_iv,
                **dict(zip((name for name, _, _ in DELTAS), change, strict=True)),
                "rr25": one.risk_reversal_25 - before.risk_reversal_25,
                "bf25": one.butterfly_25 - before.butterfly_25,
            }
        )
    return rows


def known_axis(word: str | None) -> str:
    """An axis by its name; delta where none is named. Raises BadInput."""
    from engine.api import BadInput

    found = {"k/f": "moneyness", "mny": "moneyness"}.get((word or "delta").lower(), (word or "delta").lower())
    if found not in AXES:
        raise BadInput(f"there is no axis {word}: there are {', '.join(AXES)}")
    return found


def along(axis: str, now: "VolatilitySurface") -> tuple[float, ...]:
    """The values of an axis at which two surfaces are compared; round strikes about the spot."""
    if axis != "strike":
        return ALONG[axis]
    forwards = [one.forward for one in now.slices if isfinite(one.forward)]
    spot = now.spot if isfinite(now.spot) else forwards[0] if forwards else nan
    if not spot > 0.0:
        return ()
    rough = spot * LADDER_STEP
    size = 10.0 ** floor(log10(rough))
    step = size * max(one for one in (1, 2, 5) if one * size <= rough)
    middle = round(spot / step)
    return tuple(round((middle + place) * step, 6) for place in range(-STRIKES_BELOW, STRIKES_ABOVE + 1))


def axis_rows(now: "VolatilitySurface", then: "VolatilitySurface", axis: str, values: tuple[float, ...]) -> list[dict[str, Any]]:
    """By how much each expiry that both have is higher than it was, at the same value of the axis on each; NaN without a fit on both."""
    import numpy as np

    from engine.api import sampled_surface, smile_vols

    at = np.array(values)

    def vols(surface: "VolatilitySurface", places: list[int]) -> Any:
        chosen = [surface.slices[place] for place in places]
        sampled = sampled_surface(surface.slices).rows(np.array(places, np.int64))
        with np.errstate(all="ignore"):
            if axis == "strike":
                k = np.log(at / np.array([[one.forward] for one in chosen]))
            elif axis == "sd":
                k = at * smile_vols(sampled, np.zeros(1)) * np.sqrt(np.array([[one.years] for one in chosen]))
            else:
                k = np.tile(np.log(at), (len(chosen), 1))
        return smile_vols(sampled, k)

    there = {one.series.id: place for place, one in enumerate(then.slices)}
    shared = [(place, there[one.series.id]) for place, one in enumerate(now.slices) if one.series.id in there]
    if not shared:
        return []
    moved = vols(now, [here for here, _ in shared]) - vols(then, [other for _, other in shared])
    return [
        {
            "expiry": now.slices[here].series.expiry,
            "settlement": now.slices[here].series.settlement,
            "atm_iv": now.slices[here].atm_iv,
            "changes": change,
        }
        for (here, _), change in zip(shared, moved.tolist(), strict=True)
    ]


def maturity_changes(now: "VolatilitySurface", then: "VolatilitySurface") -> list[dict[str, Any]]:
    """The same of the constant maturities that both have."""
    own, other = now.maturities, then.maturities
    places = {day: place for place, day in enumerate(other.days.tolist())}
    return [
        {
            "days": day,
            "atm": float(own.atm_iv[here] - other.atm_iv[places[day]]),
            "rr25": float(own.risk_reversal_25[here] - other.risk_reversal_25[places[day]]),
            "bf25": float(own.butterfly_25[here] - other.butterfly_25[places[day]]),
        }
        for here, day in enumerate(own.days.tolist())
        if day in places
    ]


def tell_difference(
    symbol: str,
    model: str,
    instants: "tuple[UtcNanos | None, UtcNanos]",
    feed: str | None,
    options: Mapping[str, Any],
    *,
    as_json: bool,
    as_csv: bool,
    axis: str = "delta",
) -> None:
    """By how much the surface of one instant (None: of now) lies above the stored one of another, at the same value of an axis."""
    from engine.api import GetSurface, SurfaceModel, Symbol
    from engine.domain.osi import bare_ticker

    async def ask(engine: "Engine") -> "list[VolatilitySurface]":
        name = Symbol(bare_ticker(symbol))
        return [await engine.ask(GetSurface(symbol=name, model=SurfaceModel(model), at=at)) for at in instants]

    now, then = with_engine(ask, feed=feed, options=dict(options))
    for surface, asked in zip((now, then), instants, strict=True):
        tell_if_older(surface, asked)
    if axis != "delta":
        _tell_along(now, then, axis, as_json=as_json, as_csv=as_csv)
        return
    rows = difference_rows(now, then)
    if as_json:
        head = {
            "schema": output.schema("surface.difference", DIFFERENCE_UNITS),
            "symbol": now.symbol,
            "asof": output.instant(now.as_of),
            "against": output.instant(then.as_of),
            "spot": now.spot,
            "spot_against": then.spot,
        }
        output.document({**head, "slices": rows, "maturities": maturity_changes(now, then)})
        return
    if as_csv:
        output.comma_separated(DIFFERENCE_FIELDS, rows)
        return
    output.table(
        ("Expiry", "", "ATM IV", "10P", "25P", "ATM", "25C", "10C", "RR25", "BF25"),
        (
            (
                f"{row['expiry']:%d-%b-%y}",
                row["settlement"],
                output.percent(row["atm_iv"], 2),
                *(output.signed(row[name] * 100, 2) for name in ("p10", "p25", "atm", "c25", "c10", "rr25", "bf25")),
            )
            for row in rows
        ),
        left=2,
        title=_title(now, then, "delta"),
    )
    _tell_gone(now, len(rows))


def _tell_along(now: "VolatilitySurface", then: "VolatilitySurface", axis: str, *, as_json: bool, as_csv: bool) -> None:
    values = along(axis, now)
    rows = axis_rows(now, then, axis, values)
    written = [f"{value:g}" for value in values]
    if as_json:
        head = {"schema": output.schema("surface.difference.axis", AXIS_UNITS), "symbol": now.symbol, "asof": output.instant(now.as_of)}
        told = {"against": output.instant(then.as_of), "spot": now.spot, "spot_against": then.spot, "axis": axis, "values": values}
        output.document({**head, **told, "slices": rows})
    elif as_csv:
        fields = ("expiry", "settlement", "atm_iv", *written)
        output.comma_separated(fields, ({**row, **dict(zip(written, row["changes"], strict=True))} for row in rows))
    else:
        heads = [f"{value * 100:g}%" if axis == "moneyness" else f"{value:+g}" if axis == "sd" else f"{value:g}" for value in values]
        output.table(
            ("Expiry", "", "ATM IV", *heads),
            (
                (
                    f"{row['expiry']:%d-%b-%y}",
                    row["settlement"],
                    output.percent(row["atm_iv"], 2),
                    *(output.signed(change * 100, 2) for change in row["changes"]),
                )
                for row in rows
            ),
            left=2,
            title=_title(now, then, {"moneyness": "K/F", "sd": "SD"}.get(axis, axis)),
        )
        _tell_gone(now, len(rows))


def _title(now: "VolatilitySurface", then: "VolatilitySurface", held: str) -> str:
    return (
        f"{now.symbol}  {output.instant(now.as_of)} less {output.instant(then.as_of)}, vol points at the same {held}  "
        f"spot {output.number(now.spot)} ({output.signed(now.spot - then.spot, 2)})  {now.source}"
    )


def _tell_gone(now: "VolatilitySurface", shown: int) -> None:
    gone = len(now.slices) - shown
    if gone:
        output.say(f"{gone} expir{'y' if gone == 1 else 'ies'} of the surface {'was' if gone == 1 else 'were'} not in the other")
