"""Volatility across strikes and expiries: points, fits, surfaces and what they imply.

A live name, from priced series to its surfaces, its contracts and the few numbers that stand for it:

    quotes = quotes_of_series(series=series, numbers=price_book(series))        # or quotes_of_prices(...), from bare prices
    fit = fit_underlying(quotes=quotes, spot=spot)                              # all slices, SVI (display) and eSSVI (risk)
    fit = fit_underlying(quotes=quotes, before=fit, dirty=moved, spot=spot)     # later: what moved, from where it stood
    fit.display.grades.grades, fit.display.grades.rms_vols, fit.display.grades.residuals     # per slice; residuals per quote
    fit.quotes.uses, fit.risk.butterfly_free, fit.display.calendar_free         # why a quote was left out, arbitrage flags
    fit.display.slices, essvi.shapes(fit.risk.slices)                           # a, b, rho, m, sigma; theta, p, q
    vols, flags = vols_at(surface=fit.risk.surface, strikes=strikes, years=years)             # any strike, any time
    wing = wings(smile=lambda k: vols_at(surface=fit.risk.surface, log_moneyness=k, years=THIRTY_DAYS).vols, years=THIRTY_DAYS)
    found = contract_numbers(surface=fit.risk.surface, strikes=quotes.strikes, rights=quotes.rights, segments=quotes.segments,
                             forwards=quotes.forwards, discounts=discounts, years=years_of_series)

``wing.atm_vols``, ``wing.risk_reversals`` and ``wing.butterflies`` are those of a constant maturity; ``strikes_at_delta`` of
:mod:`engine.quant.smiles.delta` takes the same smile for any delta. The flags of ``vols_at`` say what is interpolated or extrapolated.
"""
