"""From a contract's id, or a trader's shorthand for it, to the contract that is listed."""

from datetime import date
from typing import Protocol

from engine.domain.errors import BadInput, OptixError, UnknownSymbol
from engine.domain.ids import ContractId, Symbol
from engine.domain.instants import new_york
from engine.domain.instruments import Contract
from engine.domain.osi import ContractRequest, format_deribit, format_osi, parse_contract
from engine.domain.roots import root_terms
from engine.kernel.clock import Clock
from engine.messages.queries import ContractDetail, GetContract
from engine.services.market.names import Names
from engine.state.instruments import Ladder
from engine.state.whole import State


class RecordedContracts(Protocol):
    """A history that knows the contracts it recorded."""

    async def contract_named(self, name: ContractId) -> Contract | None: ...


class Contracts:
    """Answers which contract is meant."""

    def __init__(self, *, state: State, names: Names, clock: Clock, kept: RecordedContracts | None = None) -> None:
        self._state = state
        self._names = names
        self._clock = clock
        self._kept = kept

    async def detail(self, query: GetContract) -> ContractDetail:
        """The contract and what it stands on; raises with what there is instead."""
        text = query.text.strip()
        contract = self._state.instruments.contract(ContractId(text)) or await self._parsed(text)
        security = await self._names.security(contract.series.underlying)
        return ContractDetail(contract=contract, security=security)

    async def _parsed(self, text: str) -> Contract:
        today = new_york(self._clock.now()).date()
        request = parse_contract(text, today)
        symbol = Symbol(root_terms(request.ticker).underlying) if request.exact_root else Symbol(request.ticker)
        if self._state.instruments.security(symbol) is None:
            symbol = Symbol(root_terms(request.ticker).underlying)
        security = await self._names.security(symbol)
        found = self._found(security.symbol, request)
        if found is None:
            await self._names.whole(security.symbol)
            found = self._found(security.symbol, request)
        if found is not None:
            return found
        if (recorded := await self._recorded(request, today)) is not None:
            return recorded
        ladders = self._fitting(self._state.instruments.chain(security.symbol), request)
        raise UnknownSymbol(_no_strike(ladders[0], request) if ladders else self._no_expiry(security.symbol, request))

    def _found(self, symbol: Symbol, request: ContractRequest) -> Contract | None:
        """The contract, among what is listed by now, or has settled on the date that is named."""
        for ladder in self._fitting(self._state.instruments.chain(symbol), request):
            name = _at_strike(ladder, request)
            contract = self._state.instruments.contract(ContractId(name)) if name is not None else None
            if contract is not None:
                return contract
        return self._settled(symbol, request)

    def _settled(self, symbol: Symbol, request: ContractRequest) -> Contract | None:
        """The same of series that have left the listing."""
        if request.expiry is None:
            return None
        for one in self._state.instruments.settled.on(symbol, request.expiry):
            contract = one.contract(request.strike, request.right)
            if contract is not None and (not request.exact_root or one.series.root == request.ticker):
                return contract
        return None

    async def _recorded(self, request: ContractRequest, today: date) -> Contract | None:
        """One that settled before this engine began, by the root that was typed."""
        if self._kept is None or request.expiry is None or request.expiry > today:
            return None
        for spelled in (format_osi, format_deribit):
            try:
                found = await self._kept.contract_named(spelled(request.ticker, request.expiry, request.right, request.strike))
            except OptixError:  # OSI has no word for it, or the history cannot be read just now
                continue
            if found is not None:
                return found
        return None

    def _fitting(self, chain: tuple[Ladder, ...], request: ContractRequest) -> list[Ladder]:
        """Series of that date (or, none named, all that are open), those of the very root first."""
        now = self._clock.now()
        fitting = [
            ladder
            for ladder in chain
            if (ladder.series.expiry == request.expiry if request.expiry is not None else ladder.series.settles_at > now)
        ]
        if request.exact_root:
            return [ladder for ladder in fitting if ladder.series.root == request.ticker]
        return sorted(fitting, key=lambda ladder: (ladder.series.adjusted, ladder.series.expiry, ladder.series.root != request.ticker))

    def _no_expiry(self, symbol: Symbol, request: ContractRequest) -> str:
        dates = list(dict.fromkeys(ladder.series.expiry.isoformat() for ladder in self._state.instruments.chain(symbol)))
        if not dates:
            return f"{symbol} has no listed options"
        return f"{symbol} has no expiry {request.expiry}: it has {', '.join(dates[:8])}{' and others' if len(dates) > 8 else ''}"


def _at_strike(ladder: Ladder, request: ContractRequest) -> str | None:
    places = [place for place, strike in enumerate(ladder.strikes.tolist()) if abs(strike - request.strike) < 1e-6]
    if not places:
        return None
    column = places[0] if request.right == "C" else ladder.strikes.shape[0] + places[0]
    return ladder.names[column] or None


def _no_strike(ladder: Ladder, request: ContractRequest) -> str:
    if not ladder.strikes.size:
        raise BadInput(f"{ladder.series.id} lists no strikes")
    nearest = sorted(ladder.strikes.tolist(), key=lambda strike: abs(strike - request.strike))[:4]
    return f"{ladder.series.id} has no strike {request.strike:g}: near it are {', '.join(f'{strike:g}' for strike in sorted(nearest))}"
