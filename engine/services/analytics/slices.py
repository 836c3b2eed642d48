"""From taken quotes to slices and summaries: one call into the numbers for all of them. Pure, so that it can run in a thread."""

from math import isfinite
from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from engine.domain.chain import ChainModel, ChainSlice, ForwardMethod, RateSource, SeriesSummary
from engine.domain.ids import Symbol
from engine.domain.instruments import OptionSeries, Style
from engine.domain.market import FeedState, Verdict
from engine.quant.chain.at_vols import greeks_at_vols
from engine.quant.chain.book import SeriesNumbers, SeriesQuotes
from engine.quant.chain.fits import implied_rates
from engine.quant.chain.series import price_book
from engine.quant.codes import ForwardSource
from engine.services.analytics.chain_fits import chain_fits
from engine.services.analytics.gather import Taken, TakenSeries
from engine.services.analytics.rates import LEAST_YEARS, SURE_ERROR, UNKNOWN, Estimate, GivenRate, Rates, teaches
from engine.services.analytics.smile import Smile

HELD_BY_FORWARD = frozenset({"VIX"})
"""Nobody can hold these indices: their options are hedged with the future, and their Greeks refer to it."""
BELOW_INTRINSIC = np.uint8(Verdict.BELOW_INTRINSIC)
_METHODS: dict[int, ForwardMethod] = {
    ForwardSource.NONE: ForwardMethod.NONE,
    ForwardSource.PARITY: ForwardMethod.PARITY,
    ForwardSource.PARITY_AT_GIVEN_RATE: ForwardMethod.PARITY,
    ForwardSource.CARRY: ForwardMethod.CARRY,
}


class PricedSeries(NamedTuple):
    """One series' numbers."""

    version: int
    """The market's sequence of the series and its underlying, and that of its quotes alone."""
    quotes: int
    rate: GivenRate
    summary: SeriesSummary
    below_intrinsic: int
    slice: ChainSlice | None
    """Only where it was asked for; so ``smile``."""
    smile: Smile | None


class Priced(NamedTuple):
    """What one call found."""

    series: list[PricedSeries]
    estimates: dict[Symbol, tuple[Estimate, ...]]
    """The rates that the expiries of the names looked into imply."""


def priced(
    taken: Taken,
    whole: frozenset[str],
    rates: Rates,
    looked_into: frozenset[Symbol] = frozenset(),
    smiles: frozenset[str] = frozenset(),
    fit_greeks: frozenset[str] = frozenset(),
) -> Priced:
    """The numbers of all taken series; slices only of those named in ``whole`` and ``smiles``, since most are needed as one row.

    Slices named in ``fit_greeks`` have the Greeks at their fitted smiles too. Of the names looked into all that may say a rate are taken:
    they do first, and all is priced with what was learned.
    """
    estimates = {symbol: _estimates(taken, symbol) for symbol in looked_into}
    for symbol, found in estimates.items():
        rates = rates.learned(symbol, found)
    given = [rates.of(one.ladder.series) for one in taken.series]
    quotes = [
        _quotes(taken, one, rate)._replace(summary_only=one.ladder.series.id not in whole)
        for one, rate in zip(taken.series, given, strict=True)
    ]
    numbers = price_book(quotes, apart=True)
    series = [_one(taken, one, rate, found, whole, smiles) for one, rate, found in zip(taken.series, given, numbers, strict=True)]
    series = _with_fits(series, by_age=taken.by_age)
    return Priced(_with_fit_greeks(series, quotes, numbers, fit_greeks) if fit_greeks else series, estimates)


def _estimates(taken: Taken, symbol: Symbol) -> tuple[Estimate, ...]:
    """The rates implied by those expiries of a name that may say one."""
    teachers = [
        one for one in taken.series if one.ladder.series.underlying == symbol and one.years >= LEAST_YEARS and teaches(one.ladder.series)
    ]
    if not teachers:
        return ()
    fit = implied_rates([_quotes(taken, one, UNKNOWN) for one in teachers])
    found = [
        Estimate(one.ladder.series.settles_at, rate, error, pairs)
        for one, rate, error, pairs in zip(teachers, fit.rates.tolist(), fit.rate_errors.tolist(), fit.pairs.tolist(), strict=True)
    ]
    return tuple(estimate for estimate, source in zip(found, fit.sources.tolist(), strict=True) if source == ForwardSource.PARITY)


