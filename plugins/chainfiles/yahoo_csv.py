"""Yahoo-style tables: one contract a row under a header line, as yfinance and its many users save them."""

import msgspec

from plugins.chainfiles.assemble import NOTHING_SAID, Parsed
from plugins.chainfiles.collector import stated
from plugins.chainfiles.rows import RowReader
from plugins.chainfiles.shapes import Shape, separator
from plugins.chainfiles.tables import MAX_LINE, cells_of
from plugins.chainfiles.text import Text


def parse_yahoo_csv(text: Text) -> Parsed:
    """Reads a table of one contract a row; the header line may come again, as it does where files were put together."""
    reader = RowReader("", placeholders=True)
    titles: list[str] = []
    mark = ","
    for number, line in enumerate(text.lines(), 1):
        if not line.strip():
            continue
        if not titles:
            mark = separator(line)
            titles = cells_of(line, mark)
            continue
        if len(line) > MAX_LINE:
            reader.collector.skip(number, "a line longer than any row")
            continue
        cells = cells_of(line, mark)
        if len(cells) < len(titles):
            reader.collector.skip(number, "too few columns (a cut line?)")
        elif cells != titles:
            reader.read(number, dict(zip(titles, cells, strict=False)))
    return Parsed(
        shape=Shape.YAHOO_CSV,
        collector=reader.collector,
        stamp=reader.stamp(),
        underlying=msgspec.structs.replace(NOTHING_SAID, last=stated(reader.spot)),
        remarks=reader.remarks,
    )
