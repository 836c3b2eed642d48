"""What is said to a terminal about its pictures (kitty graphics protocol): it never answers, and what it does not know it passes over."""

from base64 import standard_b64encode

CHUNK = 4096
"""Most letters of a picture in one sequence."""


def transmission(number: int, png: bytes, columns: int, rows: int) -> str:
    """A PNG under a number, to be shown by placeholders of so many cells; shown at once where they stand already."""
    letters = standard_b64encode(png).decode("ascii")
    parts = [letters[at : at + CHUNK] for at in range(0, len(letters), CHUNK)] or [""]
    first = f"a=T,U=1,f=100,t=d,i={number},c={columns},r={rows},q=2"
    last = len(parts) - 1
    return "".join(
        f"\x1b_G{f'{first},m={int(place < last)}' if not place else f'm={int(place < last)},q=2'};{part}\x1b\\"
        for place, part in enumerate(parts)
    )


def deletion(number: int) -> str:
    """Takes a picture out of the terminal's memory, and from wherever it stands."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"


def through_tmux(sequences: str) -> str:
    """The same, handed on by a tmux that allows it (``allow-passthrough on``): each sequence in one of its own."""
    wrapped = [f"\x1bPtmux;{(part + END).replace(ESCAPE, ESCAPE * 2)}{END}" for part in sequences.split(END) if part]
    return "".join(wrapped)


ESCAPE = "\x1b"
END = "\x1b\\"
