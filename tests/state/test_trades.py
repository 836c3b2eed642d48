import numpy as np

from engine.state.trades import Prints, Trades


def prints(price: list[float], *, at: int = 0) -> Prints:
    count = len(price)
    ones = np.ones(count)
    return Prints(
        row=np.arange(count),
        at=np.arange(at, at + count),
        side=np.zeros(count, dtype=np.int8),
        flags=np.zeros(count, dtype=np.int8),
        price=np.array(price),
        size=ones,
        bid=ones,
        ask=ones,
        spot=ones,
    )


def test_the_newest_print_comes_first_and_the_oldest_falls_off() -> None:
    tape = Trades()
    for start in range(0, 3_000, 500):
        batch = prints([float(value) for value in range(start, start + 500)], at=start)
        tape.add(np.zeros(500, dtype=np.int64), np.ones(500, dtype=np.int64), batch)
    newest = tape.newest(0, 2_000, options_only=True)
    assert newest.price[:2].tolist() == [2_999.0, 2_998.0]
    assert newest.price.shape == (1_024,)
    assert tape.total(0, options_only=True) == 3_000


def test_a_batch_larger_than_the_ring_keeps_its_newest() -> None:
    tape = Trades()
    tape.add(np.zeros(5_000, dtype=np.int64), np.ones(5_000, dtype=np.int64), prints([float(value) for value in range(5_000)]))
    assert tape.newest(0, 1, options_only=True).price.tolist() == [4_999.0]
    assert tape.newest(0, 9_999, options_only=True).price[-1] == 5_000 - 1_024


def test_a_name_and_its_options_are_two_tapes_that_merge_by_time() -> None:
    tape = Trades()
    tape.add(np.array([0, 0, 1]), np.array([1, 0, 1]), prints([1.0, 100.0, 7.0]))
    assert tape.newest(0, 10, options_only=True).price.tolist() == [1.0]
    assert tape.newest(0, 10, options_only=False).price.tolist() == [100.0, 1.0]
    assert tape.newest(1, 10, options_only=True).price.tolist() == [7.0]
    assert tape.total(0, options_only=False) == 2


def test_a_name_that_never_traded_has_an_empty_tape() -> None:
    assert Trades().newest(5, 10, options_only=False).price.size == 0
