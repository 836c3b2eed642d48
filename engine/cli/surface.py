"""`optix surface`, `optix smile` and `optix term`: the fitted volatility of a name, for people and for programs."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.picture import PictureForm, Png, Size, Theme, draw_picture, wanted_picture
from engine.cli.session import Csv, Feed, Json, Seed, Speed, Start, feed_options, with_engine
from engine.cli.stored_instants import tell_if_older
from engine.cli.surface_documents import (
    MATURITY_FIELDS,
    POINT_FIELDS,
    SLICE_FIELDS,
    maturity_documents,
    point_documents,
    slice_document,
    surface_head,
)

if TYPE_CHECKING:
    from engine.api import SurfaceSlice, VolatilitySurface

MODELS = ("svi", "essvi")
VIEWS = ("HEAT", "MESH", "SMILE", "TERM", "TABLE")

Model = Annotated[str, typer.Option("--model", help="svi (closest to the quotes) or essvi (free of arbitrage over the whole surface).")]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="The stored surface of an instant: 2026-11-20T15:30, New York unless it ends in Z or +hh:mm."
    ),
]

View = Annotated[str | None, typer.Option("--view", metavar="VIEW", help=f"What the picture shows: {', '.join(VIEWS)}. Default: HEAT.")]


def surface(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    model: Model = "svi",
    at: At = None,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
    png: Png = None,
    size: Size = None,
    theme: Theme = None,
    view: View = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="TIME", help="By how much it lies above the stored surface of this instant.")
    ] = None,
    axis: Annotated[
        str | None, typer.Option("--axis", help="What is held with --against: delta (default), strike, moneyness or sd.")
    ] = None,
    times: Annotated[bool, typer.Option("--times", help="Lists the newest stored instants instead.")] = False,
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=100_000, help="So many of them.")] = 40,
) -> None:
    """The volatility surface of a name, now or at a stored instant: every expiry's fit, what it says and what it is worth."""
    options = feed_options(seed=seed, start=start, speed=speed)
    told: dict[str, Any] = {"axis": axis, "drawn": bool(png), "as_json": as_json, "as_csv": as_csv}
    if _tells_past(symbol, model, at, against, feed, options, times=count if times else 0, **told):
        return
    if form := wanted_picture(png, size, theme, json=as_json, csv=as_csv):
        _draw(
            form,
            symbol,
            _known_view(view or VIEWS[0]),
            model=model,
            at=at,
            feed=feed,
            options=options,
        )
        return
    if view is not None:
        from engine.api import BadInput

        raise BadInput("--view is of a picture: say where it goes, with --png FILE")
    answer = _ask(symbol, model, at, feed, options, as_json=as_json, as_csv=as_csv)
    rows = [slice_document(one) for one in answer.slices]
    if as_json:
        output.document({**surface_head("surface", answer), "slices": rows})
        return
    if as_csv:
        output.comma_separated(
            SLICE_FIELDS, [row | {"left_out": "; ".join(f"{why} {n}" for why, n in row["left_out"].items())} for row in rows]
        )
        return
    _print_surface(answer)


def smile(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    expiry: Annotated[
        str | None, typer.Option("--expiry", "-e", metavar="DATE", help="2026-12-18, dec18, fri. Default: the nearest to 30 days.")
    ] = None,
    model: Model = "svi",
    at: At = None,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
    png: Png = None,
    size: Size = None,
    theme: Theme = None,
) -> None:
    """One expiry's smile: what is quoted at every strike and what is fitted to it."""
    if form := wanted_picture(png, size, theme, json=as_json, csv=as_csv):
        options = feed_options(seed=seed, start=start, speed=speed)
        _draw(form, symbol, "SMILE", expiry=expiry, model=model, at=at, feed=feed, options=options)
        return
    answer = _ask(symbol, model, at, feed, feed_options(seed=seed, start=start, speed=speed), as_json=as_json, as_csv=as_csv)
    found = chosen_slices(answer, expiry)
    if (as_json or as_csv) and len(found) > 1:
        told = ", ".join(f"{one.series.root} {one.series.settlement}" for one in found)
        output.say(f"{told} end on that day: this is {found[-1].series.root} {found[-1].series.settlement}, the last to settle")
        found = found[-1:]
    for one in found:
        points = point_documents(one)
        if as_json:
            output.document({**surface_head("smile", answer), **slice_document(one), "points": points})
            return
        if as_csv:
            output.comma_separated(POINT_FIELDS, points)
            return
        _print_smile(answer, one, points)