def model_of(series: OptionSeries) -> ChainModel:
    """The model a series' numbers are computed with."""
    if series.inverse:
        return ChainModel.INVERSE_BLACK_76
    return ChainModel.BLACK_76 if series.style is Style.EUROPEAN else ChainModel.AMERICAN


def _quotes(taken: Taken, one: TakenSeries, rate: GivenRate) -> SeriesQuotes:
    series = one.ladder.series
    return SeriesQuotes(
        strikes=one.ladder.strikes,
        bid=_matrix(taken.bid, one),
        ask=_matrix(taken.ask, one),
        spot=one.spot,
        years=one.years,
        rate_hint=rate.rate,
        rate_given=isfinite(rate.rate),
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


def _one(
    taken: Taken, one: TakenSeries, rate: GivenRate, numbers: SeriesNumbers, whole: frozenset[str], smiles: frozenset[str]
) -> PricedSeries:
    summary = _summary(taken.state, one, rate, numbers)
    below = numbers.verdict & BELOW_INTRINSIC
    return PricedSeries(
        version=one.version,
        quotes=one.quotes,
        rate=rate,
        summary=summary,
        below_intrinsic=int(np.count_nonzero(below)),
        slice=_slice(taken, one, numbers, summary) if one.ladder.series.id in whole else None,
        smile=_smile(taken, one, numbers, summary) if one.ladder.series.id in smiles else None,
    )


def _summary(state: FeedState, one: TakenSeries, rate: GivenRate, numbers: SeriesNumbers) -> SeriesSummary:
    return SeriesSummary(
        series=one.ladder.series,
        as_of=one.as_of,
        years=one.years,
        spot=one.spot,
        forward=numbers.forward,
        forward_method=_METHODS[numbers.forward_source],
        forward_residual=numbers.residual,
        pairs=int(numbers.pairs),
        rate=numbers.rate,
        rate_source=_source(rate, numbers),
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


def _source(rate: GivenRate, numbers: SeriesNumbers) -> RateSource:
    """Where nothing was given, a series' own pairs may say its rate surely all the same."""
    sure = numbers.forward_source == ForwardSource.PARITY and numbers.rate_error <= SURE_ERROR
    return RateSource.PARITY if rate.source is RateSource.ASSUMED and sure else rate.source


def _with_fits(series: list[PricedSeries], *, by_age: bool) -> list[PricedSeries]:
    slices = [one.slice for one in series if one.slice is not None]
    if not slices:
        return series
    fits = chain_fits(slices, by_age=by_age)
    return [one if one.slice is None else one._replace(slice=replace(one.slice, **fits[one.summary.series.id]._asdict())) for one in series]


def _with_fit_greeks(
    series: list[PricedSeries], quotes: list[SeriesQuotes], numbers: list[SeriesNumbers], wanted: frozenset[str]
) -> list[PricedSeries]:
    """The slices that are wanted so, with the Greeks at their fitted smiles."""
    chosen = {place: one.slice for place, one in enumerate(series) if one.slice is not None and one.summary.series.id in wanted}
    found = greeks_at_vols(
        series=[quotes[place] for place in chosen],
        numbers=[numbers[place] for place in chosen],
        vols=[piece.fit_iv for piece in chosen.values()],
    )
    result = list(series)
    for (place, piece), greeks in zip(chosen.items(), found, strict=True):
        columns = {f"fit_{name}": column for name, column in greeks._asdict().items()}
        result[place] = series[place]._replace(slice=replace(piece, **columns))
    return result


def _smile(taken: Taken, one: TakenSeries, numbers: SeriesNumbers, summary: SeriesSummary) -> Smile:
    return Smile(
        summary=summary,
        strikes=one.ladder.strikes,
        contract=one.ladder.names,
        bid=_fixed(taken.bid, one),
        ask=_fixed(taken.ask, one),
        verdict=_fixed(taken.verdict, one),
        iv=numbers.iv,
        iv_bid=numbers.iv_bid,
        iv_ask=numbers.iv_ask,
        greek_iv=numbers.greek_iv,
    )


def _slice(taken: Taken, one: TakenSeries, numbers: SeriesNumbers, summary: SeriesSummary) -> ChainSlice:
    verdict = _matrix(taken.verdict, one) | (numbers.verdict & BELOW_INTRINSIC)
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
