"""Pure numerics of options: arrays in, arrays out, keyword-only, no input or output, no clock.

Every public function runs in one of two tiers (:mod:`engine.quant.tiers`): numpy at once, numba when its kernels are warm.
Numbers are in model units (a year, 1.0 of volatility, 1.0 of rate); :mod:`engine.quant.trader_units` turns them into a trader's.
"""
