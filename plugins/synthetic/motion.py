"""The flesh on the bones: where a name stands at any instant, by bridges over half hours on a fixed grid of tenths of a second."""

from math import exp, sqrt
from typing import NamedTuple, Protocol

import numpy as np

from engine.domain.columns import Floats, Longs
from engine.domain.instants import SECOND_NS
from plugins.synthetic.chance import key, normals, uniforms
from plugins.synthetic.name import Name
from plugins.synthetic.skeleton import FAST, SLOW, Follower, Skeleton
from plugins.synthetic.timeline import HALF_HOUR_NS

STEP_NS = SECOND_NS // 10
STEPS = HALF_HOUR_NS // STEP_NS
COARSE = 120
"""Steps of a half hour of past sessions, of which only bars are made: fifteen seconds each."""


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

    def prices(self, block: int) -> Floats:
        """Prices through a half hour as it is played, both ends included."""
        ...

    def coarse(self, first: int, last: int) -> Floats:
        """Prices through the half hours from first to before last on the coarse grid, one row each, both ends included."""
        ...


class Wiggle(NamedTuple):
    """One half hour, drawn: its start, what happens from there to its end, and the bridge between."""

    start: int
    bridge: Floats
    """Standard Brownian bridge on the grid, ends included."""
    jump_step: int
    level: float
    rise: float
    """Of the log price, without the jump."""
    deviation: float
    jump: float
    factors: tuple[float, float, float, float]
    rises: tuple[float, float, float, float]
    swings: tuple[float, float]
    """How far the volatility factors swing with the price inside the half hour."""


class MarketBridge:
    """The market's own bridge of each half hour, shared by all names that move with it."""

    def __init__(self, seed: int) -> None:
        self._stream = key(seed, "fine", "market")
        self._coarse = key(seed, "coarse", "market")
        self._drawn: dict[int, Floats] = {}

    def draw(self, start: int) -> Floats:
        """The bridge of the half hour that starts at an instant; the last few are kept."""
        found = self._drawn.get(start)
        if found is None:
            found = self._drawn[start] = bridges(self._stream, np.array([start]), STEPS)[0]
            while len(self._drawn) > 4:
                del self._drawn[next(iter(self._drawn))]
        return found

    def coarse(self, starts: Longs) -> Floats:
        """Coarse bridges of many half hours, one row each."""
        return bridges(self._coarse, starts, COARSE)


