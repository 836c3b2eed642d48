"""The command line: what is typed, the ghost of what would follow, and Enter for GO."""

from typing import Any

from textual.events import Key, MouseDown, Paste
from textual.geometry import Size
from textual.message import Message

from optix_tui.canvas import Canvas, Span
from optix_tui.colour import mix
from optix_tui.completion import Completion, choose_by_number
from optix_tui.frame import Frame, frame_of
from optix_tui.registry import find
from optix_tui.security_words import COUNTRY, MARKET_WORDS
from optix_tui.theme import Palette
from optix_tui.widgets.sheet import Sheet

LONGEST = 200
OPENING_CHARACTERS = frozenset("/`")
"""They open the line, and say nothing at its beginning."""


class CommandLine(Sheet, can_focus=True):
    """One row that takes every key while it has the focus."""

    DEFAULT_CSS = "CommandLine { height: 1; width: 1fr; }"

    class Submitted(Message):
        """Enter: run this."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Cancelled(Message):
        """Esc: back to the tile."""

    class Changed(Message):
        """The text or the choice changed: the drop-down follows."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = ""
        self.cursor = 0
        self.choice = 0
        """Which hit is marked."""
        self.has_chosen = False
        """The marked hit was moved to, so Enter takes it."""
        self.completion = Completion()
        self.is_marked = False
        """All of it is marked, after a refusal: what is typed next replaces it."""
        self._history_place = 0
        self._kept = ""

    # -- editing ------------------------------------------------------------------------------------------------------------

    def begin(self, text: str = "") -> None:
        """Empties the line for a new command."""
        self._history_place = 0
        self._kept = ""
        self.write(text)

    def write(self, text: str, cursor: int | None = None) -> None:
        """Replaces what is typed."""
        self.typed = text[:LONGEST]
        self.cursor = len(self.typed) if cursor is None else max(0, min(cursor, len(self.typed)))
        self.choice, self.has_chosen = 0, False
        self.is_marked = False
        frame = frame_of(self)
        self.completion = frame.completion(self.typed) if self.cursor == len(self.typed) else Completion()
        self.repaint()
        self.post_message(self.Changed())

    def complete_again(self) -> None:
        """More is known of what was typed: the drop-down follows."""
        if self.has_focus and self.cursor == len(self.typed) and not self._history_place:
            self.completion = frame_of(self).completion(self.typed)
            self.repaint()
            self.post_message(self.Changed())

    def mark(self) -> None:
        """It could not be run: it stays to be corrected, or is typed over."""
        self.is_marked = bool(self.typed)
        self.repaint()

    def _insert(self, text: str) -> None:
        if self.is_marked:
            self.write("")
        clean = "".join(character for character in text if character.isprintable())
        self.write(self.typed[: self.cursor] + clean.upper() + self.typed[self.cursor :], self.cursor + len(clean))

    def on_key(self, event: Key) -> None:
        if self._edit(event.key) or self._move(event.key):
            event.stop()
            event.prevent_default()
        elif event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            if self.is_marked:
                self.write("")
            if event.character in OPENING_CHARACTERS and not self.typed:
                return
            hit = choose_by_number(self.completion, self.typed, event.character)
            if hit is not None:
                self.write(hit.text)
            else:
                self._insert(event.character)

    def on_paste(self, event: Paste) -> None:
        event.stop()
        self._insert(event.text.split("\n", 1)[0])

    def _edit(self, key: str) -> bool:
        text, cursor = self.typed, self.cursor
        match key:
            case "backspace" | "delete" if self.is_marked:
                self.write("")
            case "backspace" if cursor:
                self.write(text[: cursor - 1] + text[cursor:], cursor - 1)
            case "delete":
                self.write(text[:cursor] + text[cursor + 1 :], cursor)
            case "ctrl+u":
                self.write(text[cursor:], 0)
            case "ctrl+w" | "ctrl+backspace":
                kept = text[:cursor].rstrip().rpartition(" ")[0]
                self.write((kept + " " if kept else "") + text[cursor:], len(kept) + 1 if kept else 0)
            case "left" | "ctrl+b":
                self.write(text, cursor - 1)
            case "right" | "ctrl+f" | "end" | "ctrl+e":
                if cursor == len(text) and self.completion.ghost:
                    self.write(text + self.completion.ghost + " ")
                else:
                    self.write(text, cursor + 1 if key in {"right", "ctrl+f"} else len(text))
            case "home" | "ctrl+a":
                self.write(text, 0)
            case _:
                return key == "backspace"
        return True

    def _move(self, key: str) -> bool:
        hits = self.completion.hits
        match key:
            case "enter":
                self.post_message(self.Submitted(self.chosen_text()))
            case "escape":
                self.post_message(self.Cancelled())
            case "tab":
                if hits:
                    text = hits[self.choice].text
                    self.write(text if text.endswith(" ") else text + " ")
            case "down" if hits:
                self._mark((self.choice + 1) % len(hits) if self.has_chosen or self.choice else min(1, len(hits) - 1))
            case "up" if hits and (self.has_chosen or self.choice):
                self._mark((self.choice - 1) % len(hits))
            case "up" | "down":
                self._recall(1 if key == "up" else -1)
            case _:
                return False
        return True

    def _mark(self, choice: int) -> None:
        self.choice, self.has_chosen = choice, True
        self.repaint()
        self.post_message(self.Changed())

    def choose(self, choice: int) -> None:
        """Takes a hit, as a click on it does."""
        if choice < len(self.completion.hits):
            self.write(self.completion.hits[choice].text)

    def chosen_text(self) -> str:
        """What Enter runs: the hit that was moved to, a number of a hit, or the text as it stands."""
        hits = self.completion.hits
        if self.has_chosen and self.choice < len(hits):
            return hits[self.choice].text
        return self.typed

    def _recall(self, step: int) -> None:
        history = frame_of(self).command_history()
        if not self._history_place:
            self._kept = self.typed
        place = max(0, min(self._history_place + step, len(history)))
        if place != self._history_place:
            self.write(history[-place] if place else self._kept)
            self._history_place = place
            self.completion = Completion()
            self.post_message(self.Changed())

    def on_mouse_down(self, _event: MouseDown) -> None:
        self.begin()

    # -- painting -----------------------------------------------------------------------------------------------------------

    def subject(self) -> Any:
        return None if self.has_focus else frame_of(self).standing_command()

    def draw(self, size: Size) -> Canvas:
        frame = frame_of(self)
        palette = frame.palette
        ground = mix(palette.ground, palette.text, 0.16) if self.has_focus else palette.ground
        canvas = Canvas(size.width, size.height, ground, palette.text)
        if self.has_focus:
            self._draw_typing(canvas, palette)
        else:
            _draw_standing(canvas, frame, palette)
        return canvas

    def _draw_typing(self, canvas: Canvas, palette: Palette) -> None:
        start = canvas.put(0, 0, (" > ", palette.ink, palette.text, True), (" ", palette.text))
        if self.is_marked:
            x = canvas.put(start, 0, (self.typed, palette.ink, palette.dim, True))
        else:
            x = canvas.put(start, 0, *_word_spans(self.typed, palette))
        ghost = self.completion.ghost if self.cursor == len(self.typed) else ""
        canvas.text(x, 0, ghost, palette.dim)
        under = (self.typed + ghost)[self.cursor : self.cursor + 1] or " "
        canvas.text(start + self.cursor, 0, under, palette.ink, palette.text, bold=True)
        x += max(len(ghost), 1)
        canvas.text(x + 1, 0, " GO ", palette.ink, palette.up, bold=True)
        hints: list[Span] = []
        for key, word in (("Tab", "complete"), ("↑↓", "choose"), ("Esc", "cancel")):
            hints += [(f"{key} ", palette.text), (f"{word}  ", palette.dim)]
        if x + 8 + sum(len(span[0]) for span in hints) < canvas.width:
            canvas.put_right(canvas.width, 0, *hints)


