"""Which prints are taken for what: the thresholds of flow."""

from msgspec import Struct

from engine.kernel.configuration import Configuration


class FlowSettings(Struct, frozen=True, kw_only=True):
    """As they are set."""

    sweep_ms: float = 100.0
    """Prints of one contract on one side no farther apart belong to one sweep."""
    legs_ms: float = 5.0
    """Prints of contracts of one name no farther apart may be legs of one trade."""
    legs_size: float = 5.0
    """Contracts a leg has at least, where legs are guessed."""
    block_size: float = 500.0
    """Contracts from which a print is a block."""
    block_premium: float = 500_000.0
    """Dollars from which a print is a block, whatever its size."""
    record_premium: float = 10_000.0
    """Dollars from which a flagged print is kept in the history."""

    @classmethod
    def read(cls, configuration: Configuration) -> "FlowSettings":
        """From the configuration."""
        return cls(
            sweep_ms=configuration.number("flow.sweep_ms"),
            legs_ms=configuration.number("flow.legs_ms"),
            legs_size=configuration.number("flow.legs_size"),
            block_size=configuration.number("flow.block_size"),
            block_premium=configuration.number("flow.block_premium"),
            record_premium=configuration.number("flow.record_premium"),
        )
