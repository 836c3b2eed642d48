-- How much a file of the archive holds of a name in each hour: what a scrubber asks before it asks for anything.

CREATE TABLE archived_hours (
    archive_id INTEGER NOT NULL,
    symbol VARCHAR NOT NULL,
    hour BIGINT NOT NULL,  -- since the epoch
    stored INTEGER NOT NULL  -- instants of surfaces and exposures, rows of flagged prints
);