def _draw_standing(canvas: Canvas, frame: Frame, palette: Palette) -> None:
    x = canvas.put(0, 0, (" > ", palette.text, None, True), (" ", palette.text))
    x = canvas.put(x, 0, *_word_spans(frame.standing_command(), palette))
    canvas.text(x + 1, 0, " GO ", palette.ink, palette.up, bold=True)
    hints: list[Span] = []
    for action, word in (("app.command", "command"), ("app.help", "help"), ("app.palette", "palette")):
        key = frame.key_hint(action)
        if key:
            hints += [(f"{key} ", palette.text), (f"{word}  ", palette.dim)]
    if x + 8 + sum(len(span[0]) for span in hints) < canvas.width:
        canvas.put_right(canvas.width, 0, *hints)


def _word_spans(text: str, palette: Palette) -> list[Span]:
    """The words in the colours of what they are: security, market, function, arguments."""
    spans: list[Span] = []
    for place, word in enumerate(text.split(" ")):
        upper = word.upper()
        if upper in MARKET_WORDS or upper == COUNTRY:
            colour = palette.security
        elif find(upper) is not None:
            colour = palette.text
        else:
            colour = palette.bright if place == 0 else palette.vol
        spans += [(" ", palette.text)] if place else []
        spans.append((word, colour, None, True))
    return spans
