"""How the rows of one painting look: the same for all of them."""

from msgspec import Struct

from optix_tui.screens.omon.columns import Layout
from optix_tui.theme import Palette


class Look(Struct, frozen=True, kw_only=True):
    """How the rows of one paint look: lay-out, colours, cursor, fading."""

    layout: Layout
    palette: Palette
    most_interest: float
    """The longest bar of open interest."""
    fade: float = 0.0
    """How far everything goes into the ground: what is stale."""
    cursor: int = -1
    """Strike under the cursor in the series being painted; -1 where it is elsewhere."""
    side: int = 0
    """0 where the cursor is at the call, 1 at the put."""
    has_focus: bool = False
