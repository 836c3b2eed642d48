"""`optix gex`, `optix vex` and `optix cex`: what dealers have to trade when spot, volatility or the day moves, in every convention."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli import output
from engine.cli.picture import PictureForm, Png, Size, Theme, draw_picture, wanted_picture
from engine.cli.session import Feed, Json, Seed, Speed, Start, feed_options, with_engine

if TYPE_CHECKING:
    from engine.api import Engine, Exposure, ExposureConvention

UNITS = {
    "asof": "market time of the newest quote, ISO 8601 UTC",
    "spot": "price in the underlying's currency",
    "net": "the convention's unit (convention.unit; vanna per vol point and charm per calendar day), calls and puts together",
    "calls": "as net",
    "puts": "as net",
    "low": "as net: least if dealers hold between 25 % and 75 % of the calls, and of the puts",
    "high": "as net: most of the same",
    "flip": "spot at which the repriced net crosses zero, nearest to the spot; null where it does not within 15 %",
    "positive_wall": "strike of the largest positive net",
    "negative_wall": "strike of the largest negative net",
    "strike": "price of the underlying",
    "contracts": "options counted, one by one",
    "left_out": "options without a greek or a count: unknown is not zero",
    "boxed": "contracts taken off each side as box spreads, a guess",
    "settles_at": "ISO 8601 UTC",
    "missing": "null",
}
UNIT_WORDS = {"percent": "$ per 1 %", "point": "$ per point", "shares": "shares per point"}
SIGN_WORDS = {"calls": "calls +, puts -", "puts": "calls -, puts +", "all": "all +"}
COUNT_WORDS = {"oi": "open interest", "volume": "volume"}
COMMANDS = {"gamma": "gex", "vanna": "vex", "charm": "cex"}
LADDER_FIELDS = ("strike", "calls", "puts", "net")

Name = Annotated[str, typer.Argument(help="The underlying.")]
Unit = Annotated[str, typer.Option("--unit", help="percent ($ for a 1 % move), point ($ for a move of 1.00) or shares (for 1.00).")]
Signs = Annotated[str, typer.Option("--signs", help="calls (calls +, puts -), puts (calls -, puts +) or all (all +).")]
Count = Annotated[str, typer.Option("--count", help="oi (the last session's open interest) or volume (today's).")]
Half = Annotated[bool, typer.Option("--half", help="With the ½ of the second-order term.")]
Boxes = Annotated[bool, typer.Option("--boxes", help="Leave the box spreads of index options in.")]
Expiry = Annotated[
    str | None, typer.Option("--expiry", "-e", metavar="DATE", help="2026-12-18, dec18, fri: only this day's. Default: all.")
]
Around = Annotated[int, typer.Option("--strikes", "-n", min=1, help="Strikes shown either side of the spot (the table only).")]
Csv = Annotated[bool, typer.Option("--csv", help="One comma-separated line a strike on stdout, with a head.")]


def _command(name: str, greek: str, summary: str) -> Callable[..., None]:
    """One of the three: they differ in the Greek alone."""

    def command(
        symbol: Name,
        unit: Unit = "percent",
        signs: Signs = "calls",
        count: Count = "oi",
        half: Half = False,
        boxes: Boxes = False,
        expiry: Expiry = None,
        around: Around = 15,
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
        convention = convention_of(greek, unit=unit, signs=signs, count=count, half=half, boxes=boxes)
        options = feed_options(seed=seed, start=start, speed=speed)
        if form := wanted_picture(png, size, theme, json=as_json, csv=as_csv):
            _draw(form, symbol, convention, expiry, feed, options)
            return
        _tell(_ask(symbol, convention, expiry, feed, options, one_form=not (as_json and as_csv)), around, as_json=as_json, as_csv=as_csv)

    command.__name__ = command.__qualname__ = name
    command.__doc__ = summary
    return command


gex = _command("gex", "gamma", "Dealer gamma by strike, expiry and spot: flip, walls, totals, and how far they hold.")
vex = _command("vex", "vanna", "Dealer vanna: their delta for one vol point, by strike, expiry and spot.")
cex = _command("cex", "charm", "Dealer charm: their delta for one calendar day, by strike, expiry and spot.")


def convention_of(greek: str, *, unit: str, signs: str, count: str, half: bool, boxes: bool) -> "ExposureConvention":
    """The convention that the flags say; BadInput names the words there are."""
    from engine.api import ExposureConvention, ExposureCount, ExposureGreek, ExposureSigns, ExposureUnit

    return ExposureConvention(
        greek=ExposureGreek(greek),
        unit=ExposureUnit(_word("unit", unit, UNIT_WORDS)),
        signs=ExposureSigns(_word("signs", signs, SIGN_WORDS)),
        counted=ExposureCount(_word("count", count, COUNT_WORDS)),
        half=half,
        without_boxes=not boxes,
    )


def _word(flag: str, said: str, words: Mapping[str, str]) -> str:
    from engine.api import BadInput

    if said.lower() not in words:
        raise BadInput(f"--{flag} {said}: there are {', '.join(words)}")
    return words[said.lower()]


def _ask(
    symbol: str, convention: "ExposureConvention", expiry: str | None, feed: str | None, options: dict[str, Any], *, one_form: bool
) -> "Exposure":
    from engine.api import BadInput, GetExpirations, GetExposure, Refused, Symbol
    from engine.domain.instants import new_york
    from engine.domain.osi import bare_ticker, parse_expiry

    if not one_form:
        raise BadInput("say --json or --csv, not both")
    name = Symbol(bare_ticker(symbol))

    async def ask(engine: "Engine") -> "Exposure":
        chosen: tuple[str, ...] = ()
        if expiry is not None:
            table = await engine.ask(GetExpirations(symbol=name))
            wanted = parse_expiry(expiry, new_york(table.as_of).date())
            chosen = tuple(row.series.id for row in table.expiries if row.series.expiry == wanted and not row.series.adjusted)
            if not chosen:
                days = sorted({row.series.expiry.isoformat() for row in table.expiries})
                raise BadInput(f"{name} has no expiry {wanted}; it has {', '.join(days[:12])}{' ...' if len(days) > 12 else ''}")
        return await engine.ask(GetExposure(symbol=name, convention=convention, series=chosen))

    answer = with_engine(ask, feed=feed, options=options)
    if answer.trouble:
        raise Refused(answer.trouble)
    return answer


def _draw(
    form: PictureForm, symbol: str, convention: "ExposureConvention", expiry: str | None, feed: str | None, options: dict[str, Any]
) -> None:
    from engine.domain.osi import bare_ticker

    draw_picture(form, screen_words(convention), symbol=bare_ticker(symbol), expiry=expiry, feed=feed, options=options)


def screen_words(convention: "ExposureConvention") -> list[str]:
    """The function and its arguments that open the same on the workstation's screen: ``GEX SHARES REVERSED``."""
    from engine.api import ExposureCount, ExposureSigns, ExposureUnit

    signs = {ExposureSigns.CALLS_SHORT_PUTS_LONG: "REVERSED", ExposureSigns.UNSIGNED: "UNSIGNED"}
    units = {ExposureUnit.DOLLARS_PER_POINT: "POINT", ExposureUnit.SHARES_PER_POINT: "SHARES"}
    said = (
        COMMANDS[convention.greek.value].upper(),
        units.get(convention.unit),
        signs.get(convention.signs),
        "VOLUME" if convention.counted is ExposureCount.VOLUME else None,
        "HALF" if convention.half else None,
        None if convention.without_boxes else "BOXES",
    )
    return [word for word in said if word is not None]


