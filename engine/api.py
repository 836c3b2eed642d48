# mypy: implicit-reexport
# ruff: noqa: F401 (a front door: names come in to be taken out)
"""The front door: everything a face needs of the engine, and nothing behind it.

``connect()`` gives an :class:`Engine`; it is asked queries, told commands, and watched. All messages stand here by their names.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from engine.domain.chain import IV_STATUS_WORDS, ChainModel, ChainSlice, ForwardMethod, IvStatus, SeriesSummary
from engine.domain.errors import (
    BadInput,
    EngineGone,
    NotConfigured,
    OptixError,
    Refused,
    StoreUnavailable,
    UnknownSymbol,
    UpstreamFailed,
)
from engine.domain.ids import ContractId, RunId, SeriesId, SourceId, Symbol, UtcNanos
from engine.domain.instruments import (
    AssetKind,
    Contract,
    Market,
    OptionSeries,
    Right,
    Security,
    SessionName,
    SettledIn,
    Settlement,
    Style,
    TickRule,
)
from engine.domain.market import FeedState, PrintFlag, Side, Verdict
from engine.domain.volatility import (
    POINT_WORDS,
    Grade,
    Maturities,
    MaturityFlag,
    PointUse,
    SliceModel,
    SurfaceModel,
    SurfaceSlice,
    VolatilitySurface,
)
from engine.kernel.log import show_log
from engine.kernel.paths import Paths, shipped
from engine.messages.base import Command, Event, Keep, Query, Receipt, Topic, answer_type, topic
from engine.messages.breaches import *  # noqa: F403
from engine.messages.commands import *  # noqa: F403 (the messages are listed in their own modules alone)
from engine.messages.compass import *  # noqa: F403
from engine.messages.events import *  # noqa: F403
from engine.messages.exposure import *  # noqa: F403
from engine.messages.flow import *  # noqa: F403
from engine.messages.measures import *  # noqa: F403
from engine.messages.queries import *  # noqa: F403
from engine.messages.queries import EngineRole, LastLook, PluginInfo, SettingTable
from engine.messages.realized import *  # noqa: F403
from engine.messages.registry import COMMANDS, EVENTS, QUERIES
from engine.messages.surface import *  # noqa: F403
from engine.messages.valuation import *  # noqa: F403
from engine.messages.wire import schema, to_json, to_plain
from engine.quant.contracts import NO_DIVIDENDS, ContractNumbers, Contracts, Dividends, ImpliedContracts
from engine.runtime.connect import connect, read_wish
from engine.runtime.engine import Engine, Subscription
from engine.runtime.feed_name import named_file
from engine.runtime.headless import serve
from engine.runtime.tape_quotes import tape_quotes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.quant.arrays import Floats, Indices
    from engine.quant.models import Model
    from engine.quant.smiles.delta import SmileStrike
    from engine.quant.smiles.sampled import SampledSurface

STORES_WITH_LOOKS = ("live", "sim")


def places(home: Path | str | None = None) -> dict[str, Path]:
    """The user's folders by name: data, config, state, cache."""
    return Paths.of(home).named()


def owner_of(home: Path | str | None = None) -> int | None:
    """The process that runs the data folder's engine, if there is one."""
    from engine.runtime.owner import owner_note

    note = owner_note(Paths.of(home).data)
    return note.pid if note is not None else None


def plugins(home: Path | str | None = None) -> tuple[PluginInfo, ...]:
    """What is installed and whether it can be used, without an engine."""
    from engine.kernel.configuration import Configuration
    from engine.kernel.plugins import Plugins

    return Plugins(Configuration.load(Paths.of(home)).names("plugins.allow")).infos()


def settings(home: Path | str | None = None) -> SettingTable:
    """All settings as they are at this moment, without an engine: what a face needs before it paints."""
    from engine.kernel.configuration import Configuration

    return Configuration.load(Paths.of(home)).table()


async def set_setting(key: str, value: str, home: Path | str | None = None) -> Receipt:
    """Writes one setting, through the engine that runs where one does; needs none, so that any setting can be mended."""
    from engine.kernel.configuration import Configuration
    from engine.kernel.plugins import Plugins
    from engine.runtime.household import change_setting

    if owner_of(home) is not None:
        engine = await connect("remote", home=home)
        try:
            return await engine.do(SetSetting(key=key, value=value))  # noqa: F405
        finally:
            await engine.close()
    configuration = Configuration.load(Paths.of(home))
    return change_setting(configuration, Plugins(configuration.names("plugins.allow")), key, value)


