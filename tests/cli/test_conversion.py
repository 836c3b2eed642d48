"""Values as they are said: what is of its type is taken as it is, the rest is converted and checked as ever."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.exceptions import TyperException

from engine.cli.conversion import fits
from engine.cli.nouns import dressed


class Colour(StrEnum):
    AMBER = "amber"


def run(*words: str) -> dict:
    got: dict = {}
    app = typer.Typer(rich_markup_mode=None, add_completion=False)

    @app.command()
    def paint(
        names: Annotated[list[str] | None, typer.Argument()] = None,
        coats: Annotated[int, typer.Option(min=1)] = 2,
        litres: Annotated[float | None, typer.Option()] = None,
        tint: Annotated[list[int] | None, typer.Option()] = None,
        colour: Annotated[Colour, typer.Option()] = Colour.AMBER,
        place: Annotated[Path | None, typer.Option()] = None,
        wet: Annotated[bool, typer.Option("--wet")] = False,
    ) -> None:
        got.update(names=names, coats=coats, litres=litres, tint=tint, colour=colour, place=place, wet=wet)

    dressed(typer.main.get_command(app)).main(args=list(words), prog_name="paint", standalone_mode=False)
    return got


def test_nothing_said_is_every_default():
    assert run() == {"names": None, "coats": 2, "litres": None, "tint": None, "colour": Colour.AMBER, "place": None, "wet": False}


def test_what_is_said_comes_in_its_type():
    got = run(
        "door", "wall", "--coats", "3", "--litres", "1.5", "--tint", "7", "--tint", "8", "--colour", "amber", "--place", "a/b", "--wet"
    )
    assert got == {
        "names": ["door", "wall"],
        "coats": 3,
        "litres": 1.5,
        "tint": [7, 8],
        "colour": Colour.AMBER,
        "place": Path("a/b"),
        "wet": True,
    }


@pytest.mark.parametrize("words", [("--coats", "0"), ("--coats", "two"), ("--litres", "x"), ("--colour", "blue"), ("--tint", "a")])
def test_what_is_no_such_value_is_refused_as_ever(words):
    with pytest.raises(TyperException) as refused:
        run(*words)
    assert words[0] in refused.value.format_message()


def test_a_list_fits_when_each_of_it_does_and_a_flag_is_no_number():
    assert fits(("a", "b"), list[str])
    assert not fits(("a", 1), list[str])
    assert not fits("a", list[str])
    assert not fits(True, int)
