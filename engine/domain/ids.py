"""Names and instants as types of their own, so that one is never handed where another is meant."""

from typing import NewType

UtcNanos = NewType("UtcNanos", int)
"""An instant: nanoseconds since 1970-01-01T00:00:00Z."""

Symbol = NewType("Symbol", str)
"""An underlying as a trader types it: ``SPY``, ``SPX``, ``BTC``."""

ContractId = NewType("ContractId", str)
"""One option contract: the 21-character OSI symbol, or the venue's own name where OSI has none (``BTC-27NOV26-100000-C``)."""

SeriesId = NewType("SeriesId", str)
"""All strikes of one root, expiry date and settlement: ``SPXW/2026-11-24/PM``."""

SourceId = NewType("SourceId", str)
"""Where numbers come from: ``synthetic``, ``cboe``, ``file:spx.csv``."""

RunId = NewType("RunId", str)
"""One life of one engine, unique a start."""
