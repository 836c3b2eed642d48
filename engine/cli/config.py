"""`optix config`: what is set, by whom, and how to change it."""

from typing import Annotated

import typer

from engine.cli import output
from engine.cli.nouns import noun
from engine.cli.session import Json

app = noun("Settings.")


@app.command()
def show(
    key: Annotated[str | None, typer.Argument(help="One setting or the start of several names.")] = None,
    origin: Annotated[bool, typer.Option("--origin", help="Where each value comes from.")] = False,
    as_json: Json = False,
) -> None:
    """All settings with their units."""
    from engine.api import BadInput, settings, to_plain

    table = settings()
    found = [one for one in table.settings if key is None or one.key.startswith(key)]
    if not found:
        raise BadInput(f"there is no setting {key!r}: `optix config show` lists them all")
    if as_json:
        output.document({"schema": output.schema("settings"), "path": table.path, "settings": [to_plain(one) for one in found]})
        return
    heads = ("Setting", "Value", "Unit", *(("From",) if origin else ()), "What")
    rows = ((one.key, _text(one.value), one.unit, *((one.origin,) if origin else ()), one.what) for one in found)
    output.table(heads, rows, left=len(heads))


@app.command("set")
def set_(
    key: Annotated[str, typer.Argument(help="The setting's name, as `optix config show` has it.")],
    value: Annotated[str, typer.Argument(help="What it is to be, in its unit.")],
    as_json: Json = False,
) -> None:
    """Writes a setting into your configuration; a value out of bounds is refused."""
    import asyncio

    from engine.api import set_setting

    output.receipt("setting", asyncio.run(set_setting(key, value)), as_json=as_json)


@app.command()
def path(as_json: Json = False) -> None:
    """Where your configuration is."""
    from engine.api import settings

    place = settings().path
    if as_json:
        output.document({"schema": output.schema("config-path"), "path": place})
    else:
        output.plain_line(place)


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
