"""The workstation itself: its data, its health, its settings, its help."""

from optix_tui.functions.entry import Entry, list_keys
from optix_tui.keys import Key
from optix_tui.screens import meanings

FUNCTIONS: tuple[Entry, ...] = (
    Entry(
        code="DATA",
        aliases=("CONN",),
        title="Feed Quality",
        summary="age, crossed, locked, stale, lag",
        help=meanings.QUALITY,
        path="optix_tui.screens.quality.screen:FeedQualityPanel",
        needs_security=False,
        keys=list_keys("data"),
    ),
    Entry(
        code="SYS",
        title="System Health",
        summary="engine, store, threads, plugins",
        help=meanings.SYSTEM,
        path="optix_tui.screens.system.screen:SystemHealth",
        needs_security=False,
        keys=list_keys("sys"),
    ),
    Entry(
        code="SET",
        aliases=("PDF", "TH"),
        title="Settings",
        summary="settings, theme, keys",
        help=meanings.SETTINGS,
        arguments="[key value]",
        examples=("SET", "SET terminal.theme paper"),
        path="optix_tui.screens.settings.screen:Settings",
        keeps_case=True,
        needs_security=False,
        keys=(*list_keys("set"), Key("set.edit", ("enter",), "drill", "change the setting", "Edit", hint="Edit")),
    ),
    Entry(
        code="HELP",
        aliases=("FFM",),
        title="Functions and Keys",
        summary="every function, every key",
        help=meanings.HELP,
        arguments="[function]",
        examples=("HELP", "HELP OMON"),
        path="optix_tui.screens.help.screen:FunctionIndex",
        needs_security=False,
        keys=(*list_keys("help"), Key("help.open", ("enter",), "drill", "open the function", "Move")),
    ),
)
