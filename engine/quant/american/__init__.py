"""American options: early exercise, cash dividends, and what follows from them."""

from engine.quant.american.values import prices

__all__ = ["prices"]
