"""What `optix --help` lists: every noun with its summary, in sections; no module of theirs is loaded for it."""

from engine.cli.nouns import Listed

SECTIONS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "Markets": (
        ("quote", "quote:quote", "Quotes of underlyings with 30-day IV, rank and expected move."),
        ("chain", "chain:chain", "The option chain of a name with IV and Greeks, computed here from the quotes."),
        (
            "expirations",
            "chain:expirations",
            "The expiries of a name with what each implies: forward, rate, ATM IV, expected move, open interest.",
        ),
        ("bars", "bars:bars", "Price bars of a name, oldest first; the last one may still be growing."),
        (
            "history",
            "bars:history",
            "Daily sessions of a name: prices beside 30-day constant-maturity implied volatility, risk reversal and butterfly.",
        ),
        ("watchlist", "watchlist:app", "Named lists of underlyings."),
        ("feeds", "feeds:feeds", "The sources of market data: name, what it is, whether it can be used and what it lacks."),
    ),
    "Volatility": (
        (
            "surface",
            "surface:surface",
            "The volatility surface of a name, now or at a stored instant: every expiry's fit, what it says and what it is worth.",
        ),
        ("smile", "surface:smile", "One expiry's smile: what is quoted at every strike and what is fitted to it."),
        ("term", "surface:term", "Volatility over time: at constant maturities from a week to two years."),
        (
            "vol",
            "vol:app",
            "Volatility through time: history, rank and percentile of any measure; cones and scored forecasts; the compass across names.",
        ),
        ("vix", "compass:vix", "The VIX of every name, from its fitted surface, with the published index beside it where the feed has it."),
        (
            "correlation",
            "correlation:correlation",
            "How names move together: a number a pair with its interval, its significance and the sessions it stands on.",
        ),
        (
            "breaches",
            "breaches:app",
            "Breaches of the rules on volatility: jumps, an inverted term, implied below realised; the rules, kept, tried and forgotten.",
        ),
    ),
    "Exposure and flow": (
        ("gex", "exposure:gex", "Dealer gamma by strike, expiry and spot: flip, walls, totals, and how far they hold."),
        ("vex", "exposure:vex", "Dealer vanna: their delta for one vol point, by strike, expiry and spot."),
        ("cex", "exposure:cex", "Dealer charm: their delta for one calendar day, by strike, expiry and spot."),
        ("flow", "flow:flow", "Option prints with what they were taken for: side, sweep, block, legs, premium, volume over open interest."),
        ("active", "flow:active", "The options most traded, by volume, premium, volume over open interest, or change of open interest."),
        ("interest", "flow:interest", "Volume and open interest of a name by expiry and strike."),
    ),
    "Pricing": (
        ("price", "pricing:price", "Price and Greeks of one contract, or of a table of them."),
        ("iv", "pricing:iv", "Implied volatility and Greeks of one contract, or of a table of them."),
        ("models", "kernels:models", "Every model that numbers come from, with its source."),
        (
            "warmup",
            "kernels:warmup",
            "Compiles the numeric kernels and keeps them, so that the next start has them at once; the second time it only loads them.",
        ),
    ),
    "Recording": (
        ("record", "tapes:record", "Records the running engine's feed (or another one) to a tape that can be replayed byte for byte."),
        ("replay", "tapes:replay", "Opens the workstation on a tape; piped or with --json, streams its quotes as NDJSON."),
        ("import", "imports:app", "Files into the history: chains (`optix import FILE...`) and daily series (`optix import series FILE`)."),
        ("db", "db:app", "The store of what was recorded."),
    ),
    "Workstation": (
        ("config", "config:app", "Settings."),
        ("doctor", "doctor:doctor", "Looks at Python, packages, terminal, folders, keyring and plugins, and says what to mend."),
        (
            "daemon",
            "daemon:daemon",
            "Hosts the data folder's engine headless; terminals and commands attach to it. Ends with Ctrl+C or SIGTERM.",
        ),
    ),
}

NOUNS = tuple(Listed(name, summary, f"engine.cli.{place}", section) for section, rows in SECTIONS.items() for name, place, summary in rows)
