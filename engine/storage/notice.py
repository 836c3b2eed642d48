"""What storage did by itself and a person should know of."""

from msgspec import Struct

from engine.domain.ids import UtcNanos
from engine.messages.events import NoticeLevel, NoticePosted


class StoreNotice(Struct, frozen=True, kw_only=True):
    """One sentence of what happened, and what became of the data."""

    title: str
    text: str
    serious: bool = False
    """Data are set aside, lost or not being written."""

    def posted(self, at: UtcNanos) -> NoticePosted:
        """As everybody is told of it."""
        return NoticePosted(at=at, level=NoticeLevel.ERROR if self.serious else NoticeLevel.INFO, title=self.title, text=self.text)
