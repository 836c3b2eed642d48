-- What is concluded from the market: volatility surfaces, measures through time, exposures, flagged prints, the day's flow, breaches.

ALTER TABLE series ADD COLUMN tick_small DOUBLE;
ALTER TABLE series ADD COLUMN tick_large DOUBLE;
ALTER TABLE series ADD COLUMN tick_threshold DOUBLE;

-- One row a surface: of a name, fitted with a model, at the market time of its newest quote. Its slices and points have the same ts.
CREATE TABLE surfaces (
    ts BIGINT NOT NULL,
    symbol_id INTEGER NOT NULL,
    model VARCHAR NOT NULL,  -- 'svi' as displayed, 'essvi' as risk uses it
    state VARCHAR NOT NULL,  -- of the feed
    spot DOUBLE,
    atm_iv_30 FLOAT,
    days SMALLINT[],  -- constant maturities, as the lists that follow
    atm_iv FLOAT[],
    risk_reversal_25 FLOAT[],
    butterfly_25 FLOAT[],
    risk_reversal_10 FLOAT[],
    butterfly_10 FLOAT[],
    variance_iv FLOAT[],
    flags UTINYINT[],  -- 0 listed, 1 interpolated, 2 extrapolated, 3 unknown
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE surface_slices (
    ts BIGINT NOT NULL,
    symbol_id INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    number SMALLINT NOT NULL,  -- from the nearest expiry
    series VARCHAR NOT NULL,
    as_of BIGINT NOT NULL,
    years DOUBLE,
    forward DOUBLE,
    rate DOUBLE,
    fit VARCHAR NOT NULL,  -- 'SVI', 'eSSVI', 'spline', 'none'
    a DOUBLE,  -- raw SVI of total variance against k = ln(K/F): a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))
    b DOUBLE,
    rho DOUBLE,
    m DOUBLE,
    sigma DOUBLE,
    least_k FLOAT,
    greatest_k FLOAT,
    atm_iv FLOAT,
    risk_reversal_25 FLOAT,
    butterfly_25 FLOAT,
    grade VARCHAR NOT NULL,
    reasons VARCHAR NOT NULL,  -- one a line
    rmse_vol FLOAT,
    median_residual FLOAT,  -- in bid-ask widths
    inside FLOAT,
    butterfly_ok BOOLEAN NOT NULL,
    calendar_ok BOOLEAN NOT NULL,
    quotes INTEGER NOT NULL,
    left_out VARCHAR NOT NULL,  -- 'reason=count', one a line
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

-- The market's points beside a fit, at a slower rhythm; where a slice has no parameters its fit stands here each time.
CREATE TABLE surface_points (
    ts BIGINT NOT NULL,
    symbol_id INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    series VARCHAR NOT NULL,
    strike DOUBLE NOT NULL,
    option_right TINYINT NOT NULL,  -- of the out-of-the-money side: +1 call, -1 put
    use TINYINT NOT NULL,  -- 0 used, else why not
    bid_iv FLOAT,
    mid_iv FLOAT,
    ask_iv FLOAT,
    fit_iv FLOAT,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE measures (
    ts BIGINT NOT NULL,
    symbol_id INTEGER NOT NULL,
    measure VARCHAR NOT NULL,  -- 'atm:30', 'rr25:30', 'term:30:90' ...
    value DOUBLE NOT NULL,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

-- The last of each session, and what was imported.
CREATE TABLE daily_measures (
    symbol_id INTEGER NOT NULL,
    measure VARCHAR NOT NULL,
    ts BIGINT NOT NULL,  -- start of the session's date
    value DOUBLE NOT NULL,
    seen_at BIGINT NOT NULL,  -- market time of the value; of an import the end of its date
    imported BOOLEAN NOT NULL,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (source_id, symbol_id, measure, ts)
);

-- Dealers' gamma exposure in the default convention, $ per 1 % of spot.
CREATE TABLE exposure_marks (
    ts BIGINT NOT NULL,
    symbol_id INTEGER NOT NULL,
    spot DOUBLE,
    net DOUBLE,
    low DOUBLE,
    high DOUBLE,
    flip DOUBLE,
    positive_wall DOUBLE,
    negative_wall DOUBLE,
    contracts INTEGER NOT NULL,
    left_out INTEGER NOT NULL,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE flow_marks (
    ts BIGINT NOT NULL,
    instrument_id INTEGER NOT NULL,
    symbol_id INTEGER NOT NULL,
    price DOUBLE,
    size DOUBLE,
    side TINYINT NOT NULL,  -- +1 the buyer was the aggressor, -1 the seller, 0 unknown
    flags UTINYINT NOT NULL,  -- 1 sweep, 2 block, 4 multi-leg, 8 volume above open interest, 16 said by the venue
    premium DOUBLE,
    bid DOUBLE,
    ask DOUBLE,
    spot DOUBLE,
    iv FLOAT,
    delta FLOAT,
    volume DOUBLE,
    open_interest DOUBLE,
    event_at BIGINT,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE TABLE flow_days (
    symbol_id INTEGER NOT NULL,
    ts BIGINT NOT NULL,  -- start of the session's date
    seen_at BIGINT NOT NULL,
    call_volume DOUBLE,
    put_volume DOUBLE,
    call_premium DOUBLE,
    put_premium DOUBLE,
    call_prints BIGINT NOT NULL,
    put_prints BIGINT NOT NULL,
    call_open_interest DOUBLE,
    put_open_interest DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (source_id, symbol_id, ts)
);

-- What the next session's open interest says of a contract's day.
CREATE TABLE openings (
    instrument_id INTEGER NOT NULL,
    ts BIGINT NOT NULL,  -- start of the date of the prints
    seen_at BIGINT NOT NULL,
    verdict TINYINT NOT NULL,  -- +1 opening, -1 closing, 0 it does not tell
    before DOUBLE,
    after DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL,
    PRIMARY KEY (source_id, instrument_id, ts)
);

CREATE TABLE breaches (
    ts BIGINT NOT NULL,
    symbol_id INTEGER NOT NULL,
    rule VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    entered BOOLEAN NOT NULL,
    value DOUBLE,
    estimate DOUBLE,
    deviation DOUBLE,
    threshold DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

CREATE VIEW named_surfaces AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM surfaces f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_surface_slices AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM surface_slices f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_surface_points AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM surface_points f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_measures AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM measures f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_daily_measures AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM daily_measures f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_exposure_marks AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM exposure_marks f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_flow_marks AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.* EXCLUDE (instrument_id, symbol_id),
    f.rowid AS place,  -- order of prints of one instant
    o.name AS source, o.variant, r.run
FROM flow_marks f JOIN named_instruments n ON n.id = f.instrument_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_flow_days AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM flow_days f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_openings AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.* EXCLUDE (instrument_id), o.name AS source, o.variant, r.run
FROM openings f JOIN named_instruments n ON n.id = f.instrument_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_breaches AS
SELECT y.symbol, f.* EXCLUDE (symbol_id), o.name AS source, o.variant, r.run
FROM breaches f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;
