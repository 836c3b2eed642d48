"""An engine as a picture of another surface model sees it: where the screen asks for the displayed surface, it gets the chosen one."""

from typing import Any

from msgspec.structs import replace

from engine.api import Engine, Subscription
from engine.domain.volatility import SurfaceModel
from engine.messages.base import Command, Query, Receipt, Topic
from engine.messages.surface import GetSurface, SurfaceChanged


class ChosenModel:
    """Asks the engine behind it; what it would tell of the displayed model's changes is not heard."""

    def __init__(self, engine: Engine, model: SurfaceModel) -> None:
        self._engine = engine
        self._model = model

    async def ask(self, query: Query[Any]) -> Any:
        is_displayed = isinstance(query, GetSurface) and query.model is SurfaceModel.SVI
        return await self._engine.ask(replace(query, model=self._model) if is_displayed else query)

    async def do(self, command: Command) -> Receipt:
        return await self._engine.do(command)

    def watch(self, *topics: Topic, capacity: int = Subscription().capacity) -> Subscription:
        heard = tuple(one for one in topics if one.event != SurfaceChanged.__name__)
        return self._engine.watch(*heard, capacity=capacity) if heard else Subscription(capacity)

    async def close(self) -> None:
        await self._engine.close()
