"""`optix vol compass` and `optix vix`: volatility across names, and the volatility indices that each name's surface implies."""

from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.session import Csv, Feed, Json, Seed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import Compass, CompassRow, VolatilityIndex, VolatilityIndexTable

FIELDS = (
    "symbol name asof spot change iv30 iv_change iv_rank iv_percentile iv_sessions refusal rv20 rv30 iv_less_rv iv_over_rv rr25 bf25 slope "
    "vix30 put_call_volume gex ar_vol breaking"
).split()  # the order is part of what is promised
UNITS = {
    "asof": "market time of the volatility, ISO 8601 UTC; null where none is known",
    "spot": "price in the underlying's currency",
    "change": "fraction, against the close before",
    "iv30": "30-day constant maturity at the forward, fraction a year",
    "iv_change": "iv30 less that of the last stored session's end",
    "iv_rank": "(iv - least) / (greatest - least) over the window and now, 0 to 1; null where it is refused",
    "iv_percentile": "share of those sessions below now, 0 to 1; null where it is refused",
    "iv_sessions": "sessions that rank and percentile stand on",
    "refusal": "why there is no rank; null where there is one",
    "rv20": "close to close, 20 sessions without the present one, fraction a year",
    "rv30": "as rv20, of 30 sessions",
    "iv_less_rv": "iv30 less rv30",
    "iv_over_rv": "iv30 / rv30",
    "rr25": "iv(25-delta call) - iv(25-delta put) at 30 days",
    "bf25": "(iv(25-delta call) + iv(25-delta put)) / 2 less iv at the forward, 30 days",
    "slope": "iv at the forward of 90 days less that of 30",
    "vix30": "root of the fair variance the fitted smiles replicate, 30 days, fraction a year: a model's figure",
    "put_call_volume": "volume of puts over that of calls",
    "gex": "dealers' net gamma in the default convention, $ per 1 %: its sign is an assumption; null where it was not computed",
    "ar_vol": "the Volatility Filter: newest minutes beyond their autoregression, fraction a year",
    "breaking": "breach rules it breaks now",
    "window": "sessions looked back on",
    "least": "sessions under which rank and percentile are refused",
    "missing": "null",
}
INDEX_FIELDS = "symbol days value atm come_by official print print_at gap refusal".split()
INDEX_UNITS = {
    "days": "calendar days",
    "value": "root of the fair variance the fitted smiles replicate, fraction a year: a model's figure; null beyond the expiries",
    "atm": "at the forward, same maturity, fraction a year",
    "come_by": "listed, interpolated between expiries, extrapolated (beyond them: no value) or unknown",
    "official": "the published index of that maturity; null where there is none",
    "print": "what it was published at, fraction a year; null where the feed has none",
    "print_at": "ISO 8601 UTC",
    "gap": "value less print",
    "refusal": "why the name has no index; null where it has",
    "missing": "null",
}
SORTS = {
    "name": "symbol",
    "rank": "rank",
    "percentile": "percentile",
    "iv": "iv30",
    "change": "iv_change",
    "premium": "premium",
    "ratio": "ratio",
    "skew": "risk_reversal_25",
    "slope": "slope",
    "gex": "exposure",
}
DAYS = (9, 30, 90, 180, 365)

Names = Annotated[list[str] | None, typer.Argument(help="Underlyings; none: all that have options.")]


