"""`optix db`: the store of what was recorded."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.nouns import noun
from engine.cli.session import Json, with_engine

if TYPE_CHECKING:
    from engine.api import Command, DatabaseInfo, Engine, Receipt

app = noun("The store of what was recorded.")


@app.command()
def info(as_json: Json = False) -> None:
    """Where it is, how big, and what it holds."""

    async def ask(engine: "Engine") -> "DatabaseInfo":
        from engine.api import GetDatabaseInfo

        return await engine.ask(GetDatabaseInfo())

    found = with_engine(ask, of_market=False)
    tables = [
        {"name": one.name, "rows": one.rows, "first_at": output.instant(one.first_at), "last_at": output.instant(one.last_at)}
        for one in found.tables
    ]
    if as_json:
        names = "path store schema_version size_bytes archive_bytes budget_bytes runs".split()
        output.document({"schema": output.schema("database"), **{name: getattr(found, name) for name in names}, "tables": tables})
        return
    output.pairs(
        (
            ("path", found.path),
            ("store", found.store),
            ("schema", found.schema_version),
            (
                "size",
                " ".join(
                    (
                        output.size(found.size_bytes),
                        "and",
                        output.size(found.archive_bytes),
                        "archived, of",
                        output.size(found.budget_bytes),
                    )
                ),
            ),
            ("runs", found.runs),
        )
    )
    output.table(
        ("Table", "Rows", "From", "To"),
        ((one["name"], f"{one['rows']:,}", one["first_at"] or "—", one["last_at"] or "—") for one in tables),
    )


def _perform(command: "Command", as_json: bool, what: str) -> None:
    async def act(engine: "Engine") -> "Receipt":
        return await engine.do(command)

    with output.working(what):
        receipt = with_engine(act, of_market=False)
    output.receipt(what, receipt, as_json=as_json)


@app.command()
def vacuum(as_json: Json = False) -> None:
    """Applies the size budget now and gives freed space back."""
    from engine.api import VacuumDatabase

    _perform(VacuumDatabase(), as_json, "vacuum")


@app.command()
def export(folder: Annotated[Path, typer.Argument(help="A new folder.")], as_json: Json = False) -> None:
    """Writes every table as Parquet into a new folder."""
    from engine.api import ExportDatabase

    _perform(ExportDatabase(path=str(folder.expanduser().resolve())), as_json, "export")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file.")], as_json: Json = False) -> None:
    """Writes a copy of the store that opens by itself."""
    from engine.api import BackupDatabase

    _perform(BackupDatabase(path=str(file.expanduser().resolve())), as_json, "backup")
