"""`optix import`: chain files into the history."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import output
from engine.cli.session import Json, with_engine

if TYPE_CHECKING:
    from engine.api import Engine


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

    done = with_engine(act)
    if as_json:
        output.document({"schema": output.schema("import"), "files": done})
    for one in done:
        if not one["imported"]:
            text = str(one["text"])
            output.complain(text if Path(str(one["path"])).name in text else f"{one['path']}: {text}")
        elif not as_json:
            output.say(str(one["text"]))
    refused = [int(str(one["exit_code"])) for one in done if not one["imported"]]
    if refused:
        raise typer.Exit(max(refused))
