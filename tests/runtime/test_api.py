"""The front door: what stands in it, and that it opens lightly."""

import json
import subprocess
import sys

import pytest

from engine import api
from engine.api import BadInput, GetChain, Symbol, connect, owner_of, places, plugins, read_last_look, settings
from engine.messages import wire
from engine.messages.queries import LastLook
from engine.messages.registry import COMMANDS, EVENTS, QUERIES
from engine.storage.lastlook import write_last_look
from tests.kit import facts
from tests.kit.equal import same


def test_every_message_and_its_answer_stands_in_the_front_door():
    for name, kind in {**QUERIES, **COMMANDS, **EVENTS}.items():
        assert getattr(api, name) is kind
    for kind in QUERIES.values():
        answer = wire.answer_of(kind)
        assert getattr(api, answer.__name__) is answer


def test_it_opens_without_the_database_the_terminal_or_any_plugin():
    program = "import sys, engine.api, json; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout))
    assert not loaded & {"duckdb", "polars", "scipy", "numba", "textual", "httpx", "keyring", "tomlkit", "plugins.synthetic", "rich"}


def test_one_core_is_left_to_the_loop_whoever_loads_numpy():
    program = "import engine, os; print(os.environ['OPENBLAS_NUM_THREADS'])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "1\n"


def test_places_settings_and_plugins_can_be_seen_without_an_engine(home):
    assert places() == {name: home / name for name in ("data", "config", "state", "cache")}
    assert owner_of() is None
    assert {"synthetic", "file", "tape", "cboe"} <= {plugin.name for plugin in plugins()}
    assert "terminal.theme" in {setting.key for setting in settings().settings}
    (home / "config").mkdir(parents=True)
    (home / "config" / "config.toml").write_text("terminal.theme = 3\n")
    with pytest.raises(BadInput, match=r"config\.toml"):
        settings()


def look(source: str, symbol: str = "SPY") -> LastLook:
    return LastLook(
        symbol=Symbol(symbol),
        source=source,
        written_at=facts.NOW,
        market_time=facts.NOW,
        quote=facts.quote(symbol),
        expirations=facts.expirations(symbol),
        slices=(facts.slice_of(),),
    )


def test_the_last_look_is_that_of_the_market_that_opens(home):
    assert read_last_look(Symbol("SPY")) is None
    simulated, delayed = look("synthetic"), look("cboe")
    write_last_look(home / "data", "sim", "SPY", wire.encode(simulated))
    write_last_look(home / "data", "live", "SPY", wire.encode(delayed))
    assert same(read_last_look(Symbol("SPY")), simulated)
    assert same(read_last_look(Symbol("SPY"), feed="cboe"), delayed)
    assert read_last_look(Symbol("SPY"), feed="other") is None
    assert read_last_look(Symbol("QQQ")) is None


def test_a_last_look_of_another_version_or_a_damaged_one_is_as_none(home):
    write_last_look(home / "data", "sim", "SPY", b"\x81\xa1x\x01")
    assert read_last_look(Symbol("SPY")) is None
    (path,) = (home / "data").rglob("*.look")
    path.write_bytes(b"nonsense")
    assert read_last_look(Symbol("SPY")) is None


async def test_what_a_command_looked_at_is_the_next_starts_first_paint(still):
    engine = await connect(host=False)
    chain = await engine.ask(GetChain(symbol=Symbol("SPY")))
    await engine.close()
    kept = read_last_look(Symbol("SPY"))
    assert kept is not None
    assert same(kept.slices[0].iv, chain.slices[0].iv)
