"""The flesh on the bones: where a name stands at any instant, by a Brownian bridge over each half hour on a fixed grid of a tenth of a second."""

from typing import NamedTuple, Protocol

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import SECOND_NS
from plugins.synthetic.chance import key, normals, uniforms
from plugins.synthetic.names import Name
from plugins.synthetic.skeleton import FAST, SLOW, Follower, Skeleton
from plugins.synthetic.timeline import HALF_HOUR_NS

STEP_NS = SECOND_NS // 10
STEPS = HALF_HOUR_NS // STEP_NS
COARSE = 360
"""Steps of a half hour of past sessions, of which only bars are made: five seconds each."""


class Moment(NamedTuple):
    """All that moves of a name at one instant."""

    at: int
    price: float
    fast: float
    slow: float
    lean: float
    bend: float


class Moments(NamedTuple):
    """The same at many instants."""

    at: Longs
    price: Floats
    fast: Floats
    slow: Floats
    lean: Floats
    bend: Floats


class Motion(Protocol):
    """A name's path."""

    @property
    def name(self) -> Name: ...

    @property
    def skeleton(self) -> Skeleton: ...

    def moment(self, at: int) -> Moment:
        """Its state at an instant; between sessions that of the last close."""
        ...

    def prepare(self, at: int) -> bool:
        """Draws the half hour that holds an instant ahead of need; false where there was nothing to draw."""
        ...

    def edges(self, first: int, last: int) -> Moments:
        """Its states at the edges from place first to before last."""
        ...

    def prices(self, block: int, *, fine: bool) -> Floats:
        """Prices through a half hour, both ends included: as it is played, or in five-second steps."""
        ...


class Wiggle(NamedTuple):
    """One half hour, drawn."""

    block: int
    bridge: Floats
    """Standard Brownian bridge on the grid, ends included."""
    jump_step: int


