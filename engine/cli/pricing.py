"""`optix price` and `optix iv`: one contract by flags, or a table of them by CSV, and no engine needed."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.picture import PictureForm, Png, Size, Theme, draw_payoff, wanted_picture
from engine.cli.session import Json
from engine.domain.errors import BadInput

if TYPE_CHECKING:
    from engine.api import ValuationTerms
    from engine.cli.contract_table import ContractTable

DAYS_A_YEAR = 365.0
STATUSES_OF_A_NUMBER = frozenset({"ok", "ill-conditioned", "no time value", "above bound", "bad input", "no price"})

File = Annotated[
    str | None,
    typer.Option(
        "--csv", metavar="FILE|-", help="A table of contracts: columns named as the flags; - reads stdin. CSV comes out on stdout."
    ),
]
Right = Annotated[str | None, typer.Option("--right", "-r", metavar="C|P", help="Call or put.")]
Style = Annotated[str | None, typer.Option("--style", metavar="STYLE", help="european (default) or american.")]
Spot = Annotated[str | None, typer.Option("--spot", "-s", metavar="PRICE", help="Price of the underlying, or --forward.")]
Forward = Annotated[
    str | None, typer.Option("--forward", metavar="PRICE", help="Forward or future of the expiry; the Greeks are against it.")
]
Strike = Annotated[str | None, typer.Option("--strike", "-k", metavar="PRICE", help="Strike.")]
Days = Annotated[str | None, typer.Option("--days", "-d", metavar="DAYS", help="Calendar days left (ACT/365), or --expiry.")]
Expiry = Annotated[str | None, typer.Option("--expiry", "-e", metavar="DATE", help="2026-12-18, dec18, fri: to its close in New York.")]
Rate = Annotated[str | None, typer.Option("--rate", metavar="FRACTION", help="Interest, continuous: 0.043. Default 0.")]
Yield = Annotated[str | None, typer.Option("--yield", metavar="FRACTION", help="Dividend yield and borrow, continuous. Default 0.")]
Dividends = Annotated[
    str | None,
    typer.Option(
        "--dividends", metavar="DAY:AMOUNT;...", help="Cash dividends by ex-date, days from now: 30:0.5;121:0.5. None counts after the end."
    ),
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="INSTANT", help="The instant an expiry is counted from: 2026-11-20T15:30:00Z. Default now.")
]


class Units(StrEnum):
    """Whose units the Greeks are in."""

    TRADER = "trader"
    MODEL = "model"


InUnits = Annotated[
    Units, typer.Option("--units", help="trader: theta a calendar day, vega a vol point, rho 1 %. model: per unit and year.")
]


def price(
    csv: File = None,
    right: Right = None,
    style: Style = None,
    spot: Spot = None,
    forward: Forward = None,
    strike: Strike = None,
    days: Days = None,
    expiry: Expiry = None,
    rate: Rate = None,
    dividend_yield: Yield = None,
    vol: Annotated[str | None, typer.Option("--vol", "-v", metavar="FRACTION", help="Volatility a year: 0.2 is 20 %.")] = None,
    dividends: Dividends = None,
    as_of: AsOf = None,
    units: InUnits = Units.TRADER,
    as_json: Json = False,
    png: Png = None,
    size: Size = None,
    theme: Theme = None,
) -> None:
    """Price and Greeks of one contract, or of a table of them.

    European rows: Black-Scholes-Merton, or Black-76 on a forward. American rows: the exercise boundary by collocation. With cash dividends
    the share itself falls by the amount on its ex-date, in both styles. Flags beside --csv stand for columns that the file does not have.
    Every row has a status; one bad row does not stop the others. --png draws one contract and its payoff, now and at expiry.
    """
    flags = _given(right, style, spot, forward, strike, days, expiry, rate, dividend_yield, dividends) | ({"vol": vol} if vol else {})
    if form := wanted_picture(png, size, theme, json=as_json, csv=csv is not None):
        _draw(form, flags, as_of)
        return
    _answer("price", "vol", csv, flags, as_of=as_of, trader=units is Units.TRADER, as_json=as_json)


def iv(
    csv: File = None,
    right: Right = None,
    style: Style = None,
    spot: Spot = None,
    forward: Forward = None,
    strike: Strike = None,
    days: Days = None,
    expiry: Expiry = None,
    rate: Rate = None,
    dividend_yield: Yield = None,
    price: Annotated[str | None, typer.Option("--price", "-p", metavar="PRICE", help="What the option costs.")] = None,
    dividends: Dividends = None,
    as_of: AsOf = None,
    units: InUnits = Units.TRADER,
    as_json: Json = False,
) -> None:
    """Implied volatility and Greeks of one contract, or of a table of them.

    The status of a row: ok; no time value (at or below intrinsic value); above bound; ill-conditioned (a rounding of the price moves it by
    more than 0.0001); or all that is wrong with the row.
    """
    flags = _given(right, style, spot, forward, strike, days, expiry, rate, dividend_yield, dividends) | ({"price": price} if price else {})
    _answer("iv", "price", csv, flags, as_of=as_of, trader=units is Units.TRADER, as_json=as_json)


def _given(*values: str | None) -> dict[str, str]:
    names = ("right", "style", "spot", "forward", "strike", "days", "expiry", "rate", "yield", "dividends")
    return {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _answer(
    wanted: str, solved_from: str, file: str | None, flags: dict[str, str], *, as_of: str | None, trader: bool, as_json: bool
) -> None:
    from engine.cli.contract_answer import answered, write_csv, write_document, write_one
    from engine.cli.contract_table import ContractTable, instant_of, one_contract, read_csv

    if file is None and not flags:
        raise BadInput(f"{_which_contract(solved_from)}, or give a table with --csv")
    frame = one_contract(flags, wanted=solved_from) if file is None else read_csv(_content(file), wanted=solved_from, flags=flags)
    table = ContractTable(frame, solved_from, instant_of(as_of))
    answer = answered(table, wanted=wanted, trader=trader)
    if file is None and (said := answer["status"].item()) not in STATUSES_OF_A_NUMBER:
        raise BadInput(said)
    if as_json:
        write_document(wanted, answer, table, trader=trader)
    elif file is None:
        write_one(answer, trader=trader)
    else:
        write_csv(answer)


def _which_contract(solved_from: str) -> str:
    return f"say which contract, as in --right C --spot 100 --strike 105 --days 30 --{solved_from} ..."


def _draw(form: PictureForm, flags: dict[str, str], as_of: str | None) -> None:
    from engine.api import UtcNanos
    from engine.cli.contract_table import ContractTable, instant_of, one_contract

    if not flags:
        raise BadInput(_which_contract("vol"))
    at = instant_of(as_of)
    draw_payoff(form, _terms(ContractTable(one_contract(flags, wanted="vol"), "vol", at)), at=UtcNanos(at))


def _terms(table: "ContractTable") -> "ValuationTerms":
    """The one contract of a table as the calculator knows it; BadInput says what is wrong with it."""
    from engine.api import CashDividend, Right, Style, ValuationTerms

    contracts = table.contracts()
    if wrong := table.problems.texts()[0]:
        raise BadInput(wrong)
    paid = contracts.dividends
    return ValuationTerms(
        right=Right.CALL if contracts.rights[0] > 0 else Right.PUT,
        style=Style.AMERICAN if contracts.american[0] else Style.EUROPEAN,
        on_forward=bool(contracts.on_forward[0]),
        underlying=float(contracts.underlyings[0]),
        strike=float(contracts.strikes[0]),
        days=float(contracts.years[0]) * DAYS_A_YEAR,
        rate=float(contracts.rates[0]),
        dividend_yield=float(contracts.yields[0]),
        dividends=tuple(
            CashDividend(days=years * DAYS_A_YEAR, amount=amount)
            for years, amount in zip(paid.years.tolist(), paid.amounts.tolist(), strict=True)
        ),
        volatility=float(table.solved_from[0]),
    )


def _content(file: str) -> bytes:
    """The bytes of a file, or of stdin for ``-``."""
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).expanduser().read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}") from error
