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
        "exercise boundary by collocation: prices, Greeks, premium, boundary; both boundaries where rate and yield are negative",
        'L. Andersen, M. Lake and D. Offengenden, "High-performance American option pricing", J. Computational Finance 20 (2016), p. 39; '
        'L. Andersen and M. Lake, "Fast American option pricing: the double-boundary case", Wilmott (2021)',
        "american.values",
    ),
    Model(
        "American and European, cash dividends",
        "the share falls by the amount: the European price by integrals between ex-dates, the premium by a tree",
        'E. G. Haug, J. Haug and A. Lewis, "Back to basics", Wilmott (September 2003), p. 37; '
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
        "gamma, vanna and charm exposure in every convention, flips by repricing, walls",
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
    Model(
        "Exercise boundary",
        "the spot at which an American option is to be exercised, and what that right is worth",
        "Andersen, Lake and Offengenden (2016), table 2",
        "american.exercise",
    ),
    Model(
        "Assignment risk",
        "short options whose holder gains by exercising now",
        'J. C. Hull, "Options, Futures, and Other Derivatives", 10th ed. (2018), section 15.12',
        "american.assignment",
    ),
    Model(
        "Delta conventions",
        "spot, forward and premium-adjusted delta, what at the money means, the strike of a delta on a smile",
        'D. Reiswich and U. Wystup, "FX volatility smile construction", Wilmott (2012), p. 58',
        "smiles.delta",
    ),
    Model(
        "Risk reversal, butterfly, strangle",
        "smile and market strangle at any delta",
        "Reiswich and Wystup (2012), sections 1.5 and 1.6; Clark (2011), section 3.5",
        "smiles.wings",
    ),
    Model(
        "Smoothing spline",
        "total variance where no model fits, smoothed until it is free of butterflies",
        'P. J. Green and B. W. Silverman, "Nonparametric Regression and Generalized Linear Models" (1994), section 2.3',
        "smiles.spline",
    ),
    Model(
        "Surface in time",
        "total variance, linear between expiries at fixed forward moneyness",
        "Gatheral and Jacquier (2014), lemma 2.1",
        "smiles.surface",
    ),
    Model(
        "Heston and Merton paths",
        "simulated prices: quadratic-exponential, exact jumps",
        'L. Andersen, "Simple and efficient simulation of the Heston stochastic volatility model", JCF 11 (2008), p. 1',
        "stochastic.paths",
    ),
    Model(
        "Barriers and touches",
        "by QuantLib's analytic engines, an optional extra",
        'E. Reiner and M. Rubinstein (1991), in E. G. Haug, "The Complete Guide to Option Pricing Formulas", 2nd ed. (2007), p. 152',
        "stochastic.exotics",
    ),
    Model(
        "Close-to-close volatility",
        "realised volatility of closing prices, without a mean",
        "Hull (2018), section 15.4, with the mean set to zero",
        "volatility.realized",
    ),
    Model(
        "Intraday realised variance",
        "realised variance, quarticity and bipower variation of a session's bars",
        "O. E. Barndorff-Nielsen and N. Shephard, Journal of Financial Econometrics 2 (2004), p. 1",
        "volatility.intraday",
    ),
    Model(
        "Volatility cone",
        "how volatility has been spread over windows of each length",
        'G. Burghardt and M. Lane, "How to Tell if Options Are Cheap", Journal of Portfolio Management 16 (1990), p. 72',
        "volatility.cones",
    ),
    Model(
        "AR innovations",
        "how much the last trades moved beyond an autoregression of their own returns",
        'J. D. Hamilton, "Time Series Analysis" (1994), p. 122; the settings are the Volatility Filter\'s',
        "volatility.autoregressive",
    ),
    Model(
        "Forecast scores",
        "QLIKE and squared error beside a naive benchmark, and whether chance explains the difference",
        "A. J. Patton, Journal of Econometrics 160 (2011), p. 246; F. X. Diebold and R. S. Mariano, JBES 13 (1995), p. 253",
        "volatility.scores",
    ),
    Model(
        "Smile variance",
        "the variance swap's strip over a fitted smile (the kind of DVOL)",
        "K. Demeterfi, E. Derman, M. Kamal and J. Zou, Goldman Sachs Quantitative Strategies (1999), eq. 26",
        "indices.smile_variance",
    ),
    Model(
        "Expected move",
        "by each method in use, with what it really covers",
        "normal arithmetic: E|move| of a normal distribution is √(2/π) of its deviation",
        "indices.expected_move",
    ),
    Model(
        "Structures",
        "payoff at any spot and date with the smile sticking to strike or delta; breakevens, most and least",
        "arithmetic at expiry; before it the models above",
        "structures.payoff",
    ),
    Model(
        "Probability of profit",
        "the share of a fitted density, or of Black's, in the winning stretches",
        "Breeden and Litzenberger (1978), p. 621; for want of a smile Black (1976)",
        "structures.probability",
    ),
    Model(
        "Named structures",
        "what a set of legs is called, and the legs of a name",
        "a table of the names in use on US desks",
        "structures.recognition",
    ),
    Model(
        "Risk slide",
        "full revaluation over spot, volatility and time; scenarios read off a bicubic grid",
        'E. Catmull and R. Rom, "A class of local interpolating splines", Computer Aided Geometric Design (1974), p. 317',
        "risk.slide",
    ),
    Model(
        "Correlation",
        "Pearson's r with its interval and count; covariances shrunk to be believed",
        "R. A. Fisher, Metron 1 (1921), p. 3; O. Ledoit and M. Wolf, Journal of Multivariate Analysis 88 (2004), p. 365",
        "risk.correlation",
    ),
)
