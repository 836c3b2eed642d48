"""`optix import`: chain files and daily series into the history."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.nouns import OneByDefault, noun
from engine.cli.session import Json, with_engine

if TYPE_CHECKING:
    from engine.api import Engine, Receipt


CHAINS = "chains"
CHAIN_UNITS = {
    "at": "instant that the chain is of, ISO 8601 UTC",
    "snapshots_added": "chains that were not in the history yet; 0 where all were",
    "rows_added": "quotes of contracts, one a row",
    "exit_code": "of a file that was not imported, as this command's own",
}


class ChainsByDefault(OneByDefault):
    """`optix import FILE...` is `optix import chains FILE...`."""

    default = CHAINS


app = noun(
    "Files into the history: chains (`optix import FILE...`) and daily series (`optix import series FILE`).",
    cls=ChainsByDefault,
    subcommand_metavar="FILE... or COMMAND [ARGS]...",
)


class Unit(StrEnum):
    """How a file writes volatilities."""

    AUTO = "auto"
    PERCENT = "percent"
    FRACTION = "fraction"


@app.command()
def series(
    file: Annotated[Path, typer.Argument(help="A CSV file with a date and a value or a close, plain or .gz.")],
    symbol: Annotated[str, typer.Option("--symbol", "-s", help="Whose series it is; needless where the header says it.")] = "",
    measure: Annotated[
        str,
        typer.Option(
            "--measure", "-m", help="What it is: index:30, atm:30, rr25:30, level ... None: of Cboe's volatility indices the level."
        ),
    ] = "",
    column: Annotated[str, typer.Option("--column", help="The column with the value; else the close, or the only one.")] = "",
    unit: Annotated[
        Unit,
        typer.Option(
            "--unit",
            help="How volatilities are written; auto takes percent where the middle one is 2 or more, of differences 1 or more.",
        ),
    ] = Unit.AUTO,
    as_json: Json = False,
) -> None:
    """Puts a daily series into the history: the past that rank and percentile stand on. All of the file or nothing; twice changes nothing.

    In a simulated market the series goes to the history of real markets, which is read with --feed cboe.
    """

    async def act(engine: "Engine") -> "Receipt":
        from engine.api import ImportSeries, SeriesUnit

        return await engine.do(
            ImportSeries(path=str(file.expanduser().resolve()), symbol=symbol, measure=measure, column=column, unit=SeriesUnit(unit.value))
        )

    output.receipt("import-series", with_engine(act, of_market=False), as_json=as_json)


@app.command(CHAINS)
def import_files(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Chain files: Cboe JSON, Cboe quote CSV, Yahoo-style CSV; plain or .gz.")
    ],
    as_json: Json = False,
) -> None:
    """Puts chain files into the history; doing it twice changes nothing. One bad file does not stop the others."""

    async def act(engine: "Engine") -> list[dict[str, object]]:
        from engine.api import ImportChain, OptixError

        done: list[dict[str, object]] = []
        for file in output.progress(files, "importing"):
            try:
                receipt = await engine.do(ImportChain(path=str(file.expanduser().resolve())))
            except OptixError as error:
                done.append({"path": str(file), "imported": False, "text": str(error), "exit_code": error.exit_code})
            else:
                done.append({"path": str(file), "imported": True, "text": receipt.text, **receipt.detail})
        return done

    done = with_engine(act, of_market=False)
    if as_json:
        output.document({"schema": output.schema("import", CHAIN_UNITS), "files": done})
    for one in done:
        if not one["imported"]:
            text = str(one["text"])
            output.complain(text if Path(str(one["path"])).name in text else f"{one['path']}: {text}")
        elif not as_json:
            output.say(str(one["text"]))
    refused = [int(str(one["exit_code"])) for one in done if not one["imported"]]
    if refused:
        raise typer.Exit(max(refused))
