"""The numba tier, and the one place that imports numba; importing :mod:`engine.quant.kernels.columns` compiles."""
