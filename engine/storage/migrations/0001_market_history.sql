-- The market's history. Instants are nanoseconds UTC, prices in the instrument's currency, volatilities fractions a year; NULL is "unknown".
-- Every row carries the source it came from and the run that wrote it.

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    variant VARCHAR NOT NULL,  -- tells apart markets of one source that share nothing: a synthetic one's seed and start
    UNIQUE (name, variant)
);

CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    run VARCHAR NOT NULL UNIQUE,
    source_id INTEGER NOT NULL,
    started_at BIGINT NOT NULL
);

-- The last batch of a run that is in the tables, written in the batch's own transaction: a repeated batch is known by it.
CREATE TABLE progress (
    run_id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL,
    batch BIGINT NOT NULL,
    ts BIGINT NOT NULL  -- newest market time in it
);

CREATE TABLE symbols (
    id INTEGER PRIMARY KEY,
    symbol VARCHAR NOT NULL UNIQUE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE securities (
    symbol_id INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    market VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    session VARCHAR NOT NULL,
    tick DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    series VARCHAR NOT NULL UNIQUE,
    symbol_id INTEGER NOT NULL,
    root VARCHAR,
    expiry DATE,
    settlement VARCHAR,
    style VARCHAR,
    settled_in VARCHAR,
    multiplier DOUBLE,
    currency VARCHAR,
    settles_at BIGINT,
    last_trade_at BIGINT,
    inverse BOOLEAN,
    weekly BOOLEAN,
    adjusted BOOLEAN,
    deliverable VARCHAR,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

-- Whatever can be quoted: contracts, and securities under their own symbol (option_right 0).
CREATE TABLE instruments (
    id INTEGER PRIMARY KEY,
    name VARCHAR NOT NULL UNIQUE,
    symbol_id INTEGER NOT NULL,
    series_id INTEGER,
    strike DOUBLE,
    option_right TINYINT NOT NULL,  -- +1 call, -1 put, 0 security
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE quotes (
    ts BIGINT NOT NULL,
    instrument_id INTEGER NOT NULL,
    bid DOUBLE,
    ask DOUBLE,
    bid_size DOUBLE,
    ask_size DOUBLE,
    event_at BIGINT,  -- the venue's own time
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE trades (
    ts BIGINT NOT NULL,
    instrument_id INTEGER NOT NULL,
    symbol_id INTEGER NOT NULL,
    price DOUBLE,
    size DOUBLE,
    side TINYINT NOT NULL,  -- +1 the buyer was the aggressor, -1 the seller, 0 unknown
    flags TINYINT NOT NULL,
    event_at BIGINT,
    bid DOUBLE,  -- quote in force at the print
    ask DOUBLE,
    spot DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE bars (
    symbol_id INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    ts BIGINT NOT NULL,  -- the bar's start
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE,
    volume DOUBLE,
    vwap DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (source_id, symbol_id, seconds, ts)
);

CREATE TABLE volatility_history (
    symbol_id INTEGER NOT NULL,
    ts BIGINT NOT NULL,  -- start of the session's date
    atm_iv DOUBLE,
    risk_reversal_25 DOUBLE,
    butterfly_25 DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (source_id, symbol_id, ts)
);

CREATE TABLE latest (
    instrument_id INTEGER PRIMARY KEY,
    ts BIGINT NOT NULL,
    bid DOUBLE,
    ask DOUBLE,
    bid_size DOUBLE,
    ask_size DOUBLE,
    last DOUBLE,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    previous_close DOUBLE,
    volume DOUBLE,
    open_interest DOUBLE,
    last_at BIGINT,
    vendor_iv DOUBLE,
    vendor_delta DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY,
    symbol_id INTEGER NOT NULL,
    ts BIGINT NOT NULL,
    kind VARCHAR NOT NULL,  -- 'periodic', 'close', 'frozen' or 'import'
    spot DOUBLE,
    contracts INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE snapshot_quotes (
    snapshot_id INTEGER NOT NULL,
    ts BIGINT NOT NULL,  -- the snapshot's
    instrument_id INTEGER NOT NULL,
    bid DOUBLE,
    ask DOUBLE,
    bid_size DOUBLE,
    ask_size DOUBLE,
    last DOUBLE,
    volume DOUBLE,
    open_interest DOUBLE,
    vendor_iv DOUBLE,
    vendor_delta DOUBLE,
    quoted_at BIGINT,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

-- What the feed said of itself: where the history has gaps.
CREATE TABLE feed_states (
    ts BIGINT NOT NULL,
    state VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);
