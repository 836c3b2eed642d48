"""Three damped normal equations, of which some variables may be held: the step inside the smile fits of three parameters."""

from collections.abc import Callable
from typing import Any

LEAST_PIVOT = 1e-14


def build_damped_step(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Levenberg-Marquardt's step for three variables."""

    @compiled
    def damped_step(sums: tuple[float, ...], damping: float, held: tuple[bool, bool, bool]) -> tuple[float, float, float]:
        """Of sums xe, ye, ze, xx, xy, xz, yy, yz, zz (residual e, derivatives x, y, z): the step; nothing for what is held."""
        r, s, t, a, b, c, d, e, f = sums
        hold_x, hold_y, hold_z = held
        if hold_x:
            r, b, c = 0.0, 0.0, 0.0
        if hold_y:
            s, b, e = 0.0, 0.0, 0.0
        if hold_z:
            t, c, e = 0.0, 0.0, 0.0
        grown = 1.0 + damping
        a, d, f = max(a * grown, 1e-300), max(d * grown, 1e-300), max(f * grown, 1e-300)
        first = max(d - b * b / a, LEAST_PIVOT * d)
        cross = e - b * c / a
        second = max(f - c * c / a - cross * cross / first, LEAST_PIVOT * f)
        middle = s - b * r / a
        z = (t - c * r / a - cross * middle / first) / second
        y = (middle - cross * z) / first
        x = (r - b * y - c * z) / a
        return x, y, z

    result: Callable[..., Any] = damped_step
    return result