def compass(
    symbols: Names = None,
    window: Annotated[int, typer.Option("--window", "-w", min=1, max=2_520, help="Sessions that rank and percentile look back on.")] = 252,
    sort: Annotated[str, typer.Option("--sort", "-s", help=f"One of {', '.join(SORTS)}.")] = "rank",
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Volatility across names: level, change, rank, implied against realised, skew, slope, dealers' gamma."""
    from engine.api import BadInput, GetCompass

    output.one_form(as_json=as_json, as_csv=as_csv)
    if sort.lower() not in SORTS:
        raise BadInput(f"there is no order by {sort!r}: there are {', '.join(SORTS)}")
    question = GetCompass(symbols=_names(symbols), window=window, complete=True)

    with output.working("fitting the surfaces"):
        answer = with_engine(lambda engine: engine.ask(question), feed=feed, options=feed_options(seed=seed, start=start))
    _check(answer.unknown, bool(answer.rows))
    rows = _sorted(answer.rows, SORTS[sort.lower()])
    documents = [_compass_row(row) for row in rows]
    if as_json:
        head = {"schema": output.schema("vol.compass", UNITS), "source": answer.source, "asof": output.instant(answer.as_of)}
        output.document({**head, "window": answer.window, "least": answer.least, "names": documents})
    elif as_csv:
        output.comma_separated(FIELDS, [{**row, "breaking": "; ".join(row["breaking"])} for row in documents])
    else:
        _print_compass(answer, rows)


def vix(
    symbols: Names = None,
    days: Annotated[list[int] | None, typer.Option("--days", "-d", min=1, max=3_650, help="A maturity, again for more.")] = None,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """The VIX of every name, from its fitted surface, with the published index beside it where the feed has it."""
    from engine.api import GetVolatilityIndices

    output.one_form(as_json=as_json, as_csv=as_csv)
    question = GetVolatilityIndices(symbols=_names(symbols), days=tuple(days or DAYS), complete=True)

    with output.working("fitting the surfaces"):
        answer = with_engine(lambda engine: engine.ask(question), feed=feed, options=feed_options(seed=seed, start=start))
    _check(answer.unknown, bool(answer.rows))
    rows = [row for one in answer.rows for row in index_rows(one)]
    if as_json:
        head = {"schema": output.schema("vix", INDEX_UNITS), "source": answer.source, "asof": output.instant(answer.as_of)}
        output.document({**head, "names": [_index_document(one) for one in answer.rows]})
    elif as_csv:
        output.comma_separated(INDEX_FIELDS, rows)
    else:
        _print_indices(answer)


def _names(symbols: list[str] | None) -> tuple[Any, ...]:
    from engine.api import Symbol
    from engine.domain.osi import bare_ticker

    return tuple(Symbol(bare_ticker(one)) for one in symbols or ())


def _check(unknown: tuple[str, ...], has_rows: bool) -> None:
    """Nothing known is an error; some unknown names are a word."""
    from engine.api import UnknownSymbol

    if unknown and not has_rows:
        raise UnknownSymbol(f"no market here lists {', '.join(unknown)}")
    if unknown:
        output.say(f"not listed here: {', '.join(unknown)}")
    elif not has_rows:
        output.say("this market lists no name with options")


def _sorted(rows: "tuple[CompassRow, ...]", field: str) -> "list[CompassRow]":
    """Names rising, numbers from the greatest down; what is unknown comes last."""
    if field == "symbol":
        return sorted(rows, key=lambda row: row.symbol)
    known = [row for row in rows if isfinite(getattr(row, field))]
    return [*sorted(known, key=lambda row: -getattr(row, field)), *(row for row in rows if not isfinite(getattr(row, field)))]


def _compass_row(row: "CompassRow") -> dict[str, Any]:
    return {
        "symbol": row.symbol,
        "name": row.name,
        "asof": output.instant(row.as_of),
        "spot": row.spot,
        "change": row.change_fraction,
        "iv30": row.iv30,
        "iv_change": row.iv_change,
        "iv_rank": row.rank,
        "iv_percentile": row.percentile,
        "iv_sessions": row.sessions,
        "refusal": row.refusal or None,
        "rv20": row.realized_20,
        "rv30": row.realized_30,
        "iv_less_rv": row.premium,
        "iv_over_rv": row.ratio,
        "rr25": row.risk_reversal_25,
        "bf25": row.butterfly_25,
        "slope": row.slope,
        "vix30": row.index,
        "put_call_volume": row.put_call,
        "gex": row.exposure,
        "ar_vol": row.filter,
        "breaking": row.broken,
    }


def _points(value: float) -> str:
    """A difference of volatilities in points."""
    return output.signed(value * 100, 1)


def _print_compass(answer: "Compass", rows: "list[CompassRow]") -> None:
    output.table(
        (
            "Name",
            "Spot",
            "IV30",
            "ΔIV 1d",
            "Rank",
            "Pct",
            "n",
            "RV30",
            "IV-RV",
            "IV/RV",
            "RR25",
            "BF25",
            "90-30",
            "VIX30",
            "P/C",
            "GEX",
            "!",
        ),
        (
            (
                row.symbol,
                output.number(row.spot),
                output.percent(row.iv30),
                _points(row.iv_change),
                output.percent(row.rank, 0),
                output.percent(row.percentile, 0),
                str(row.sessions),
                output.percent(row.realized_30),
                _points(row.premium),
                output.number(row.ratio),
                *(_points(value) for value in (row.risk_reversal_25, row.butterfly_25, row.slope)),
                output.percent(row.index),
                output.number(row.put_call),
                _dollars(row.exposure),
                str(len(row.broken)) if row.broken else "",
            )
            for row in rows
        ),
        title=f"{answer.source}  {answer.window} sessions; differences in vol points; GEX in $ per 1 %, its sign a model's",
    )
    refused: dict[str, list[str]] = {}
    for row in rows:
        if row.refusal:
            refused.setdefault(row.refusal, []).append(row.symbol)
    for why, names in refused.items():
        output.say(f"{', '.join(names)}: {why}")


def _dollars(value: float) -> str:
    for size, name in ((1e9, "bn"), (1e6, "mn"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:+,.2f}{name}"
    return output.signed(value, 0)


def index_rows(index: "VolatilityIndex") -> list[dict[str, Any]]:
    """One row a maturity."""
    from engine.domain.volatility import MaturityFlag

    words = {flag.value: flag.name.lower() for flag in MaturityFlag}
    columns = (index.days, index.value, index.atm_iv, index.flags, index.printed, index.printed_at)
    rows = zip(*(column.tolist() for column in columns), index.official, strict=True)
    return [
        {
            "symbol": index.symbol,
            "days": days,
            "value": value,
            "atm": atm,
            "come_by": words[flag],
            "official": official or None,
            "print": printed,
            "print_at": output.instant(at),
            "gap": value - printed,
            "refusal": index.refusal or None,
        }
        for days, value, atm, flag, printed, at, official in rows
    ]


def _index_document(index: "VolatilityIndex") -> dict[str, Any]:
    maturities = [{key: value for key, value in row.items() if key not in {"symbol", "refusal"}} for row in index_rows(index)]
    head = {"symbol": index.symbol, "asof": output.instant(index.as_of), "refusal": index.refusal or None}
    return {**head, "maturities": maturities}


def _print_indices(answer: "VolatilityIndexTable") -> None:
    days = answer.rows[0].days.tolist() if answer.rows else list(DAYS)
    output.table(
        ("Name", *(f"{one}d" for one in days), "Published"),
        (
            (
                one.symbol,
                *(output.number(value * 100) for value in one.value.tolist()),
                ", ".join(
                    f"{name} {printed * 100:.2f}"
                    for name, printed in zip(one.official, one.printed.tolist(), strict=True)
                    if name and isfinite(printed)
                )
                or "—",
            )
            for one in answer.rows
        ),
        title=f"{answer.source}  VIX-style, in vol points: a model's figure of the fitted smiles",
    )
    for one in answer.rows:
        if one.refusal:
            output.say(f"{one.symbol}: {one.refusal}")
