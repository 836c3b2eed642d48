"""From taken quotes to slices and summaries: one call into the numbers for all of them. Pure, so that it can run in a thread."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain.chain import ChainModel, ChainSlice, ForwardMethod, SeriesSummary
from engine.domain.instruments import OptionSeries, Style
from engine.domain.market import FeedState, Verdict
from engine.quant.chain.book import SeriesNumbers, SeriesQuotes
from engine.quant.chain.series import price_book
from engine.quant.codes import ForwardSource
from engine.services.analytics.gather import Taken, TakenSeries

HELD_BY_FORWARD = frozenset({"VIX"})
"""Nobody can hold these indices: their options are hedged with the future, and their Greeks refer to it."""
_METHODS = {
    ForwardSource.NONE: ForwardMethod.NONE,
    ForwardSource.PARITY: ForwardMethod.PARITY,
    ForwardSource.PARITY_AT_GIVEN_RATE: ForwardMethod.PARITY,
    ForwardSource.CARRY: ForwardMethod.CARRY,
}


class PricedSeries(NamedTuple):
    """One series' numbers."""

    version: int
    summary: SeriesSummary
    below_intrinsic: int
    slice: ChainSlice | None
    """Only where it was asked for."""


def priced(taken: Taken, whole: frozenset[str]) -> list[PricedSeries]:
    """The numbers of all taken series; slices only of those named in ``whole``, since most are needed as one row."""
    numbers = price_book([_quotes(taken, one) for one in taken.series])
    return [_one(taken, one, found, whole) for one, found in zip(taken.series, numbers, strict=True)]


def model_of(series: OptionSeries) -> ChainModel:
    """The model a series' numbers are computed with."""
    if series.inverse:
        return ChainModel.INVERSE_BLACK_76
    return ChainModel.BLACK_76 if series.style is Style.EUROPEAN else ChainModel.BLACK_76_EUROPEAN_FOR_AMERICAN


def _quotes(taken: Taken, one: TakenSeries) -> SeriesQuotes:
    series = one.ladder.series
    return SeriesQuotes(
        strikes=one.ladder.strikes,
        bid=_matrix(taken.bid, one),
        ask=_matrix(taken.ask, one),
        spot=one.spot,
        years=one.years,
        rate_hint=one.rate_hint,
        yield_hint=one.security.dividend_yield,
        inverse=series.inverse,
        american=series.style is Style.AMERICAN,
        on_forward=series.underlying in HELD_BY_FORWARD,
        tick=series.tick_rule.small,
        open_interest=_matrix(taken.open_interest, one),
        volume=_matrix(taken.volume, one),
    )


def _matrix(column: NDArray[Any], one: TakenSeries) -> NDArray[Any]:
    return column[one.part].reshape(2, -1)


def _one(taken: Taken, one: TakenSeries, numbers: SeriesNumbers, whole: frozenset[str]) -> PricedSeries:
    summary = _summary(taken.state, one, numbers)
    below = numbers.verdict & Verdict.BELOW_INTRINSIC
    return PricedSeries(
        version=one.version,
        summary=summary,
        below_intrinsic=int(np.count_nonzero(below)),
        slice=_slice(taken, one, numbers, summary) if one.ladder.series.id in whole else None,
    )


def _summary(state: FeedState, one: TakenSeries, numbers: SeriesNumbers) -> SeriesSummary:
    return SeriesSummary(
        series=one.ladder.series,
        as_of=one.as_of,
        years=one.years,
        spot=one.spot,
        forward=numbers.forward,
        forward_method=_METHODS[ForwardSource(numbers.forward_source)],
        forward_residual=numbers.residual,
        pairs=int(numbers.pairs),
        rate=numbers.rate,
        atm_iv=numbers.atm_iv,
        expected_move=numbers.expected_move,
        straddle=numbers.straddle,
        risk_reversal_25=numbers.risk_reversal_25,
        butterfly_25=numbers.butterfly_25,
        call_volume=numbers.call_volume,
        put_volume=numbers.put_volume,
        call_open_interest=numbers.call_open_interest,
        put_open_interest=numbers.put_open_interest,
        max_pain=numbers.max_pain,
        contracts=int(np.count_nonzero(one.ladder.rows >= 0)),
        model=model_of(one.ladder.series),
        state=state,
    )


def _slice(taken: Taken, one: TakenSeries, numbers: SeriesNumbers, summary: SeriesSummary) -> ChainSlice:
    verdict = _matrix(taken.verdict, one) | (numbers.verdict & np.uint8(Verdict.BELOW_INTRINSIC))
    verdict.flags.writeable = False
    return ChainSlice(
        symbol=one.ladder.series.underlying,
        source=taken.source,
        summary=summary,
        strikes=one.ladder.strikes,
        contract=one.ladder.names,
        bid=_fixed(taken.bid, one),
        ask=_fixed(taken.ask, one),
        bid_size=_fixed(taken.bid_size, one),
        ask_size=_fixed(taken.ask_size, one),
        last=_fixed(taken.last, one),
        volume=_fixed(taken.volume, one),
        open_interest=_fixed(taken.open_interest, one),
        quoted_at=_fixed(taken.quoted_at, one),
        verdict=verdict,
        mid=numbers.mid,
        iv=numbers.iv,
        iv_status=numbers.iv_status,
        iv_bid=numbers.iv_bid,
        iv_ask=numbers.iv_ask,
        delta=numbers.delta,
        gamma=numbers.gamma,
        theta=numbers.theta,
        vega=numbers.vega,
        rho=numbers.rho,
        probability_itm=numbers.probability_itm,
        vendor_iv=_fixed(taken.vendor_iv, one),
        vendor_delta=_fixed(taken.vendor_delta, one),
    )


def _fixed(column: NDArray[Any], one: TakenSeries) -> NDArray[Any]:
    """The series' piece as a read-only matrix. A copy, so that a kept slice does not keep the whole batch alive."""
    matrix = column[one.part].reshape(2, -1).copy()
    matrix.flags.writeable = False
    return matrix
