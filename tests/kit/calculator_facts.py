"""The calculator of a fake engine: its sums are the real ones, its chain has every expiry of the frozen market."""

from typing import Any

from msgspec.structs import replace

from engine.messages.queries import Chain, GetChain
from engine.messages.valuation import GetValuation, GetValuationMatrix
from engine.services.analytics.valuation import gridded, valued
from tests.kit import facts


def teach(engine: Any) -> Any:
    """Lets a fake engine answer what a calculator asks."""
    before = engine.answers[GetChain]

    def chain(query: GetChain) -> Chain:
        found: Chain = before(query)
        if found.slices or not query.series:
            return found
        pages = [facts.slice_of(root, day) for root, day in facts.expiries(query.symbol)]
        return replace(found, slices=tuple(page for page in pages if page.summary.series.id in query.series))

    engine.answers[GetChain] = chain
    engine.answers[GetValuation] = valued
    engine.answers[GetValuationMatrix] = gridded
    return engine
