"""The nouns of `optix`: a table that lists them, and a command line that loads the one that is said."""

import re
import shutil
import sys
from collections.abc import Iterable
from functools import partial
from importlib import import_module
from typing import Any, NamedTuple

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from engine.cli import output
from engine.cli.conversion import taken_as_said

WIDEST, NARROW, NARROWEST = 100, 60, 30
INDENT = 12
"""Of what an option does, on a narrow page."""
HEADING = re.compile(r"^(\S.*:)$", re.MULTILINE)
ENTRY = re.compile(r"^  (\S+(?: \S+)*)", re.MULTILINE)
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class Listed(NamedTuple):
    """A noun as `optix --help` tells it, without its module."""

    name: str
    summary: str
    """The first paragraph of its own help."""
    place: str
    """``module:attribute`` of a function, or of a `typer.Typer` with commands of its own."""
    section: str


def noun(summary: str, *, cls: "type[Commands] | None" = None, **settings: Any) -> typer.Typer:
    """A noun with commands of its own; alone it tells them."""
    settings = {"no_args_is_help": True, "context_settings": SETTINGS, **settings}
    return typer.Typer(cls=cls or Commands, help=summary, rich_markup_mode=None, add_completion=False, **settings)


class Said(typer.Context):
    """A command as it is said: its values as they are, its help as wide as the terminal, and styled where the terminal has that."""

    def __init__(self, command: Any, *arguments: Any, **settings: Any) -> None:
        super().__init__(command, *arguments, **settings)
        for parameter in command.get_params(self):
            taken_as_said(parameter)

    def make_formatter(self) -> Any:
        """A page for the width there is."""
        self.terminal_width = max(NARROWEST, min(shutil.get_terminal_size().columns, WIDEST) - 2)
        formatter: Any = super().make_formatter()
        if self.terminal_width < NARROW:
            formatter.write_dl = partial(formatter.write_dl, col_max=INDENT)
        return formatter

    def get_help(self) -> str:
        """The whole page."""
        text = super().get_help()
        first = HEADING.search(text)
        if first is None or not output.colours(sys.stdout):
            return text
        listed = ENTRY.sub(rf"  {output.CYAN}\1{output.RESET}", text[first.start() :])
        return text[: first.start()] + HEADING.sub(rf"{output.BOLD}\1{output.RESET}", listed)


class OnDemand(TyperCommand):
    """Stands for a command whose module nobody has asked for yet: its name, and its summary."""

    def __init__(self, listed: Listed) -> None:
        super().__init__(listed.name, help=listed.summary, short_help=listed.summary, rich_markup_mode=None)
        self.listed = listed

    def loaded(self) -> Any:
        """The command itself."""
        module, _, attribute = self.listed.place.partition(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            return dressed(typer.main.get_group(found))
        alone = typer.Typer(rich_markup_mode=None, add_completion=False)
        alone.command(self.listed.name)(found)
        return dressed(typer.main.get_command(alone))


class Commands(TyperGroup):
    """Commands, each told with its whole summary."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The commands, in sections where they have some."""
        found = {name: self.commands[name] for name in self.list_commands(ctx) if not self.commands[name].hidden}
        sections = {name: one.listed.section if isinstance(one, OnDemand) else "Commands" for name, one in found.items()}
        longest = max(map(len, found))
        for section in dict.fromkeys(sections.values()):
            with formatter.section(section):
                formatter.write_dl(
                    [(name.ljust(longest), summary_of(one.help)) for name, one in found.items() if sections[name] == section]
                )


class OneByDefault(Commands):
    """Commands of which one is meant where none is named: what it takes is said of the noun itself."""

    default = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What names no command goes to the default one."""
        named = args and args[0] in {*self.commands, *ctx.help_option_names}
        if not named and (args or not (self.no_args_is_help or ctx.resilient_parsing)):
            args = [self.default, *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """The default command's, and the commands."""
        self.commands[self.default].format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """The commands, and what the default one takes."""
        return [*super().shell_complete(ctx, incomplete), *self.commands[self.default].shell_complete(ctx, incomplete)]


class Nouns(Commands):
    """The nouns, each loaded when it is said."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is said, itself."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found.loaded() if isinstance(found, OnDemand) else found, rest


def summary_of(help_text: str | None) -> str:
    """The first paragraph, as one line."""
    return " ".join((help_text or "").strip().partition("\n\n")[0].split())


def command_line(app: typer.Typer, nouns: Iterable[Listed]) -> Any:
    """The whole command line: the root's flags, and the nouns."""
    group = typer.main.get_command(app)
    for listed in nouns:
        group.add_command(OnDemand(listed))  # type: ignore[attr-defined]  # an app with a callback is a group
    return dressed(group)


def dressed(command: Any) -> Any:
    """The command, and those below it, as this house has them."""
    command.context_class = Said
    for one in getattr(command, "commands", {}).values():
        dressed(one)
    return command
