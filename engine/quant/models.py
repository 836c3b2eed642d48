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
        "American options",
        "exercise boundary by collocation: prices, Greeks, premium, boundary; both corners where rates or yields are negative",
        'L. Andersen, M. Lake and D. Offengenden, "High-performance American option pricing", J. Computational Finance 20 (2016), p. 39',
        "american.values",
    ),
    Model(
        "American, cash dividends",
        "a tree in which the share falls by the amount, cubic interpolation at ex-dates",
        'D. P. J. Leisen and M. Reimer, "Binomial models for option valuation", Applied Mathematical Finance 3 (1996), p. 319',
        "american.dividends",
    ),
    Model(
        "American implied volatility",
        "the volatility of an American price, and the European price it stands for",
        "fixed point on the early-exercise premium of the model above",
        "american.implied",
    ),
    Model(
        "SVI",
        "raw SVI slices, quasi-explicit fit, jump wings",
        'J. Gatheral and A. Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14 (2014), p. 59; Zeliade (2009)',
        "smiles.svi",
    ),
    Model("SSVI", "one correlation and one law of skew for a surface", "Gatheral and Jacquier (2014), section 4", "smiles.ssvi"),
    Model(
        "eSSVI",
        "slices free of butterfly and calendar arbitrage by construction",
        'S. Hendriks and C. Martini, "The extended SSVI volatility surface", Journal of Computational Finance 22 (2019), p. 25',
        "smiles.essvi",
    ),
    Model(
        "SABR",
        "Hagan's implied volatilities, lognormal and normal, and their fit",
        'P. S. Hagan, D. Kumar, A. S. Lesniewski and D. E. Woodward, "Managing smile risk", Wilmott (September 2002), p. 84',
        "smiles.sabr",
    ),
    Model(
        "Heston",
        "prices, Greeks, smiles, calibration and paths",
        'S. L. Heston, "A Closed-Form Solution for Options with Stochastic Volatility", Review of Financial Studies 6 (1993), p. 327',
        "stochastic.heston",
    ),
    Model(
        "Merton jumps",
        "Black's price at every number of jumps, weighted",
        'R. C. Merton, "Option pricing when underlying stock returns are discontinuous", Journal of Financial Economics 3 (1976), p. 135',
        "stochastic.merton",
    ),
    Model(
        "Range volatilities",
        "Parkinson, Garman-Klass, Rogers-Satchell, Yang-Zhang",
        "Journal of Business 53 (1980), p. 61 and 67; Annals of Applied Probability 1 (1991), p. 504; J. of Business 73 (2000), p. 477",
        "volatility.ranges",
    ),
    Model("EWMA", "exponentially weighted variance", "RiskMetrics Technical Document, 4th ed. (1996), p. 81", "volatility.ewma"),
    Model(
        "HAR, HARQ",
        "tomorrow's realised variance from day, week and month",
        "F. Corsi, Journal of Financial Econometrics 7 (2009), p. 174; T. Bollerslev et al., Journal of Econometrics 192 (2016), p. 1",
        "volatility.har",
    ),
    Model(
        "GARCH, GJR",
        "conditional variance by maximum likelihood, exact gradient",
        "T. Bollerslev, Journal of Econometrics 31 (1986), p. 307; L. Glosten et al., Journal of Finance 48 (1993), p. 1779",
        "volatility.garch",
    ),
    Model(
        "Value at risk, shortfall",
        "from profits in many scenarios, each with its own uncertainty",
        'C. Acerbi and D. Tasche, "On the coherence of expected shortfall", Journal of Banking & Finance 26 (2002), p. 1487',
        "risk.losses",
    ),
    Model(
        "Deflated Sharpe ratio",
        "how far luck explains a record",
        'D. Bailey and M. López de Prado, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40 (2014), p. 94',
        "risk.performance",
    ),
    Model(
        "Local volatility",
        "Dupire's, from a fitted surface",
        'B. Dupire, "Pricing with a smile", Risk 7 (January 1994), p. 18; J. Gatheral, "The Volatility Surface" (2006), p. 13',
        "smiles.local_vol",
    ),
    Model(
        "Implied density",
        "density, P(ITM), P(touch) and digitals from a smile",
        "D. T. Breeden and R. H. Litzenberger, Journal of Business 51 (1978), p. 621; Gatheral and Jacquier (2014), eq. 2.2",
        "smiles.density",
    ),
    Model(
        "VIX-style variance",
        "what a strip of out-of-the-money quotes pays for, any name",
        'Cboe, "White Paper: Cboe Volatility Index" (2019), pp. 5-10',
        "indices.variance",
    ),
    Model(
        "Dealer exposure",
        "gamma, vega and charm exposure in every convention, flips, walls",
        "arithmetic over the open interest, under the assumption about dealers that is printed beside it",
        "exposure.convention",
    ),
    Model(
        "Delta points",
        "ATM, 25-delta risk reversal and butterfly",
        'I. J. Clark, "Foreign Exchange Option Pricing" (2011), chapter 3',
        "smiles.points",
    ),
    Model("Max pain", "the settlement at which open options pay the least", "arithmetic over the open interest", "exposure.max_pain"),
)
