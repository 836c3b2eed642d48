"""What the estimators of realised volatility are called on a screen."""

from engine.messages.realized import VolatilityEstimator

ESTIMATORS: tuple[VolatilityEstimator, ...] = tuple(VolatilityEstimator)
NAMES: dict[VolatilityEstimator, str] = {
    VolatilityEstimator.CLOSE: "Close to close",
    VolatilityEstimator.PARKINSON: "Parkinson",
    VolatilityEstimator.GARMAN_KLASS: "Garman-Klass",
    VolatilityEstimator.ROGERS_SATCHELL: "Rogers-Satchell",
    VolatilityEstimator.YANG_ZHANG: "Yang-Zhang",
    VolatilityEstimator.INTRADAY: "Five minutes",
}
LETTERS: dict[VolatilityEstimator, str] = {
    VolatilityEstimator.CLOSE: "C",
    VolatilityEstimator.PARKINSON: "P",
    VolatilityEstimator.GARMAN_KLASS: "G",
    VolatilityEstimator.ROGERS_SATCHELL: "R",
    VolatilityEstimator.YANG_ZHANG: "Y",
    VolatilityEstimator.INTRADAY: "M",
}
WITHOUT_NIGHTS = frozenset({VolatilityEstimator.PARKINSON, VolatilityEstimator.GARMAN_KLASS, VolatilityEstimator.ROGERS_SATCHELL})
"""They see the session alone: what happens overnight is not in them, as it is in an implied volatility."""
WORDS: dict[str, VolatilityEstimator] = {
    "CLOSE": VolatilityEstimator.CLOSE,
    "PARK": VolatilityEstimator.PARKINSON,
    "GK": VolatilityEstimator.GARMAN_KLASS,
    "RS": VolatilityEstimator.ROGERS_SATCHELL,
    "YZ": VolatilityEstimator.YANG_ZHANG,
    "RV": VolatilityEstimator.INTRADAY,
}
"""As they are typed behind HVT and HVG."""
WORD_OF: dict[VolatilityEstimator, str] = {estimator: word for word, estimator in WORDS.items()}


def after(estimator: VolatilityEstimator, step: int) -> VolatilityEstimator:
    """The next one, round and round."""
    return ESTIMATORS[(ESTIMATORS.index(estimator) + step) % len(ESTIMATORS)]
