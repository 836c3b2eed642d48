"""The recorder's figures, each with its unit in its name."""

from msgspec import Struct


class StoreSettings(Struct, frozen=True, kw_only=True):
    """Defaults fit a desk; tests make them small."""

    first_batch_seconds: float = 2.0
    """Nothing is written for so long after the start, unless somebody asks: a listing of all names costs time the first paint needs."""
    batch_seconds: float = 2.0
    """Between two batches into the tables: a commit costs the same for ten rows as for a thousand; a kill loses what came since."""
    marks_seconds: float = 10.0
    """Between two writings of surfaces and marks: they are few rows in many tables, each of which has its price."""
    quote_seconds: float = 1.0
    """Market time of a slot: at most one row a contract in each; 0 records every quote."""
    idle_seconds: float = 2.0
    """Without anything new for so long, the quotes of an unfinished slot are written too."""
    latest_seconds: float = 5.0
    """Between two updates of the table of the latest."""
    snapshot_seconds: float = 900.0
    """Market time between two snapshots of all chains; 0 takes none."""
    snapshot_pause_seconds: float = 20.0
    """Real time between them, whatever the speed of the market."""
    surface_seconds: float = 60.0
    """Market time between two surfaces of a name and model, two exposures, two sets of measures; 0 keeps all."""
    surface_points_seconds: float = 900.0
    """Between two surfaces whose market points are kept too."""
    quote_queue_rows: int = 400_000
    fact_queue_rows: int = 1_000_000
    retry_seconds: float = 0.5
    """After the first failure; doubled each time."""
    retry_longest_seconds: float = 30.0
    readers: int = 2
    read_seconds: float = 15.0
    """A history query that takes longer is ended."""
    open_seconds: float = 30.0
    """How long a read waits for a database that is being opened."""
    upkeep_delay_seconds: float = 30.0
    """Closed days are rolled, and the budget is watched, from so long after the start."""
    upkeep_seconds: float = 30.0
    """Between two looks."""
    keep_minute_bars_days: int = 60
    """One-minute bars older than that roll into the archive."""
    page_bytes: int = 32 * 1024 * 1024
    """So much of the file may stay in memory; what was read or written beyond it is given back at the next look."""
    page_look_seconds: float = 10.0
    """Between two looks."""
    free_disk_bytes: int = 256 * 1024 * 1024
    """Below it quotes are no longer recorded."""
