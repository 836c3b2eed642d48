"""Chance that can be asked for again: every draw is a pure function of a key and a counter, the same on every machine.

The bits are those of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014) at a given place of
its sequence, so that any block of any path can be drawn without drawing what came before, and no library's version can change them.
"""

from hashlib import blake2b
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.domain.columns import Floats, Longs

Words: TypeAlias = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_UNIT = 2.0**-53


def key(*parts: object) -> int:
    """A 64-bit key from anything that has a name."""
    text = "\x1f".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def mixed(words: Words) -> Words:
    """SplitMix64's output function: every bit of a word changes half of the bits of the answer."""
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


def bits(of: int, counters: ArrayLike) -> Words:
    """64 random bits for each counter of a key."""
    places = np.atleast_1d(np.asarray(counters)).astype(np.uint64)
    return mixed((places + np.uint64(1)) * _GOLDEN + np.uint64(of))


def bits_of_each(keys: Words, counters: Longs | int) -> Words:
    """64 random bits for each of many keys, at a counter of each."""
    places = np.atleast_1d(np.asarray(counters, dtype=np.int64)).astype(np.uint64)
    return mixed((places + np.uint64(1)) * _GOLDEN + keys)


def to_unit(words: Words) -> Floats:
    """Bits to numbers in (0, 1), neither end included."""
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5) * _UNIT


def uniforms(of: int, counters: ArrayLike) -> Floats:
    """Uniform draws in (0, 1)."""
    return to_unit(bits(of, counters))


def normals(of: int, counters: ArrayLike) -> Floats:
    """Standard normal draws."""
    return inverse_normal(uniforms(of, counters))


def quarters(words: Words) -> tuple[Floats, Floats, Floats, Floats]:
    """Four independent uniform numbers of 16 bits out of one word: enough for the jitter of a quote."""
    low = np.uint64(0xFFFF)
    parts = [(words >> np.uint64(shift)) & low for shift in (0, 16, 32, 48)]
    first, second, third, fourth = ((part.astype(np.float64) + 0.5) / 65_536.0 for part in parts)
    return first, second, third, fourth


_A = (-3.969683028665376e01, 2.209460984245205e02, -2.759285104469687e02, 1.383577518672690e02, -3.066479806614716e01, 2.506628277459239e00)
_B = (-5.447609879822406e01, 1.615858368580409e02, -1.556989798598866e02, 6.680131188771972e01, -1.328068155288572e01, 1.0)
_C = (
    -7.784894002430293e-03,
    -3.223964580411365e-01,
    -2.400758277161838e00,
    -2.549732539343734e00,
    4.374664141464968e00,
    2.938163982698783e00,
)
_D = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00, 1.0)
_EDGE = 0.02425


def inverse_normal(probability: Floats) -> Floats:
    """The normal quantile: Acklam's rational approximation (2003), relative error below 1.2e-9 on (0, 1)."""
    q = probability - 0.5
    r = q * q
    value = q * _horner(_A, r) / _horner(_B, r)
    tail = np.flatnonzero(np.abs(q) > 0.5 - _EDGE)
    if tail.size:
        chosen = probability.ravel()[tail]
        low = chosen < 0.5
        s = np.sqrt(-2.0 * np.log(np.where(low, chosen, 1.0 - chosen)))
        far = _horner(_C, s) / _horner(_D, s)
        value.ravel()[tail] = np.where(low, far, -far)
    return value


def _horner(coefficients: tuple[float, ...], x: Floats) -> Floats:
    total = coefficients[0] * x
    total += coefficients[1]
    for coefficient in coefficients[2:]:
        total *= x
        total += coefficient
    return total
