"""The Volatility Filter and the compass, wired together: what breaks a rule, where names stand, what indices they imply."""

from engine.kernel.paths import shipped
from engine.kernel.service import ServiceContext
from engine.messages.breaches import DeleteBreachRule, GetBreaches, GetBreachRules, SaveBreachRule, TryBreachRule
from engine.messages.compass import GetCompass, GetVolatilityIndices
from engine.services.volatility.breach_rules import RuleBook, shipped_rules
from engine.services.volatility.breaches import Breaches, BreachPast, Resolve
from engine.services.volatility.compass import Compasses
from engine.services.volatility.coordinates import Coordinates
from engine.services.volatility.indices import Indices
from engine.services.volatility.listed import Listed
from engine.state.whole import State
from engine.storage.documents import Documents


class CompassRoom:
    """Everything that follows volatility across names."""

    def __init__(self, context: ServiceContext, state: State, resolve: Resolve, past: BreachPast | None) -> None:
        self._context = context
        coordinates = Coordinates(state)
        book = RuleBook(documents=Documents(context.paths.config), shipped=lambda: shipped_rules(shipped("config") / "breach-rules.toml"))
        self.breaches = Breaches(
            state=state,
            bus=context.bus,
            clock=context.clock,
            offload=context.offload,
            coordinates=coordinates,
            book=book,
            resolve=resolve,
            past=past,
        )
        listed = Listed(state=state, dispatch=context.dispatch, coordinates=coordinates, resolve=resolve)
        compass = Compasses(
            state=state,
            bus=context.bus,
            clock=context.clock,
            dispatch=context.dispatch,
            coordinates=coordinates,
            listed=listed,
            breaches=self.breaches,
        )
        indices = Indices(state=state, coordinates=coordinates, listed=listed)
        answers, performs = context.dispatch.answers, context.dispatch.performs
        answers(GetBreaches, self.breaches.table)
        answers(GetBreachRules, self.breaches.board)
        answers(TryBreachRule, self.breaches.tried)
        performs(SaveBreachRule, self.breaches.save)
        performs(DeleteBreachRule, self.breaches.delete)
        answers(GetCompass, compass.table)
        answers(GetVolatilityIndices, indices.table)

    def start(self) -> None:
        """Begins to judge the rules."""
        self._context.tasks.spawn(self.breaches.run(), name="breach rules")

    async def close(self) -> None:
        """Nothing of it outlives the engine: what it told is with the history."""
