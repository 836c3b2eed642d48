"""The application: it joins the session, the beat, the workspaces and the keys; what a tile does stands in the tile."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace
from textual.app import App
from textual.binding import Binding
from textual.events import Event as TerminalEvent
from textual.events import Key as KeyPressed

from engine.domain.errors import BadInput, NotConfigured, OptixError
from engine.domain.ids import SeriesId, Symbol, UtcNanos
from optix_tui import collector
from optix_tui.bar_views import app_bar_view, security_view
from optix_tui.colour import use_monochrome
from optix_tui.completion import Completion, complete
from optix_tui.dialogs.help import TWO_COLUMNS, help_heading, help_lines
from optix_tui.dialogs.help import WIDTH as HELP_WIDTH
from optix_tui.dialogs.notices import WIDTH as NOTICES_WIDTH
from optix_tui.dialogs.notices import notice_lines
from optix_tui.dialogs.overlay import Line
from optix_tui.format import clock
from optix_tui.freshness import FeedView
from optix_tui.function import Context, Function, later
from optix_tui.graphics.gallery import Gallery
from optix_tui.key_file import LOOK_SECONDS, KeyFile
from optix_tui.keymap import Keymap, hints
from optix_tui.keys import APP_KEYS
from optix_tui.ladders import Ladders
from optix_tui.memory import Memory, remember
from optix_tui.navigator import Navigator
from optix_tui.notices import Notice, Notices, printable
from optix_tui.options import Options
from optix_tui.output import enduring
from optix_tui.placeholder import Placeholder
from optix_tui.preferences import Preferences
from optix_tui.pump import Pump
from optix_tui.registry import find, panel_class
from optix_tui.session import Session
from optix_tui.stock_theme import textual_theme
from optix_tui.theme import DEFAULT_THEME, LINK_LETTERS, Palette, load_palette, theme_names
from optix_tui.two_keys import TwoKeys
from optix_tui.widgets.app_bar import AppBar, AppBarView
from optix_tui.widgets.command_line import CommandLine
from optix_tui.widgets.key_bar import KeyBarView
from optix_tui.widgets.security_bar import SecurityView, security_name
from optix_tui.workbench import Workbench
from optix_tui.workspace import Panel, save_workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.driver import Driver

    from engine.api import Engine, LastLook

RETRY_SECONDS = 2.0


def _functions_provider() -> Any:
    from optix_tui.finder import FunctionProvider

    return FunctionProvider


class OptixApp(App[None]):
    """The terminal."""

    TITLE = "OPTIX"
    COMMANDS: ClassVar = {_functions_provider}
    COMMAND_PALETTE_BINDING = ""
    CSS = """
    CommandPalette { background: $background; }
    CommandPalette #--container { width: 84; max-width: 100%; background: $surface; }
    CommandPalette #--input, CommandPalette CommandList { background: $surface; border: none; }
    CommandPalette SearchIcon { display: none; }
    Toast { background: $panel; color: $foreground; }
    """
    BINDINGS: ClassVar = [
        Binding(",".join(key.keys), key.action, key.text, show=False, priority=key.priority, id=key.id) for key in APP_KEYS
    ]

    def __init__(
        self,
        options: Options,
        connect: Callable[[], Awaitable[Engine]] | None = None,
        look: tuple[LastLook, float] | None = None,
    ) -> None:
        use_monochrome(options.no_colour)
        self.options = options
        self.is_remote = bool(options.profile)
        self.palette: Palette = load_palette(DEFAULT_THEME if options.no_colour else options.theme, up_is_red=options.up_is_red)
        super().__init__(ansi_color=True if options.no_colour else None)  # else Textual turns "no colour" into its own greys
        self._connect = connect
        self._look = look
        """What the screen showed last, and its age in seconds: the first paint."""
        self.keymap_in_force: Keymap = options.keymap
        self.gallery = Gallery(options.pictures)
        self.notices = Notices()
        self.session = Session(lambda text, level: self.tell(text, level=level))
        self.pump = Pump(self.session)
        self.workbenches: dict[int, Workbench] = {}
        known = [workspace.place for workspace in options.workspaces]
        self.place = options.place if options.place in known else known[0]
        self.navigator = Navigator(self)
        self.ladders = Ladders(self)
        self.two_keys = TwoKeys(self)
        self.hints_by_code: dict[str, tuple[tuple[str, str], ...]] = {}
        self.last_key_at = 0.0
        """On the monotonic clock."""
        for name in theme_names():
            self.register_theme(textual_theme(load_palette(name, up_is_red=options.up_is_red)))
        self.theme = self.palette.name
        self.preferences = Preferences(self, KeyFile(options.keys_file, options.keys_base))
        self.set_keymap(options.keymap.bindings())

    def get_driver_class(self) -> type[Driver]:
        return enduring(super().get_driver_class())

    # -- life ---------------------------------------------------------------------------------------------------------------

    async def on_mount(self) -> None:
        if self.options.symbol:
            self.session.links = [Symbol(self.options.symbol)] * len(LINK_LETTERS)
        for problem in self.options.problems:
            self.tell(problem, level="warning")
        if self.options.live and not self.options.no_colour and self.console.color_system not in {"truecolor", None}:
            self.tell(f"this terminal says it has {self.console.color_system} colours; if it has all, set COLORTERM=truecolor")
        await self.show_workspace(self.place)
        if self._look is not None:
            look, age = self._look
            self.session.recall(look, age)
            for tile in self.bench.tiles:
                tile.show_last_look(look, age)
            self.pump.paint_all()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first paint: the engine, the beat, the collector."""
        if self._connect is not None:
            self.run_worker(later(self._keep_connected), group="engine", exclusive=True)
        if self.options.live:
            self.set_interval(1 / self.options.hertz, self.beat)
            self.set_interval(LOOK_SECONDS, self.preferences.look_at_keys)
            self.set_interval(collector.EVERY_SECONDS, lambda: collector.collect(idle_for=monotonic() - self.last_key_at))

    async def _keep_connected(self) -> None:
        while self._connect is not None and self.session.engine is None:
            try:
                self.attach(await self._connect())
            except (BadInput, NotConfigured) as error:
                self.session.trouble = str(error)
                self.tell(str(error), level="error")
                return
            except OptixError as error:
                self.session.trouble = str(error)
                self.tell(str(error), level="error")
                import asyncio

                await asyncio.sleep(RETRY_SECONDS)

    def attach(self, engine: Engine) -> None:
        """An engine is there: everything watches it."""
        self.session.attach(engine)
        if self.screen_stack:
            self._settle()

    def beat(self) -> None:
        """One turn of everything that moves; none once the screens are gone, as the terminal is being left."""
        if not self.screen_stack:
            return
        self._settle()
        self.pump.beat()

    def _settle(self) -> None:
        """What the last beat brought that concerns more than one tile."""
        session = self.session
        if session.engine is None:
            return
        if session.engine_is_new:
            session.engine_is_new = False
            self.ladders.forget()
            for tile in self.pump.tiles:
                tile.connect()
        if session.needs_names:
            self.run_worker(later(session.learn_names), group="names", exclusive=True, exit_on_error=False)
        for tile in tuple(self.pump.tiles):
            group = tile.context.group
            wanted = session.links[group] if group is not None else session.default_symbol
            if not tile.context.symbol and wanted:
                tile.load(replace(tile.context, symbol=wanted))
        if isinstance(self.screen, Workbench):
            session.look_at(self.screen.tile.context.symbol)

    async def on_unmount(self) -> None:
        options = self.options
        if options.state_folder is not None and options.remembers:
            theme = options.theme if options.no_colour else self.palette.name
            kept = Memory(symbol=self.bench.tile.context.symbol, place=self.place, theme=theme)
            remember(kept, options.state_folder)

    async def leave(self) -> None:
        """Ends the use of the engine; called once the screen has been given back, so that nobody waits in front of a dead picture."""
        engine, self.session.engine = self.session.engine, None
        if engine is not None:
            await engine.close()

    # -- workspaces ---------------------------------------------------------------------------------------------------------

    async def show_workspace(self, place: int) -> None:
        """Brings a workspace to the screen; it is built when it is shown first."""
        found = next((workspace for workspace in self.options.workspaces if workspace.place == place), None)
        if found is None:
            self.tell(f"there is no workspace {place}", level="warning")
            return
        before = self.workbenches.get(self.place)
        self.place = place
        if place not in self.workbenches:
            self.workbenches[place] = Workbench(found, self.make_tile)
            self.install_screen(self.workbenches[place], found.name)
        bench = self.workbenches[place]
        if before is None:
            await self.push_screen(bench)
        elif before is not bench:
            for tile in before.tiles:
                tile.sleep()
            await self.switch_screen(bench)
        self.pump.bars, self.pump.tiles = [*bench.bars, bench.command], list(bench.tiles)
        for tile in bench.tiles:
            tile.wake()
        bench.make_room()
        bench.tile.focus()
        if self.options.live:
            self.set_timer(collector.IDLE_SECONDS, collector.freeze)

    def make_tile(self, panel: Panel) -> Function:
        """The tile a layout describes."""
        links = self.session.links
        symbol = Symbol(panel.symbol) or (links[panel.group] if panel.group is not None else self.session.default_symbol)
        if panel.group is not None and not links[panel.group]:
            links[panel.group] = symbol
        return self.tile_of(panel.function, Context(symbol=symbol, group=panel.group, args=panel.args))

    def tile_of(self, code: str, context: Context) -> Function:
        """A fresh tile; one that says so where the function is unknown or its panel cannot be loaded."""
        entry = find(code)
        if entry is None:
            return Placeholder(code, context, f"There is no function {code} in this version of OPTIX.")
        try:
            made: Function = panel_class(entry)(entry, context)
        except Exception as error:  # noqa: BLE001 (one broken panel may not keep the workstation from opening)
            self.log.error(code, repr(error))  # noqa: TRY400 (Textual's log, not logging's)
            return Placeholder(code, context, f"{code} cannot be loaded: {type(error).__name__}: {error}")
        return made

    def enlist(self, tile: Function) -> None:
        if isinstance(self.screen, Workbench) and tile in self.screen.tiles and tile not in self.pump.tiles:
            self.pump.tiles = list(self.screen.tiles)

    def dismiss_tile(self, tile: Function) -> None:
        if tile in self.pump.tiles:
            self.pump.tiles.remove(tile)

    # -- commands -----------------------------------------------------------------------------------------------------------

    def on_command_line_submitted(self, event: CommandLine.Submitted) -> None:
        if self.go(event.text):
            self.bench.close_command()
        else:
            self.bench.command.mark()

    def on_command_line_cancelled(self) -> None:
        self.bench.close_command()

    def go(self, command: str, tile: Function | None = None) -> bool:
        """Runs a command line; False when it cannot be read (the reason is shown)."""
        return self.navigator.go(command, tile)

    def link(self, group: int | None, symbol: Symbol, leave_out: Function | None = None) -> None:
        """All tiles of a link group that show one security show this one."""
        self.navigator.link(group, symbol, leave_out)

    def link_expiry(self, tile: Function, series: SeriesId) -> None:
        """The other tiles of its link group that show the same security show this expiry of it."""
        self.navigator.link_expiry(tile, series)

    # -- what tiles and bars read -------------------------------------------------------------------------------------------

    @property
    def bench(self) -> Workbench:
        """The workspace on the screen, also while something opaque stands above it."""
        return self.workbenches[self.place]

    @property
    def engine(self) -> Engine | None:
        return self.session.engine

    def feed_view(self) -> FeedView:
        return self.session.feed_view()

    def market_time(self) -> UtcNanos:
        return self.session.market_time()

    def tell(self, text: str, *, level: str = "information") -> None:
        """Keeps a notice and shows it unless the same, or too many, were shown just now."""
        text = printable(text)
        shown = self.notices.post(Notice(text=text, level=level, clock=clock(self.session.market_time())), monotonic())
        if shown and self.is_running:
            severity: Any = level if level in {"warning", "error"} else "information"
            self.notify(text, severity=severity, timeout=6, markup=False)

    def app_bar_view(self) -> AppBarView:
        return app_bar_view(self.session, self.options, self.place)

    def security_view(self) -> SecurityView:
        return security_view(self.session, self.bench.tile.context.symbol, self.options.stale_after)

    def key_bar_view(self) -> KeyBarView:
        prefix: tuple[tuple[str, str], ...] = ()
        if self.two_keys.awaits_second:
            prefix = tuple((str(workspace.place), workspace.name) for workspace in self.options.workspaces)
            prefix += (*((letter, f"link {letter}") for letter in LINK_LETTERS), ("0", "pinned"), ("Esc", "cancel"))
        entry = self.bench.tile.entry
        if entry.code not in self.hints_by_code:
            self.hints_by_code[entry.code] = tuple(hints(self.keymap_in_force, entry))
        return KeyBarView(hints=self.hints_by_code[entry.code], notice=self.notices.showing(monotonic()), prefix=prefix)

    def standing_command(self) -> str:
        tile = self.bench.tile
        symbol = tile.context.symbol
        name = security_name(symbol, self.session.listed.get(symbol)) if tile.entry.needs_security and symbol else ""
        return " ".join(part for part in (name, tile.entry.code, *tile.context.args) if part)

    def completion(self, text: str) -> Completion:
        here = self.bench.tile.context.symbol
        return complete(text, self.session.listed, recent=self.session.links, here=here, ladder=self.ladders.find)

    def command_history(self) -> tuple[str, ...]:
        return tuple(self.navigator.history)

    def key_hint(self, action: str) -> str:
        return next((self.keymap_in_force.first(key) for key in APP_KEYS if key.id == action), "")

    # -- keys ---------------------------------------------------------------------------------------------------------------

    async def on_event(self, event: TerminalEvent) -> None:
        if isinstance(event, KeyPressed) and not event.is_forwarded:
            self.last_key_at = monotonic()
            if await self.two_keys.takes(event):
                return
        await super().on_event(event)

    def action_prefix(self) -> None:
        self.two_keys.begin()

    def action_command_line(self) -> None:
        self.bench.open_command()

    def action_run(self, command: str) -> None:
        self.go(command)

    def action_next_tile(self) -> None:
        self.bench.step(1)
        self._followed()

    def action_previous_tile(self) -> None:
        self.bench.step(-1)
        self._followed()

    def _followed(self) -> None:
        self.session.look_at(self.bench.tile.context.symbol)
        for bar in self.pump.bars:
            bar.repaint()

    def action_zoom(self) -> None:
        self.bench.zoom()

    def action_cancel(self) -> None:
        if self.bench.is_zoomed:
            self.bench.zoom()

    async def action_back(self) -> None:
        await self.navigator.back()

    async def action_forward(self) -> None:
        await self.navigator.forward()

    async def on_app_bar_chosen(self, event: AppBar.Chosen) -> None:
        await self.show_workspace(event.place)

    def action_show_help(self) -> None:
        tile = self.bench.tile
        shown = tile.entry if find(tile.entry.code) else None
        notes = tile.help_notes()
        width = TWO_COLUMNS + 4 if self.size.width >= TWO_COLUMNS + 6 else HELP_WIDTH

        def page(palette: Palette) -> list[Line]:
            return help_lines(shown, self.keymap_in_force, palette, notes, min(width, self.size.width - 2))

        self.bench.overlay.open(help_heading(shown), page, width=width)

    def action_show_notices(self) -> None:
        self.bench.overlay.open("NOTICES", lambda palette: notice_lines(self.notices, palette), width=NOTICES_WIDTH)

    def action_theme(self) -> None:
        if self.options.no_colour:
            self.tell("NO_COLOR is set: there are no colours to change")
            return
        names = theme_names()
        self.use_theme(names[(names.index(self.palette.name) + 1) % len(names)] if self.palette.name in names else names[0])

    def use_theme(self, name: str) -> None:
        """Another palette, everywhere at once."""
        self.palette = load_palette(name, up_is_red=self.options.up_is_red)
        self.theme = name
        for bench in self.workbenches.values():
            for sheet in bench.all_sheets():
                sheet.repaint()

    def apply_setting(self, key: str, value: Any) -> None:
        """A setting of the terminal is in force as soon as it is kept."""
        self.preferences.apply(key, value)

    def action_save_workspace(self) -> None:
        folder = self.options.layouts_folder
        if folder is None:
            self.tell("there is no folder to save workspaces in", level="error")
            return
        try:
            path = save_workspace(self.bench.as_saved(), folder)
        except OSError as error:
            self.tell(f"the workspace could not be saved: {error}", level="error")
            return
        self.tell(f"workspace {self.bench.workspace.name} saved to {path.name}")