def read_last_look(symbol: Symbol, *, feed: str | None = None, home: Path | str | None = None) -> LastLook | None:
    """What was on the screen of a name as it was last looked at on that feed (else on the one that opens); None where nothing is kept."""
    from engine.messages import wire
    from engine.storage.lastlook import read_last_look as read

    wanted = read_wish(feed=feed, home=home)
    for store in STORES_WITH_LOOKS:
        content = read(wanted.paths.data, store, symbol)
        if content is None:
            continue
        try:
            look = wire.decode(content, LastLook)
        except wire.Malformed:  # of another version: as if there were none
            continue
        if look.source == wanted.feed.text:
            return look
    return None


def wall_clock() -> UtcNanos:
    """The instant it is, for what is told of no market's own time."""
    from engine.kernel.clock import Clock

    return Clock().wall()


def contract_numbers(contracts: Contracts, vols: "Floats", *, trader_units: bool) -> ContractNumbers:
    """Prices and Greeks of a table of contracts; computed here, since it needs no market."""
    from engine.quant.batch import contract_numbers as compute
    from engine.quant.trader_units import in_trader_units

    found = compute(contracts=contracts, vols=vols)
    return in_trader_units(found) if trader_units else found


def implied_contracts(contracts: Contracts, prices: "Floats", *, trader_units: bool) -> ImpliedContracts:
    """Implied volatilities of a table of contracts, and the Greeks at them."""
    from engine.quant.batch import implied_contracts as compute
    from engine.quant.trader_units import in_trader_units

    found = compute(contracts=contracts, prices=prices)
    return found._replace(numbers=in_trader_units(found.numbers)) if trader_units else found


def chosen_contracts(contracts: Contracts, rows: "Indices") -> Contracts:
    """Some contracts of a table."""
    from engine.quant.batch import chosen

    return chosen(contracts, rows)


def kernel_rooms() -> tuple[str, ...]:
    """The families of compiled kernels, in the order they are warmed."""
    from engine.quant.tiers import ROOMS

    return tuple(ROOMS)


def warm_kernels(room: str) -> None:
    """Compiles one family of kernels, or loads it where it is kept already. Raises NotConfigured where there is no compiler."""
    from engine.quant.tiers import TierUnavailableError, warm

    try:
        warm(rooms=(room,))
    except TierUnavailableError as error:
        raise NotConfigured(str(error)) from error


def models() -> "tuple[Model, ...]":
    """Every model that numbers come from, with its source."""
    from engine.quant.models import MODELS

    return MODELS


def sampled_surface(slices: "Iterable[SurfaceSlice]") -> "SampledSurface":
    """Slices as they were sent, ready to be read between their points by the four functions below; pure, no market is asked."""
    import numpy as np

    from engine.quant.smiles.sampled import sampled_surface as made

    chosen = tuple(slices)
    with np.errstate(all="ignore"):
        places = tuple(np.log(one.strikes / one.forward) for one in chosen)
    return made(
        years=[one.years for one in chosen],
        parameters=[one.parameters for one in chosen],
        log_moneyness=places,
        vols=tuple(one.fit_iv for one in chosen),
    )


def smile_vols(surface: "SampledSurface", log_moneyness: "Floats") -> "Floats":
    """Fitted volatilities, a row a slice, at k = ln(K/F): one row of k for all slices or a row for each; NaN where there is no fit."""
    from engine.quant.smiles.sampled import slice_vols

    return slice_vols(surface=surface, log_moneyness=log_moneyness)


def vols_between(surface: "SampledSurface", years: "Floats", log_moneyness: "Floats") -> "Floats":
    """Fitted volatilities at times between the expiries, total variance linear in time at fixed k: a row for each of ``years``."""
    from engine.quant.smiles.sampled import vols_between as between

    return between(surface=surface, years=years, log_moneyness=log_moneyness)


def smile_at_delta(surface: "SampledSurface", targets: "Floats", rights: "Floats") -> "SmileStrike":
    """Where each slice (a row) has these forward deltas (sizes; ``rights`` +1 call, -1 put): k, and its volatility."""
    from engine.quant.smiles.sampled import moneyness_at_delta

    return moneyness_at_delta(surface=surface, targets=targets, rights=rights)


def smile_slopes(surface: "SampledSurface") -> "Floats":
    """The change of volatility for each 1 of k = ln(K/F) at the forward, of every slice."""
    from engine.quant.smiles.sampled import slopes_at_the_money

    return slopes_at_the_money(surface=surface)
