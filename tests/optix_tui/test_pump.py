"""The beat: who is painted when, and what it may cost."""

from optix_tui.pump import REST, Pump


class Nothing:
    def drain(self) -> bool:
        return False


class Tile:
    """A tile that notes when it is painted, and takes its time."""

    def __init__(self, name: str, log: list[str], *, fast: bool = False) -> None:
        self.name, self.log, self.is_fast = name, log, fast
        self.needs_paint = True
        self.is_patient = False
        self.drained = 0

    def drain(self) -> None:
        self.drained += 1

    def look_at_freshness(self) -> None: ...

    def flush(self) -> bool:
        self.log.append(self.name)
        self.needs_paint = False
        return True


def pump(*tiles: Tile, budget: float = 0.008) -> Pump:
    made = Pump(Nothing(), budget=budget)
    made.tiles = list(tiles)
    return made


def test_without_time_one_tile_is_painted_a_beat_and_they_take_turns():
    log: list[str] = []
    tiles = [Tile(name, log) for name in "abc"]
    of = pump(*tiles, budget=-1.0)
    for _ in range(6):
        for tile in tiles:
            tile.needs_paint = True
        of.beat()
    assert log == list("abcabc")


def test_with_time_all_are_painted():
    log: list[str] = []
    pump(*[Tile(name, log) for name in "abc"], budget=60.0).beat()
    assert sorted(log) == list("abc")


def test_the_chain_is_painted_at_every_beat_and_first():
    log: list[str] = []
    fast = Tile("chain", log, fast=True)
    others = [Tile(name, log) for name in "ab"]
    of = pump(others[0], fast, others[1], budget=-1.0)
    for _ in range(3):
        for tile in others:
            tile.needs_paint = True
        of.beat()
    assert log == ["chain", "a", "chain", "b", "chain", "a"]


def test_a_tile_in_which_only_the_market_moved_rests_between_two_paintings():
    log: list[str] = []
    patient, other = Tile("patient", log), Tile("other", log)
    of = pump(patient, other, budget=60.0)
    for _ in range(REST + 1):
        patient.needs_paint = other.needs_paint = patient.is_patient = True
        of.beat()
    assert log.count("patient") == 2
    assert log.count("other") == REST + 1


def test_a_tile_that_the_user_changed_does_not_rest_and_neither_does_a_single_frame():
    log: list[str] = []
    tile = Tile("tile", log)
    of = pump(tile)
    for patient in (True, False):
        tile.needs_paint, tile.is_patient = True, patient
        of.beat()
    assert log == ["tile", "tile"]
    tile.needs_paint = tile.is_patient = True
    of.paint_all()
    assert log == ["tile"] * 3


def test_a_tile_that_has_nothing_new_is_left_alone_but_listens():
    log: list[str] = []
    quiet = Tile("quiet", log)
    quiet.needs_paint = False
    of = pump(quiet)
    of.beat()
    assert (log, quiet.drained) == ([], 1)


def test_the_beats_that_really_came_are_counted():
    of = pump()
    assert of.hertz == 0
    for _ in range(5):
        of.beat()
    assert of.beats == 5
    assert of.hertz > 0