class MarketBridge:
    """The market's own bridge of each half hour, shared by all names that move with it."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn: dict[tuple[int, int], Floats] = {}

    def draw(self, start: int, steps: int) -> Floats:
        """The bridge of the half hour that starts at an instant; the last few are kept."""
        found = self._drawn.get((start, steps))
        if found is None:
            found = _bridge(key(self._seed, "market", steps, start), steps)
            self._drawn[start, steps] = found
            while len(self._drawn) > 4:
                del self._drawn[next(iter(self._drawn))]
        return found


def _bridge(of: int, steps: int) -> Floats:
    walk = np.concatenate([np.zeros(1), np.cumsum(normals(of, np.arange(steps)))]) / np.sqrt(steps)
    walk -= np.linspace(0.0, 1.0, steps + 1) * walk[-1]
    walk[-1] = 0.0
    return walk


class OwnMotion:
    """The motion of a name with a path of its own."""

    def __init__(self, skeleton: Skeleton, market: MarketBridge) -> None:
        self.skeleton = skeleton
        self._market = market
        self._drawn: dict[int, Wiggle] = {}

    @property
    def name(self) -> Name:
        """Whose path it is."""
        return self.skeleton.name

    def moment(self, at: int) -> Moment:
        bones = self.skeleton
        block = bones.block(at)
        since = at - int(bones.at[block])
        if since >= HALF_HOUR_NS or bones.at[block + 1] - bones.at[block] != HALF_HOUR_NS:
            edge = bones.edge(at)
            return Moment(at, float(np.exp(bones.log_price[edge])), *(float(c[edge]) for c in self._factors()))
        wiggle = self._wiggle(block)
        step = since // STEP_NS
        share = step / STEPS
        bend = float(wiggle.bridge[step])
        jump = float(bones.jump[block])
        log_price = bones.log_price
        level = log_price[block] + share * (log_price[block + 1] - log_price[block] - jump) + bones.deviation[block] * bend
        if step >= wiggle.jump_step:
            level += jump
        fast, slow, lean, curve = (c[block] + share * (c[block + 1] - c[block]) for c in self._factors())
        fast_swing, slow_swing = self._swing(block)
        return Moment(at, float(np.exp(level)), float(fast + fast_swing * bend), float(slow + slow_swing * bend), float(lean), float(curve))

    def prepare(self, at: int) -> bool:
        bones = self.skeleton
        block = bones.block(at)
        if block in self._drawn or bones.at[block + 1] - bones.at[block] != HALF_HOUR_NS:
            return False
        self._wiggle(block)
        return True

    def edges(self, first: int, last: int) -> Moments:
        bones = self.skeleton
        chosen = slice(first, last)
        return Moments(bones.at[chosen], np.exp(bones.log_price[chosen]), *(c[chosen] for c in self._factors()))

    def prices(self, block: int, *, fine: bool) -> Floats:
        bones = self.skeleton
        wiggle = self._wiggle(block) if fine else self._draw(block, COARSE)
        steps = STEPS if fine else COARSE
        jump = bones.jump[block]
        line = np.linspace(0.0, 1.0, steps + 1)
        level = bones.log_price[block] + line * (bones.log_price[block + 1] - bones.log_price[block] - jump)
        level += bones.deviation[block] * wiggle.bridge
        level[wiggle.jump_step :] += jump
        return np.exp(level)

    def along(self, block: int, steps: Longs, *, fine: bool) -> Moments:
        """Its states at places on the grid of a half hour."""
        bones = self.skeleton
        wiggle = self._wiggle(block) if fine else self._draw(block, COARSE)
        share = steps / (STEPS if fine else COARSE)
        bend = wiggle.bridge[steps]
        fast, slow, lean, curve = (c[block] + share * (c[block + 1] - c[block]) for c in self._factors())
        fast_swing, slow_swing = self._swing(block)
        at = bones.at[block] + steps * (HALF_HOUR_NS // (STEPS if fine else COARSE))
        return Moments(at, self.prices(block, fine=fine)[steps], fast + fast_swing * bend, slow + slow_swing * bend, lean, curve)

    def _factors(self) -> tuple[Floats, Floats, Floats, Floats]:
        bones = self.skeleton
        return bones.fast, bones.slow, bones.lean, bones.bend

    def _swing(self, block: int) -> tuple[float, float]:
        """How far the volatility factors swing with the price inside a half hour."""
        surface = self.name.surface
        bones = self.skeleton
        passed = bones.clock.year(int(bones.at[block + 1])) - bones.clock.year(int(bones.at[block]))
        return (
            surface.spot_volatility * surface.fast * float(np.sqrt(2.0 * FAST * passed)),
            surface.spot_volatility * surface.slow * float(np.sqrt(2.0 * SLOW * passed)),
        )

    def _wiggle(self, block: int) -> Wiggle:
        found = self._drawn.get(block)
        if found is None:
            found = self._drawn[block] = self._draw(block, STEPS)
            while len(self._drawn) > 3:
                del self._drawn[next(iter(self._drawn))]
        return found

    def _draw(self, block: int, steps: int) -> Wiggle:
        start = int(self.skeleton.at[block])
        share = self.name.market
        seed = self.skeleton.seed
        bridge = share * self._market.draw(start, steps)
        if abs(share) < 1.0:
            bridge = bridge + np.sqrt(1.0 - share**2) * _bridge(key(seed, "fine", steps, self.name.symbol, start), steps)
        moment = uniforms(key(seed, "jump", start), 0)[0]
        return Wiggle(block, bridge, 1 + int(moment * (steps - 1)))


class FollowingMotion:
    """The motion of a fund that follows another name's path."""

    def __init__(self, follower: Follower, leader: OwnMotion) -> None:
        self._follower = follower
        self._leader = leader

    @property
    def name(self) -> Name:
        """Whose path it is."""
        return self._follower.name

    @property
    def skeleton(self) -> Skeleton:
        """The leader's bones."""
        return self._leader.skeleton

    def moment(self, at: int) -> Moment:
        leader = self._leader.moment(at)
        start = int(self.skeleton.at[self.skeleton.edge(at)])
        return leader._replace(price=leader.price * float(self._follower.ratio(np.array([start]))[0]))

    def prepare(self, at: int) -> bool:
        return self._leader.prepare(at)

    def edges(self, first: int, last: int) -> Moments:
        leader = self._leader.edges(first, last)
        return leader._replace(price=leader.price * self._follower.ratio(leader.at))

    def prices(self, block: int, *, fine: bool) -> Floats:
        start = self.skeleton.at[block : block + 1]
        return self._leader.prices(block, fine=fine) * self._follower.ratio(start)[0]
