"""`optix feeds`: which sources are installed and which of them can be used."""

from engine.cli import output
from engine.cli.session import Json


def feeds(as_json: Json = False) -> None:
    """The sources of market data: name, what it is, whether it can be used and what it lacks."""
    from engine.api import plugins, to_plain

    found = [plugin for plugin in plugins() if plugin.role == "feed"]
    if as_json:
        output.document({"schema": output.schema("feeds", {"delayed_minutes": "minutes"}), "feeds": [to_plain(plugin) for plugin in found]})
        return
    output.table(
        ("Feed", "What", "Ready", "Note"),
        (
            (
                plugin.name + (f":{plugin.takes_argument}" if plugin.takes_argument else ""),
                plugin.title,
                "yes" if plugin.usable else "no",
                plugin.trouble or ("SIM" if plugin.simulated else f"{plugin.delayed_minutes:g} min late" if plugin.delayed_minutes else ""),
            )
            for plugin in found
        ),
        left=4,
    )