def _tell(answer: "Exposure", around: int, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        output.document(exposure_document(answer))
    elif as_csv:
        output.comma_separated(LADDER_FIELDS, strike_rows(answer))
        output.say(answer.in_words)
    else:
        _print(answer, around)


def strike_rows(answer: "Exposure") -> list[dict[str, float]]:
    """The bars, rising."""
    columns = (answer.by_strike.rungs, answer.by_strike.calls, answer.by_strike.puts)
    return [
        {"strike": strike, "calls": calls, "puts": puts, "net": calls + puts}
        for strike, calls, puts in zip(*(column.tolist() for column in columns), strict=True)
    ]


def exposure_document(answer: "Exposure") -> dict[str, Any]:
    """The documented JSON of the three commands."""
    convention = answer.convention
    name = COMMANDS[convention.greek.value]
    by_expiry, calls, puts = answer.by_expiry, answer.profile_calls.tolist(), answer.profile_puts.tolist()
    return {
        "schema": output.schema(name, UNITS),
        "symbol": answer.symbol,
        "asof": output.instant(answer.as_of),
        "source": answer.source,
        "state": answer.state,
        "spot": answer.spot,
        "convention": {
            "greek": convention.greek,
            "unit": convention.unit,
            "signs": convention.signs,
            "counted": convention.counted,
            "half": convention.half,
            "without_boxes": convention.without_boxes,
            "in_words": answer.in_words,
        },
        **{field: getattr(answer, field) for field in ("net", "low", "high", "flip", "positive_wall", "negative_wall")},
        **{field: getattr(answer, field) for field in ("contracts", "left_out", "boxed", "left_out_expiries")},
        "strikes": strike_rows(answer),
        "expiries": [
            {"series": series, "settles_at": output.instant(int(at)), "calls": up, "puts": down, "net": up + down}
            for series, at, up, down in zip(
                answer.expiries, by_expiry.rungs.tolist(), by_expiry.calls.tolist(), by_expiry.puts.tolist(), strict=True
            )
        ],
        "profile": [
            {"spot": spot, "calls": up, "puts": down, "net": up + down}
            for spot, up, down in zip(answer.profile_spots.tolist(), calls, puts, strict=True)
        ],
    }


def _print(answer: "Exposure", around: int) -> None:
    rows = strike_rows(answer)
    near = sorted(rows, key=lambda row: abs(row["strike"] - answer.spot))[: 2 * around + 1]
    marks = {answer.positive_wall: "+ wall", answer.negative_wall: "- wall"}
    output.table(
        ("Strike", "Calls", "Puts", "Net", ""),
        (
            (f"{row['strike']:g}", *(_amount(row[name]) for name in ("calls", "puts", "net")), marks.get(row["strike"], ""))
            for row in sorted(near, key=lambda row: row["strike"])
        ),
        left=0,
        title=f"{answer.symbol} {answer.convention.greek} exposure  spot {output.number(answer.spot)}  {answer.source} ({answer.state})",
    )
    output.pairs(
        [
            ("net", _amount(answer.net)),
            ("if dealers hold 25-75 %", f"{_amount(answer.low)} to {_amount(answer.high)}"),
            ("flip", output.number(answer.flip) if isfinite(answer.flip) else "none within 15 % of the spot"),
            ("walls", f"+ {_strike(answer.positive_wall)}   - {_strike(answer.negative_wall)}"),
            ("contracts", f"{answer.contracts:,} counted, {answer.left_out:,} left out (no greek or no count)"),
            ("boxes", f"{answer.boxed:,.0f} contracts each side taken off" if answer.boxed else "none taken off"),
            ("series left out", ", ".join(answer.left_out_expiries) or "none"),
            ("convention", answer.in_words),
        ]
    )


def _strike(value: float) -> str:
    return f"{value:g}" if isfinite(value) else "none"


def _amount(value: float) -> str:
    """A sum as a desk says it: +2.13bn."""
    for size, name in ((1e9, "bn"), (1e6, "mn"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:+,.2f}{name}"
    return output.signed(value)
