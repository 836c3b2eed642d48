"""What stands on a screen that is too small to work on: one sentence, and the newest notice."""

from textual.geometry import Size

from optix_tui.canvas import Canvas
from optix_tui.frame import frame_of
from optix_tui.widgets.sheet import Sheet

SMALLEST = (60, 16)


class TooSmall(Sheet):
    """Covers everything while the screen is under :data:`SMALLEST`."""

    DEFAULT_CSS = "TooSmall { layer: overlay; position: absolute; width: 100%; height: 100%; display: none; }"

    def draw(self, size: Size) -> Canvas:
        frame = frame_of(self)
        palette = frame.palette
        canvas = Canvas(size.width, size.height, palette.ground, palette.text)
        width, height = SMALLEST
        canvas.put(1, 0, (" OPTIX ", palette.ink, palette.text, True))
        row = canvas.paragraph(1, 2, f"This window is {size.width} by {size.height}; OPTIX needs {width} by {height}.", palette.text)
        notice = frame.key_bar_view().notice
        if notice is not None:
            canvas.paragraph(1, row + 1, f"{notice.clock} {notice.text}", palette.alert)
        return canvas