def bridges(of: int, starts: Longs, steps: int) -> Floats:
    """Standard Brownian bridges of half hours, one row each, ends included."""
    counters = (starts // HALF_HOUR_NS * steps)[:, None] + np.arange(steps)
    walk = np.zeros((len(starts), steps + 1))
    np.cumsum(normals(of, counters.ravel()).reshape(counters.shape), axis=1, out=walk[:, 1:])
    walk /= np.sqrt(steps)
    walk -= np.arange(steps + 1) / steps * walk[:, -1:]
    walk[:, -1] = 0.0
    return walk


class OwnMotion:
    """The motion of a name with a path of its own."""

    def __init__(self, skeleton: Skeleton, market: MarketBridge) -> None:
        self.skeleton = skeleton
        self._market = market
        self._drawn: dict[int, Wiggle] = {}
        self._streams = {word: key(skeleton.seed, word, skeleton.name.symbol) for word in ("fine", "coarse")}
        self._jumps = key(skeleton.seed, "jump")
        self._now: Wiggle | None = None

    @property
    def name(self) -> Name:
        """Whose path it is."""
        return self.skeleton.name

    def moment(self, at: int) -> Moment:
        wiggle = self._now
        if wiggle is None or not wiggle.start <= at < wiggle.start + HALF_HOUR_NS:
            bones = self.skeleton
            block = bones.block(at)
            since = at - int(bones.at[block])
            if since >= HALF_HOUR_NS or bones.at[block + 1] - bones.at[block] != HALF_HOUR_NS:
                edge = bones.edge(at)
                return Moment(at, float(np.exp(bones.log_price[edge])), *(float(c[edge]) for c in self._factors()))
            wiggle = self._now = self._wiggle(block)
        step = (at - wiggle.start) // STEP_NS
        share = step / STEPS
        bend = float(wiggle.bridge[step])
        level = wiggle.level + share * wiggle.rise + wiggle.deviation * bend
        if step >= wiggle.jump_step:
            level += wiggle.jump
        fast, slow, lean, curve = wiggle.factors
        more = wiggle.rises
        return Moment(
            at,
            exp(level),
            fast + share * more[0] + wiggle.swings[0] * bend,
            slow + share * more[1] + wiggle.swings[1] * bend,
            lean + share * more[2],
            curve + share * more[3],
        )

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

    def prices(self, block: int) -> Floats:
        return self.along(block, np.arange(STEPS + 1)).price

    def coarse(self, first: int, last: int) -> Floats:
        return self.coarse_moments(first, last).price

    def along(self, block: int, steps: Longs) -> Moments:
        """Its states at places on the fine grid of a half hour."""
        wiggle = self._wiggle(block)
        share = steps / STEPS
        bend = wiggle.bridge[steps]
        level = wiggle.level + share * wiggle.rise + wiggle.deviation * bend + np.where(steps >= wiggle.jump_step, wiggle.jump, 0.0)
        fast, slow, lean, curve = (start + share * rise for start, rise in zip(wiggle.factors, wiggle.rises, strict=True))
        at = wiggle.start + steps * STEP_NS
        return Moments(at, np.exp(level), fast + wiggle.swings[0] * bend, slow + wiggle.swings[1] * bend, lean, curve)

    def coarse_moments(self, first: int, last: int) -> Moments:
        """Its states through half hours on the coarse grid, one row each."""
        bones = self.skeleton
        starts = bones.at[first:last]
        bridge = self.name.market * self._market.coarse(starts)
        if abs(self.name.market) < 1.0:
            bridge = bridge + np.sqrt(1.0 - self.name.market**2) * bridges(self._streams["coarse"], starts, COARSE)
        share = np.arange(COARSE + 1) / COARSE
        jump = bones.jump[first:last, None]
        jumped = np.arange(COARSE + 1) >= self._jump_steps(starts, COARSE)[:, None]
        rise = np.diff(bones.log_price[first : last + 1])[:, None] - jump
        level = bones.log_price[first:last, None] + share * rise + bones.deviation[first:last, None] * bridge + np.where(jumped, jump, 0.0)
        at = starts[:, None] + np.arange(COARSE + 1) * (HALF_HOUR_NS // COARSE)
        fast, slow, lean, curve = (c[first:last, None] + share * np.diff(c[first : last + 1])[:, None] for c in self._factors())
        return Moments(at, np.exp(level), fast, slow, lean, curve)

    def _factors(self) -> tuple[Floats, Floats, Floats, Floats]:
        bones = self.skeleton
        return bones.fast, bones.slow, bones.lean, bones.bend

    def _swings(self, block: int) -> tuple[float, float]:
        surface = self.name.surface
        bones = self.skeleton
        passed = bones.clock.year(int(bones.at[block + 1])) - bones.clock.year(int(bones.at[block]))
        return (
            surface.spot_volatility * surface.fast * sqrt(2.0 * FAST * passed),
            surface.spot_volatility * surface.slow * sqrt(2.0 * SLOW * passed),
        )

    def _jump_steps(self, starts: Longs, steps: int) -> Longs:
        """Where in its half hour a jump happens; one moment for all names, so that they jump together."""
        return 1 + (uniforms(self._jumps, starts // HALF_HOUR_NS) * (steps - 1)).astype(np.int64)

    def _wiggle(self, block: int) -> Wiggle:
        found = self._drawn.get(block)
        if found is None:
            found = self._drawn[block] = self._draw(block)
            while len(self._drawn) > 3:
                del self._drawn[next(iter(self._drawn))]
        return found

    def _draw(self, block: int) -> Wiggle:
        bones = self.skeleton
        start = int(bones.at[block])
        share = self.name.market
        bridge = share * self._market.draw(start)
        if abs(share) < 1.0:
            bridge = bridge + sqrt(1.0 - share**2) * bridges(self._streams["fine"], np.array([start]), STEPS)[0]
        first, second, third, fourth = (float(c[block]) for c in self._factors())
        rises = tuple(float(c[block + 1] - c[block]) for c in self._factors())
        jump = float(bones.jump[block])
        return Wiggle(
            start=start,
            bridge=bridge,
            jump_step=int(self._jump_steps(np.array([start]), STEPS)[0]),
            level=float(bones.log_price[block]),
            rise=float(bones.log_price[block + 1] - bones.log_price[block]) - jump,
            deviation=float(bones.deviation[block]),
            jump=jump,
            factors=(first, second, third, fourth),
            rises=(rises[0], rises[1], rises[2], rises[3]),
            swings=self._swings(block),
        )


class FollowingMotion:
    """The motion of a fund that follows another name's path."""

    def __init__(self, follower: Follower, leader: OwnMotion) -> None:
        self._follower = follower
        self._leader = leader
        self._edge = -1
        self._ratio = 1.0

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
        edge = self.skeleton.edge(at)
        if edge != self._edge:
            self._edge, self._ratio = edge, float(self._follower.ratio(self.skeleton.at[edge : edge + 1])[0])
        return leader._replace(price=leader.price * self._ratio)

    def prepare(self, at: int) -> bool:
        return self._leader.prepare(at)

    def edges(self, first: int, last: int) -> Moments:
        leader = self._leader.edges(first, last)
        return leader._replace(price=leader.price * self._follower.ratio(leader.at))

    def prices(self, block: int) -> Floats:
        return self._leader.prices(block) * float(self._follower.ratio(self.skeleton.at[block : block + 1])[0])

    def coarse(self, first: int, last: int) -> Floats:
        return self._leader.coarse(first, last) * self._follower.ratio(self.skeleton.at[first:last])[:, None]
