"""Every model of the numeric core in one list: what it is, where its formula comes from, and the module that has it."""

from typing import NamedTuple


class Model(NamedTuple):
    """One model or method."""

    name: str
    what: str
    source: str
    module: str
    """Where it is, below ``engine.quant``."""


BLACK = 'F. Black, "The pricing of commodity contracts", Journal of Financial Economics 3 (1976), p. 177'
MERTON = 'R. C. Merton, "Theory of rational option pricing", Bell Journal of Economics 4 (1973), p. 141; Haug (2007), p. 2'
HAUG = 'E. G. Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007)'

MODELS: tuple[Model, ...] = (
    Model("Black-76", "European options on a forward: prices, Greeks, P(ITM)", BLACK, "european.black"),
    Model(
        "Black-Scholes-Merton",
        "European options on a spot with a yield: prices, Greeks to third order, carry's rhos",
        MERTON,
        "european.black",
    ),
    Model(
        "Bachelier",
        "options on what may fall below zero: prices, Greeks, implied normal volatility",
        'L. Bachelier, "Théorie de la spéculation" (1900), p. 21; P. Jäckel, "Implied Normal Volatility", Wilmott (2017), p. 52',
        "european.bachelier",
    ),
    Model(
        "Digital options",
        "cash-or-nothing and asset-or-nothing: prices and Greeks",
        'M. Rubinstein and E. Reiner, "Unscrambling the Binary Code", Risk 4 (1991), p. 75; Haug (2007), section 4.19',
        "european.digital",
    ),
    Model(
        "Coin-settled options",
        "premium and Greeks in the coin",
        "Black-76 over the forward; the venue's marks obey it to 1e-5 coin",
        "european.inverse",
    ),
    Model(
        "Implied volatility",
        "Black-76 inverted without a branch, with a status and a vega floor",
        'P. Jäckel, "Let\'s Be Rational", Wilmott (2015), p. 40; D. Stefanica and R. Radoičić, IJTAF 20 (2017), theorem 1',
        "european.implied",
    ),
    Model(
        "Put-call parity",
        "forward and rate of each expiry, robust, with residuals and standard errors",
        'H. R. Stoll, "The relationship between put and call option prices", Journal of Finance 24 (1969), p. 801',
        "curves.forwards",
    ),
    Model(
        "Discount curve",
        "zero rates from bonds by bootstrap, straight in ln D",
        'P. S. Hagan and G. West, "Interpolation Methods for Curve Construction", Applied Mathematical Finance 13 (2006), p. 89',
        "curves.discount",
    ),
    Model(
        "Treasury par yields",
        "the Treasury's daily curve as continuous zero rates",
        'US Department of the Treasury, "Treasury Yield Curve Methodology"; bond-equivalent, semi-annual',
        "curves.treasury",
    ),
    Model(
        "Dividends and borrow",
        "forwards under cash dividends, yields and borrow fees, and what forwards imply of them",
        'H. Buehler, "Volatility and Dividends", working paper (2010)',
        "curves.dividends",
    ),
    Model(
        "Variance clock",
        "weekends, holidays and events in the time of variance; event moves",
        "K. R. French and R. Roll, JFE 17 (1986), p. 5; A. Dubinsky et al., Review of Financial Studies 32 (2019), p. 646",
        "curves.clock",
    ),
    Model(
        "Delta points",
        "ATM, 25-delta risk reversal and butterfly",
        'I. J. Clark, "Foreign Exchange Option Pricing" (2011), chapter 3',
        "smiles.points",
    ),
    Model("Max pain", "the settlement at which open options pay the least", "arithmetic over the open interest", "exposure.max_pain"),
)
