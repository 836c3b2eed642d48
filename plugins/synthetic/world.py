"""The simulated world: one clock of variance, one market, and the motion of every name, made when first asked for."""

from collections.abc import Callable
from copy import copy
from datetime import date, timedelta

from engine.domain.calendar import previous_session, session
from engine.domain.ids import Symbol
from engine.domain.instruments import SessionName
from plugins.synthetic.motion import FollowingMotion, MarketBridge, Motion, OwnMotion
from plugins.synthetic.name import Name
from plugins.synthetic.names import BY_SYMBOL, SPX, VIX
from plugins.synthetic.skeleton import Follower, Skeleton
from plugins.synthetic.timeline import CalendarClock, SessionClock, VarianceClock, calendar_blocks, session_blocks
from plugins.synthetic.vix import VixLevel, VixMotion

PAST_DAYS = 392
"""Calendar days of history that are told unasked: well over 252 sessions."""
AHEAD_DAYS = 1_560
"""Calendar days the clock must know beyond a day: the longest expiry and 30 days."""


class World:
    """Motions by symbol, extended a day at a time."""

    def __init__(self, seed: int, day: date) -> None:
        self.seed = seed
        self.day = day
        """The last day that is drawn."""
        self.first = day - timedelta(days=PAST_DAYS)
        before = session(SessionName.NYSE, previous_session(SessionName.NYSE, day))
        assert before is not None
        self._anchor = before.close_at
        self._market = MarketBridge(seed)
        self._sessions = SessionClock(self.first - timedelta(days=5), day + timedelta(days=AHEAD_DAYS))
        self._calendar = CalendarClock(self.first)
        self._motions: dict[Symbol, Motion] = {}
        self._skeletons: dict[Symbol, Skeleton] = {}

    def clock(self, name: Name) -> VarianceClock:
        """The variance clock of a name."""
        return self._calendar if name.is_coin else self._sessions

    def motion(self, symbol: Symbol) -> Motion:
        """The motion of a name."""
        found = self._motions.get(symbol)
        if found is None:
            found = self._motions[symbol] = self._make(BY_SYMBOL[symbol])
        return found

    def bones(self, symbol: Symbol) -> dict[Symbol, Skeleton]:
        """Those that the motion of a name stands on, by name, as copies that go on no further."""
        self.motion(symbol)
        return {one: copy(self._skeletons[one]) for one in standing_on(BY_SYMBOL[symbol])}

    def extend(self, day: date) -> None:
        """Draws one more day for every name that moves."""
        self._sessions.reach(day + timedelta(days=AHEAD_DAYS))
        for skeleton in self._skeletons.values():
            first = self.day + timedelta(days=1)
            blocks = calendar_blocks(first, day) if skeleton.name.is_coin else session_blocks(first, day)
            skeleton.extend(blocks[blocks > skeleton.at[-1]])
        self.day = day

    def _make(self, name: Name) -> Motion:
        return assembled(name, self._own, lambda: VixLevel(self._sessions))

    def _own(self, name: Name) -> OwnMotion:
        known = self._motions.get(name.symbol)
        if isinstance(known, OwnMotion):
            return known
        skeleton = self._skeletons.get(name.symbol)
        if skeleton is None:
            edges = calendar_blocks(self.first, self.day) if name.is_coin else session_blocks(self.first, self.day)
            skeleton = Skeleton(name, seed=self.seed, clock=self.clock(name), edges=edges, anchor_at=self._anchor)
            self._skeletons[name.symbol] = skeleton
        own = OwnMotion(skeleton, self._market)
        if name.symbol != VIX:
            self._motions[name.symbol] = own
        return own


def standing_on(name: Name) -> tuple[Symbol, ...]:
    """Whose paths make the price of a name."""
    return (SPX, VIX) if name.symbol == VIX else (name.follows or name.symbol,)


def assembled(name: Name, own: Callable[[Name], OwnMotion], level: Callable[[], VixLevel]) -> Motion:
    """The motion of a name from the paths it stands on."""
    if name.follows is not None:
        leader = own(BY_SYMBOL[name.follows])
        return FollowingMotion(Follower(name, leader.skeleton), leader)
    mine = own(name)
    return VixMotion(level(), own(BY_SYMBOL[SPX]), mine) if name.symbol == VIX else mine


def market_hours(day: date) -> tuple[int, int, int]:
    """Of a session day: the open, the close of shares, and the later close of index options."""
    shares = session(SessionName.NYSE, day)
    index = session(SessionName.CBOE_INDEX, day)
    assert shares is not None
    assert index is not None
    return shares.open_at, shares.close_at, index.close_at


def is_open(name: Name, at: int, hours: tuple[int, int, int]) -> bool:
    """Whether a name trades at an instant of a day with these hours."""
    if name.is_coin:
        return True
    return hours[0] <= at < (hours[2] if name.is_index else hours[1])
