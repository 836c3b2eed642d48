"""`--png FILE`: a command's answer as a picture of the workstation's own screen, drawn by the program that has screens."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Protocol

import typer

from engine.cli import output
from engine.cli.session import Globals

if TYPE_CHECKING:
    from engine.api import OptixError, UtcNanos, ValuationTerms

Png = Annotated[str | None, typer.Option("--png", metavar="FILE", help="A picture for sharing instead: a .png file, or - for stdout.")]
Size = Annotated[str | None, typer.Option("--size", metavar="COLSxROWS", help="Size of the picture, in cells of 18 by 36 pixels: 120x40.")]
Theme = Annotated[str | None, typer.Option("--theme", metavar="NAME", help="Colours of the picture. Default: the workstation's.")]


class PictureForm(NamedTuple):
    """Where a picture goes and how it looks, as it was said."""

    file: str
    size: str | None = None
    theme: str | None = None


class DrawPicture(Protocol):
    """Draws a command line of the workstation (``OVDV SPY SMILE``) into a file, and returns what is to be said about it.

    With a ``symbol`` the words are a function and its arguments alone. ``expiry`` is as people write it, ``at`` the instant of a stored
    surface. What cannot be drawn or written is refused in words.
    """

    def __call__(
        self,
        words: Sequence[str],
        *,
        symbol: str | None,
        file: str,
        size: str | None,
        theme: str | None,
        expiry: str | None,
        at: "UtcNanos | None",
        model: str,
        feed: str | None,
        feed_options: Mapping[str, Any],
    ) -> str: ...


class DrawPayoff(Protocol):
    """Draws an option by terms of one's own, and its payoff, into a file; returns and refuses as :class:`DrawPicture` does."""

    def __call__(self, terms: "ValuationTerms", *, file: str, size: str | None, theme: str | None, at: "UtcNanos") -> str: ...


class Painter:
    """The painters of this process; set by the program that has screens."""

    draw: DrawPicture | None = None
    draw_payoff: DrawPayoff | None = None


def wanted_picture(png: str | None, size: str | None, theme: str | None, **other_forms: bool) -> PictureForm | None:
    """The picture that is wanted, if one is; BadInput where the flags contradict one another (``json=True``)."""
    from engine.api import BadInput

    if png is None:
        for flag, given in (("--size", size), ("--theme", theme)):
            if given is not None:
                raise BadInput(f"{flag} is of a picture: say where it goes, with --png FILE")
        return None
    for form, is_wanted in other_forms.items():
        if is_wanted:
            raise BadInput(f"say --png or --{form}, not both")
    return PictureForm(png, size, theme)


def draw_picture(
    form: PictureForm,
    words: Sequence[str],
    *,
    symbol: str | None = None,
    feed: str | None,
    options: Mapping[str, Any],
    expiry: str | None = None,
    at: "UtcNanos | None" = None,
    model: str = "svi",
) -> None:
    """Has the picture drawn and says so on stderr. NotConfigured where this program has no screens."""
    if Painter.draw is None:
        raise _without_screens()
    feed = feed or Globals.feed
    _tell(Painter.draw(words, symbol=symbol, **form._asdict(), expiry=expiry, at=at, model=model, feed=feed, feed_options=options))


def draw_payoff(form: PictureForm, terms: "ValuationTerms", *, at: "UtcNanos") -> None:
    """Has the payoff of an option drawn, ``at`` the instant its time is counted from, and says so on stderr."""
    if Painter.draw_payoff is None:
        raise _without_screens()
    _tell(Painter.draw_payoff(terms, **form._asdict(), at=at))


def _tell(told: str) -> None:
    if told:
        output.say(told)


def _without_screens() -> "OptixError":
    from engine.api import NotConfigured

    return NotConfigured("this installation has no terminal, whose screens a picture shows: use --json or --csv")
