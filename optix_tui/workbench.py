"""One workspace on the screen: the bars, the tree of tiles, and what opens above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.widget import Widget

from optix_tui.dialogs.overlay import Overlay
from optix_tui.function import Context, Function
from optix_tui.widgets.app_bar import AppBar
from optix_tui.widgets.card import TooSmall
from optix_tui.widgets.command_line import CommandLine
from optix_tui.widgets.drop_down import DropDown
from optix_tui.widgets.key_bar import KeyBar
from optix_tui.widgets.security_bar import SecurityBar
from optix_tui.workspace import Node, Panel, Workspace, size_parts, with_panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from optix_tui.widgets.sheet import Sheet

NARROW, WIDE, TALL = 98, 140, 34
"""Under NARROW columns one tile is shown; under WIDE no two stand beside each other; under TALL rows none below another."""
MOST_HISTORY = 50


class Slot:
    """A place in the workspace: the tile that stands there, and where it has been."""

    def __init__(self, name: str, tile: Function) -> None:
        self.name = name
        self.tile = tile
        self.past: list[tuple[str, Context]] = []
        self.future: list[tuple[str, Context]] = []


def set_width(widget: Widget, size: str) -> None:
    """Gives a place its width as the layout writes it."""
    least, share = size_parts(size)
    widget.styles.width, widget.styles.min_width = share, least or None


def set_height(widget: Widget, size: str) -> None:
    """Gives a place its height as the layout writes it."""
    least, share = size_parts(size)
    widget.styles.height, widget.styles.min_height = share, least or None


class Workbench(Screen[None], inherit_bindings=False):
    """The screen of a workspace."""

    AUTO_FOCUS = ""
    CSS = """
    Workbench { layers: base overlay; background: $background; overflow: hidden; }
    Workbench .split { width: 1fr; height: 1fr; }
    Workbench.-tiny #tiles, Workbench.-flat #tiles { display: none; }
    Workbench.-tiny TooSmall, Workbench.-flat TooSmall { display: block; }
    Workbench.-narrow SecurityBar, Workbench.-flat SecurityBar, Workbench.-tiny SecurityBar { display: none; }
    """
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-narrow"), (NARROW, "-mid"), (WIDE, "-wide")]  # noqa: RUF012 (Textual declares it so)
    VERTICAL_BREAKPOINTS = [(0, "-flat"), (16, "-short"), (TALL, "-tall")]  # noqa: RUF012 (Textual declares it so)

    def __init__(self, workspace: Workspace, make_tile: Callable[[Panel], Function]) -> None:
        super().__init__()
        self.workspace = workspace
        self._make_tile = make_tile
        self.slots: dict[str, Slot] = {}
        self.current = ""
        """The slot of the tile that had the focus last."""
        self.is_zoomed = False
        self.command = CommandLine()
        self.drop_down = DropDown()
        self.overlay = Overlay()
        self.bars: list[Sheet] = [AppBar(), SecurityBar(), KeyBar()]
        self._boxes: dict[int, tuple[Node, Widget]] = {}
        self._tree = self._build(workspace.layout)
        """Built at once: there is a current tile for whoever asks while the screen is still being brought up."""

    # -- building -----------------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        app_bar, security_bar, key_bar = self.bars
        yield app_bar
        yield self.command
        yield security_bar
        with Vertical(id="tiles", classes="split"):
            yield self._tree
        yield key_bar
        yield self.drop_down
        yield self.overlay
        yield TooSmall()

    def _build(self, node: Node) -> Widget:
        if node.panel:
            tile = self._make_tile(self.workspace.panels[node.panel])
            self.slots[node.panel] = Slot(node.panel, tile)
            self.current = self.current or node.panel
            return tile
        children = [self._build(child) for child in node.children]
        across = node.split == "h"
        for place, (child, size) in enumerate(zip(children, node.sizes, strict=True)):
            if across:
                set_width(child, size)
                child.styles.margin = (0, 0, 0, 1 if place else 0)
            else:
                set_height(child, size)
        box: Widget = (Horizontal if across else Vertical)(*children, classes="split")
        self._boxes[id(node)] = (node, box)
        return box

    # -- tiles --------------------------------------------------------------------------------------------------------------

    @property
    def tile(self) -> Function:
        """The tile that has, or last had, the focus."""
        return self.slots[self.current].tile

    @property
    def tiles(self) -> list[Function]:
        """All tiles, in reading order."""
        return [slot.tile for slot in self.slots.values()]

    def slot_of(self, tile: Function) -> Slot:
        """Where a tile stands; the current place for one that has left, or stands in another workspace."""
        return next((slot for slot in self.slots.values() if slot.tile is tile), self.slots[self.current])

    def focus_tile(self, name: str) -> None:
        """Moves the focus to a tile, which is shown if it was not."""
        self.current = name
        self.make_room()
        self.slots[name].tile.focus()

    def step(self, by: int) -> None:
        """The next or the previous tile."""
        names = list(self.slots)
        self.focus_tile(names[(names.index(self.current) + by) % len(names)])

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        for slot in self.slots.values():
            if slot.tile is event.widget:
                self.current = slot.name

    async def replace(self, slot: Slot, tile: Function) -> None:
        """Another function in a tile's place; nothing around it moves."""
        old = slot.tile
        had_focus = self.current == slot.name
        tile.styles.width, tile.styles.height = old.styles.width, old.styles.height
        tile.styles.min_width, tile.styles.min_height = old.styles.min_width, old.styles.min_height
        tile.styles.margin, tile.styles.display = old.styles.margin, old.styles.display
        slot.tile = tile
        parent = old.parent
        if isinstance(parent, Widget):
            await parent.mount(tile, before=old)
        await old.remove()
        if had_focus:
            tile.focus()

    def as_saved(self) -> Workspace:
        """The workspace as it stands now."""
        saved = self.workspace
        for slot in self.slots.values():
            context = slot.tile.context
            panel = Panel(function=slot.tile.entry.code, group=context.group, symbol=context.symbol, args=slot.tile.lasting_args())
            saved = with_panel(saved, slot.name, panel)
        return saved

    # -- room ---------------------------------------------------------------------------------------------------------------

    def on_resize(self, _event: Resize) -> None:
        self.make_room()
        if self.overlay.is_open:
            self.overlay.action_close()
        self.call_after_refresh(self._give_keys)

    def _give_keys(self) -> None:
        """Tiles that were hidden because the window was too small lost the keys; the current one gets them back."""
        if self.is_current and self.focused is None and self.slots:
            self.tile.focus()

    def make_room(self) -> None:
        """Shows as many tiles as there is room for; the current one is always among them."""
        width, height = self.size
        lone = self.is_zoomed or width < NARROW
        hidden_splits = {split for split, hides in (("h", lone or width < WIDE), ("v", lone or height < TALL)) if hides}
        self._show(self.workspace.layout, hidden_splits)

    def _show(self, node: Node, hidden_splits: set[str]) -> None:
        if node.panel:
            return
        has_current = [self.current in child.panels() for child in node.children]
        chosen = has_current.index(True) if any(has_current) else 0
        for place, child in enumerate(node.children):
            shown = node.split not in hidden_splits or place == chosen
            widget = self.slots[child.panel].tile if child.panel else self._boxes[id(child)][1]
            if bool(widget.display) != shown:
                widget.display = shown
            if shown:
                alone = node.split in hidden_splits
                self._set_size(widget, node, place, alone=alone)
                self._show(child, hidden_splits)

    def _set_size(self, widget: Widget, node: Node, place: int, *, alone: bool) -> None:
        size = "1fr" if alone else node.sizes[place]
        if node.split == "h":
            set_width(widget, size)
            widget.styles.margin = (0, 0, 0, 1 if place and not alone else 0)
        else:
            set_height(widget, size)

    def zoom(self) -> None:
        """The current tile alone, or all of them again."""
        self.is_zoomed = not self.is_zoomed
        self.make_room()
        self.tile.focus()

    # -- above the tiles ----------------------------------------------------------------------------------------------------

    def open_command(self, text: str = "") -> None:
        """Gives the keys to the command line."""
        self.set_focus(self.command)  # at once: keys that come in the same read are already its own
        self.command.begin(text)

    def close_command(self) -> None:
        """Gives them back to the tile."""
        self.drop_down.hide()
        self.tile.focus()

    def on_command_line_changed(self) -> None:
        command = self.command
        before = len(command.typed.rpartition(" ")[0])
        x = 4 + before + (1 if before else 0)
        self.drop_down.offer(command.completion, command.choice, x=x - 2, y=2)

    def on_drop_down_chosen(self, event: DropDown.Chosen) -> None:
        self.command.focus()
        self.command.choose(event.choice)

    def all_sheets(self) -> list[Sheet]:
        """Everything that is painted by us, for a change of theme."""
        return [*self.bars, self.command, self.drop_down, self.overlay, *self.tiles, *self.query(TooSmall)]
