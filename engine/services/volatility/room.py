"""The room of realised volatility: it knows the market by the questions everybody asks."""

from engine.kernel.service import ServiceContext
from engine.messages.realized import GetCorrelation, GetForecasts, GetRealized
from engine.services.volatility.correlations import Correlations
from engine.services.volatility.desk import SessionDesk
from engine.services.volatility.volatilities import Volatilities


class VolatilityRoom:
    """Answers when it is asked; it has no work of its own."""

    def __init__(self, context: ServiceContext) -> None:
        desk = SessionDesk(dispatch=context.dispatch, clock=context.clock, offload=context.offload)
        volatilities = Volatilities(desk=desk, offload=context.offload)
        context.dispatch.answers(GetRealized, volatilities.realized)
        context.dispatch.answers(GetForecasts, volatilities.forecasts)
        context.dispatch.answers(GetCorrelation, Correlations(desk=desk, offload=context.offload).correlation)

    def start(self) -> None:
        """Nothing goes on by itself."""

    async def close(self) -> None:
        """Nothing of it outlives the engine."""
