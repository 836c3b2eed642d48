"""Bytes to text, whatever program saved them: UTF-8 with or without a mark, UTF-16, a few spoiled bytes, or an old code page."""

import codecs
import re

from msgspec import Struct

from plugins.chainfiles.bounded import few_enough
from plugins.chainfiles.moments import names_a_month

_FEW = 16
"""So many spoiled bytes are repaired as UTF-8; with more, the file is in another code page."""
_LINE_END = re.compile(r"\r\n|\n|\r")


class Text(Struct, frozen=True, kw_only=True):
    """What a file says."""

    text: str
    remark: str = ""
    """What is odd about its encoding; "" for UTF-8."""

    def lines(self) -> list[str]:
        """By any of the three customs of ending one. Raises BadInput where there are more than any chain has."""
        few_enough(max(self.text.count("\n"), self.text.count("\r")))
        return _LINE_END.split(self.text)


def decode(data: bytes) -> Text:
    """The text of a file; never fails."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Text(text=data.decode("utf-16", "replace"), remark="saved as UTF-16")
    try:
        return Text(text=data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        pass
    repaired = data.decode("utf-8-sig", "replace")
    spoiled = repaired.count("\N{REPLACEMENT CHARACTER}")
    if spoiled <= _FEW and not _reads_as_cyrillic(data):
        return Text(text=repaired, remark=f"{spoiled} spoiled characters (not UTF-8)")
    page = "cp1251" if _reads_as_cyrillic(data) else "latin-1"
    return Text(text=data.decode(page, "replace"), remark=f"not UTF-8: read as {page}")


def _reads_as_cyrillic(data: bytes) -> bool:
    """Whether the old Cyrillic code page makes a month's name of the head of the file."""
    head = data[:2000].decode("cp1251", "replace")
    return any(names_a_month(word) for word in re.findall(r"[а-яіїєґ]{3,}", head.lower()))