def term(
    symbol: Annotated[str, typer.Argument(help="The underlying.")],
    model: Model = "svi",
    at: At = None,
    feed: Feed = None,
    seed: Seed = None,
    start: Start = None,
    speed: Speed = None,
    as_json: Json = False,
    as_csv: Csv = False,
    png: Png = None,
    size: Size = None,
    theme: Theme = None,
) -> None:
    """Volatility over time: at constant maturities from a week to two years."""
    if form := wanted_picture(png, size, theme, json=as_json, csv=as_csv):
        _draw(form, symbol, "TERM", model=model, at=at, feed=feed, options=feed_options(seed=seed, start=start, speed=speed))
        return
    answer = _ask(symbol, model, at, feed, feed_options(seed=seed, start=start, speed=speed), as_json=as_json, as_csv=as_csv)
    rows = maturity_documents(answer)
    if as_json:
        output.document({**surface_head("term", answer), "maturities": rows, "slices": [slice_document(one) for one in answer.slices]})
        return
    if as_csv:
        output.comma_separated(MATURITY_FIELDS, rows)
        return
    output.table(
        ("Days", "ATM", "RR25", "BF25", "RR10", "BF10", "VarIV", ""),
        (
            (
                str(row["days"]),
                output.percent(row["atm_iv"]),
                *(output.signed(row[name] * 100, 2) for name in ("rr25", "bf25", "rr10", "bf10")),
                output.percent(row["variance_iv"]),
                row["come_by"],
            )
            for row in rows
        ),
        left=0,
        title=f"{_title(answer)}  RR and BF in vol points",
    )


def chosen_slices(answer: "VolatilitySurface", expiry: str | None) -> "list[SurfaceSlice]":
    """The slices of a date (AM before PM), or the fitted one nearest to 30 days; BadInput names those there are."""
    from engine.api import BadInput, SliceModel
    from engine.domain.instants import new_york
    from engine.domain.osi import parse_expiry

    if not answer.slices:
        raise BadInput(f"no option of {answer.symbol} has a quote: there is no smile")
    if expiry is None:
        fitted = [one for one in answer.slices if one.model is not SliceModel.NONE] or list(answer.slices)
        return [min(fitted, key=lambda one: abs(one.years * 365 - 30))]
    wanted = parse_expiry(expiry, new_york(answer.as_of).date())
    found = [one for one in answer.slices if one.series.expiry == wanted]
    if not found:
        days = sorted({one.series.expiry.isoformat() for one in answer.slices})
        raise BadInput(f"{answer.symbol} has no quoted expiry {wanted}; it has {', '.join(days[:12])}{' ...' if len(days) > 12 else ''}")
    return found


def _tells_past(
    symbol: str,
    model: str,
    at: str | None,
    against: str | None,
    feed: str | None,
    options: Mapping[str, Any],
    *,
    times: int,
    axis: str | None,
    drawn: bool,
    as_json: bool,
    as_csv: bool,
) -> bool:
    """Lists stored instants, or tells a difference; False where neither is asked for."""
    from engine.api import BadInput
    from engine.cli.surface_past import known_axis, tell_difference, tell_times
    from engine.domain.instants import parse_instant

    if axis is not None and against is None:
        raise BadInput("--axis says what is held in a difference: name the other instant with --against")
    if not times and against is None:
        return False
    if drawn or (times and (at is not None or against is not None)):
        raise BadInput("--times lists instants and --against tells a difference: say one of them, and no --png")
    output.one_form(as_json=as_json, as_csv=as_csv)
    if times:
        tell_times(symbol, times, feed, options, as_json=as_json, as_csv=as_csv)
    else:
        instants = (parse_instant(at) if at else None, parse_instant(against or ""))
        tell_difference(symbol, _known_model(model), instants, feed, options, as_json=as_json, as_csv=as_csv, axis=known_axis(axis))
    return True


def _known_view(view: str) -> str:
    from engine.api import BadInput

    if view.upper() not in VIEWS:
        raise BadInput(f"there is no view {view}: there are {', '.join(VIEWS)}")
    return view.upper()


