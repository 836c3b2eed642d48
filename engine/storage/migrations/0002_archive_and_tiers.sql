-- The Parquet archive of closed days, coarser tiers of old quotes and trades, content hashes of snapshots, and readable views.

-- Width of the sample after thinning; 0 is as recorded.
ALTER TABLE quotes ADD COLUMN seconds INTEGER DEFAULT 0;

-- Hash of what a snapshot says: the same chain is never stored twice.
ALTER TABLE snapshots ADD COLUMN content VARCHAR DEFAULT '';

CREATE TABLE trade_minutes (
    ts BIGINT NOT NULL,
    instrument_id INTEGER NOT NULL,
    symbol_id INTEGER NOT NULL,
    open DOUBLE,
    high DOUBLE,
    low DOUBLE,
    close DOUBLE,
    size DOUBLE,
    vwap DOUBLE,
    prints INTEGER NOT NULL,
    bought DOUBLE,  -- size whose aggressor was the buyer
    sold DOUBLE,
    source_id INTEGER NOT NULL,
    run_id INTEGER NOT NULL
);

-- One row a Parquet file. 'writing' rows are intents of a writer that did not come back; their files are not read.
CREATE TABLE archives (
    id INTEGER PRIMARY KEY,
    table_name VARCHAR NOT NULL,
    day BIGINT NOT NULL,  -- start of the UTC day
    file VARCHAR NOT NULL,  -- below the store's archive folder
    seconds INTEGER NOT NULL,
    rows BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    first_ts BIGINT NOT NULL,
    last_ts BIGINT NOT NULL,
    state VARCHAR NOT NULL,
    source_id INTEGER NOT NULL,  -- 0: of several
    run_id INTEGER NOT NULL  -- 0: of several
);

CREATE VIEW named_instruments AS
SELECT i.id, y.symbol, i.name, s.series, i.strike, i.option_right
FROM instruments i JOIN symbols y ON y.id = i.symbol_id LEFT JOIN series s ON s.id = i.series_id;

CREATE VIEW named_quotes AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.ts, f.bid, f.ask, f.bid_size, f.ask_size, f.event_at, f.seconds,
    o.name AS source, o.variant, r.run, f.source_id, f.run_id
FROM quotes f JOIN named_instruments n ON n.id = f.instrument_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_trades AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.ts, f.price, f.size, f.side, f.flags, f.event_at, f.bid, f.ask, f.spot,
    f.rowid AS place,  -- order of prints of one instant
    o.name AS source, o.variant, r.run, f.source_id, f.run_id
FROM trades f JOIN named_instruments n ON n.id = f.instrument_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_trade_minutes AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.ts, f.open, f.high, f.low, f.close, f.size, f.vwap, f.prints, f.bought,
    f.sold, o.name AS source, o.variant, r.run, f.source_id, f.run_id
FROM trade_minutes f JOIN named_instruments n ON n.id = f.instrument_id JOIN sources o ON o.id = f.source_id
    JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_snapshot_quotes AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.ts, h.kind, h.content, h.spot, f.bid, f.ask, f.bid_size, f.ask_size,
    f.last, f.volume, f.open_interest, f.vendor_iv, f.vendor_delta, f.quoted_at,
    o.name AS source, o.variant, r.run, f.source_id, f.run_id
FROM snapshot_quotes f JOIN snapshots h ON h.id = f.snapshot_id JOIN named_instruments n ON n.id = f.instrument_id
    JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_bars AS
SELECT y.symbol, f.seconds, f.ts, f.open, f.high, f.low, f.close, f.volume, f.vwap, o.name AS source, o.variant, r.run,
    f.source_id, f.run_id
FROM bars f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_volatility_history AS
SELECT y.symbol, f.ts, f.atm_iv, f.risk_reversal_25, f.butterfly_25, o.name AS source, o.variant, r.run, f.source_id, f.run_id
FROM volatility_history f JOIN symbols y ON y.id = f.symbol_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;

CREATE VIEW named_latest AS
SELECT n.symbol, n.name, n.series, n.strike, n.option_right, f.ts, f.bid, f.ask, f.bid_size, f.ask_size, f.last, f.open, f.high, f.low,
    f.previous_close, f.volume, f.open_interest, f.last_at, f.vendor_iv, f.vendor_delta, o.name AS source, o.variant, r.run,
    f.source_id, f.run_id
FROM latest f JOIN named_instruments n ON n.id = f.instrument_id JOIN sources o ON o.id = f.source_id JOIN runs r ON r.id = f.run_id;
