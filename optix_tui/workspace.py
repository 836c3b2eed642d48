"""A workspace as a value: a tree of splits with tiles at its ends, read from TOML and written back without losing a comment."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from engine.api import shipped
from engine.domain.errors import BadInput
from optix_tui.theme import LINK_LETTERS

VERSION = 1
PINNED = "-"


class Panel(Struct, frozen=True, kw_only=True):
    """One tile: its function, link group and arguments. ``symbol`` "" is the group's (or the market's own) security."""

    function: str
    group: int | None = 0
    symbol: str = ""
    args: tuple[str, ...] = ()


class Node(Struct, frozen=True, kw_only=True):
    """A place in the tree: a tile by name, or a split of places beside (``h``) or below each other (``v``)."""

    panel: str = ""
    split: Literal["h", "v"] = "h"
    sizes: tuple[str, ...] = ()
    """``98`` cells, ``2fr`` shares, ``40%``, or ``98+3fr``: shares, but no fewer cells than that; one a child."""
    children: tuple["Node", ...] = ()

    def panels(self) -> Iterator[str]:
        """The names of the tiles, in reading order."""
        if self.panel:
            yield self.panel
        for child in self.children:
            yield from child.panels()


class Workspace(Struct, frozen=True, kw_only=True):
    """One screen of tiles."""

    name: str
    place: int
    """The digit behind ``g``."""
    layout: Node
    panels: dict[str, Panel]
    source: str = ""
    """The file it was read from."""


def read_workspace(text: str, source: str = "") -> Workspace:
    """A workspace from the text of a layout file."""
    try:
        return _workspace(tomllib.loads(text), source)
    except BadInput as error:
        raise BadInput(f"the layout {source or 'given'} cannot be used: {error}") from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"the layout {source or 'given'} cannot be read: {type(error).__name__} {error}") from error


def _workspace(document: dict[str, Any], source: str) -> Workspace:
    if document.get("version") != VERSION:
        raise BadInput(f"it is of version {document.get('version')}, this OPTIX reads version {VERSION}")
    panels = {name: _panel(name, table) for name, table in document["panel"].items()}
    layout = _node(document["layout"], panels)
    shown = list(layout.panels())
    if len(set(shown)) != len(shown):
        raise BadInput("a panel stands in two places")
    if not shown:
        raise BadInput("it shows no panel")
    name, place = str(document["name"]).upper(), int(document["place"])
    if not (name.isalnum() and 1 <= place <= 9):
        raise BadInput("its name must be one word and its place 1 to 9")
    return Workspace(name=name, place=place, layout=layout, panels=panels, source=source)


def _panel(name: str, table: dict[str, Any]) -> Panel:
    letter = str(table.get("group", LINK_LETTERS[0])).upper()
    if letter != PINNED and letter not in LINK_LETTERS:
        raise BadInput(f"panel {name} is in link group {letter}; there are {', '.join(LINK_LETTERS)} and {PINNED} for none")
    return Panel(
        function=str(table["fn"]).upper(),
        group=None if letter == PINNED else LINK_LETTERS.index(letter),
        symbol=str(table.get("symbol", "")).upper(),
        args=tuple(str(word).upper() for word in table.get("args", ())),
    )


def _node(table: dict[str, Any], panels: dict[str, Panel]) -> Node:
    if "panel" in table:
        if table["panel"] not in panels:
            raise BadInput(f"the layout names a panel {table['panel']} that is not described")
        return Node(panel=table["panel"])
    split = table["split"]
    if split not in {"h", "v"}:
        raise BadInput(f"a split is h or v, not {split!r}")
    children = tuple(_node(child, panels) for child in table["child"])
    sizes = tuple(str(size) for size in table.get("sizes", ["1fr"] * len(children)))
    if len(sizes) != len(children):
        raise BadInput(f"a split has {len(children)} children and {len(sizes)} sizes")
    for size in sizes:
        _check_size(size)
    return Node(split=split, sizes=sizes, children=children)


def _check_size(size: str) -> None:
    least, share = size_parts(size)
    number = share.removesuffix("fr").removesuffix("%")
    if not number.replace(".", "", 1).isdigit() or float(number) <= 0 or not (least.isdigit() or not least):
        raise BadInput(f"a size is written as 98, 2fr, 40% or 98+3fr, not {size!r}")


def size_parts(size: str) -> tuple[str, str]:
    """The least number of cells ("" where there is none) and the size above it."""
    least, _, share = size.rpartition("+")
    return least, share


def with_panel(workspace: Workspace, name: str, panel: Panel) -> Workspace:
    """The workspace with another tile in one place."""
    return replace(workspace, panels=workspace.panels | {name: panel})


def load_workspaces(user_folder: Path | None = None) -> tuple[tuple[Workspace, ...], tuple[str, ...]]:
    """The shipped workspaces with the user's in their places, and what could not be read, in words."""
    found: dict[int, Workspace] = {}
    problems: list[str] = []
    folders = [shipped("config") / "layouts"]
    if user_folder is not None:
        folders.append(user_folder)
    for folder in folders:
        for path in sorted(folder.glob("*.toml")) if folder.is_dir() else ():
            try:
                workspace = read_workspace(path.read_text(encoding="utf-8"), path.name)
            except (OSError, UnicodeDecodeError, BadInput) as error:
                problems.append(str(error))
                continue
            found[workspace.place] = workspace
    return tuple(found[place] for place in sorted(found)), tuple(problems)


def save_workspace(workspace: Workspace, folder: Path) -> Path:
    """Writes the user's copy; the file is whole or is the one before, and comments in it stay."""
    import tomlkit

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{workspace.name.lower()}.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    document["version"] = VERSION
    document["name"] = workspace.name
    document["place"] = workspace.place
    document["layout"] = _plain_node(workspace.layout)
    document["panel"] = {name: _plain_panel(workspace.panels[name]) for name in workspace.layout.panels()}
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".", suffix=".tmp", delete=False) as file:
        file.write(tomlkit.dumps(document))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)
    return path


def _plain_node(node: Node) -> dict[str, Any]:
    if node.panel:
        return {"panel": node.panel}
    return {"split": node.split, "sizes": list(node.sizes), "child": [_plain_node(child) for child in node.children]}


def _plain_panel(panel: Panel) -> dict[str, Any]:
    plain: dict[str, Any] = {"fn": panel.function, "group": PINNED if panel.group is None else LINK_LETTERS[panel.group]}
    if panel.symbol:
        plain["symbol"] = panel.symbol
    if panel.args:
        plain["args"] = list(panel.args)
    return plain