def _draw(
    form: PictureForm,
    symbol: str,
    view: str,
    *,
    expiry: str | None = None,
    model: str,
    at: str | None,
    feed: str | None,
    options: Mapping[str, Any],
) -> None:
    from engine.domain.instants import parse_instant
    from engine.domain.osi import bare_ticker

    words = ("OVDV", view)  # without an expiry the screen, too, takes the fitted one nearest to 30 days
    instant = parse_instant(at) if at else None
    draw_picture(form, words, symbol=bare_ticker(symbol), expiry=expiry, at=instant, model=_known_model(model), feed=feed, options=options)


def _known_model(model: str) -> str:
    from engine.api import BadInput

    if model.lower() not in MODELS:
        raise BadInput(f"there is no model {model!r}: there are {' and '.join(MODELS)}")
    return model.lower()


def _ask(
    symbol: str, model: str, at: str | None, feed: str | None, options: Mapping[str, Any], *, as_json: bool, as_csv: bool
) -> "VolatilitySurface":
    from engine.api import GetSurface, SurfaceModel, Symbol
    from engine.domain.instants import parse_instant
    from engine.domain.osi import bare_ticker

    output.one_form(as_json=as_json, as_csv=as_csv)
    query = GetSurface(symbol=Symbol(bare_ticker(symbol)), model=SurfaceModel(_known_model(model)), at=parse_instant(at) if at else None)

    answer = with_engine(lambda engine: engine.ask(query), feed=feed, options=dict(options))
    tell_if_older(answer, query.at)
    return answer


def _title(answer: "VolatilitySurface") -> str:
    stored = ", stored" if answer.recorded else ""
    return (
        f"{answer.symbol}  spot {output.number(answer.spot)}  {answer.model.value.upper()}  "
        f"{output.instant(answer.as_of) or 'never'}{stored}  {answer.source} ({answer.state})"
    )


def _print_surface(answer: "VolatilitySurface") -> None:
    from engine.api import SliceModel

    def flags(one: "SurfaceSlice") -> str:
        if one.model is SliceModel.NONE:
            return "—"
        return ("" if one.butterfly_ok else "butterfly ") + ("" if one.calendar_ok else "calendar") or "ok"

    output.table(
        ("Expiry", "", "Days", "Forward", "ATM", "RR25", "BF25", "Fit", "RMSE", "Arbitrage", "Quotes", "Out"),
        (
            (
                f"{one.series.expiry:%d-%b-%y}",
                one.series.settlement,
                output.number(one.years * 365, 1) if one.years > 0.0 else "settled",
                output.number(one.forward),
                output.percent(one.atm_iv, 2),
                output.signed(one.risk_reversal_25 * 100, 2),
                output.signed(one.butterfly_25 * 100, 2),
                one.grade.value,
                output.number(one.rmse_vol * 100, 2),
                flags(one),
                str(one.quotes),
                str(sum(one.left_out.values())),
            )
            for one in answer.slices
        ),
        left=2,
        title=f"{_title(answer)}  RR25, BF25 and RMSE in vol points",
    )
    for one in answer.slices:
        if one.reasons:
            output.plain_line(f"{one.series.expiry:%d-%b-%y} {one.series.settlement} {one.grade.value}: {'; '.join(one.reasons)}")


def _print_smile(answer: "VolatilitySurface", one: "SurfaceSlice", points: Sequence[Mapping[str, Any]]) -> None:
    why = f": {'; '.join(one.reasons)}" if one.reasons else ""
    title = (
        f"{_title(answer)}\n{one.series.expiry:%d-%b-%y} {one.series.root} {one.series.settlement}  "
        f"forward {output.number(one.forward)}  ATM {output.percent(one.atm_iv, 2)}  {one.model.value} fit {one.grade.value}{why}"
    )
    output.table(
        ("Strike", "", "Bid IV", "Ask IV", "Fit IV", "(fit-mid)/width"),
        (
            (
                f"{row['strike']:g}",
                row["right"],
                *(output.percent(row[name], 2) for name in ("bid_iv", "ask_iv", "fit_iv")),
                output.signed(row["residual_spreads"], 2),
            )
            for row in points
        ),
        left=0,
        title=title,
    )
