"""Plugins: ours are on, a stranger's waits to be allowed, and a broken one costs nobody else anything."""

from importlib.metadata import EntryPoint

import pytest

from engine.contracts.plugin import Manifest, Role
from engine.domain.errors import BadInput, NotConfigured
from engine.kernel.plugins import Plugins, installed_entries
from tests.kit.engine import StillFeed, entry


class StrangersEntry:
    """An entry point of another distribution."""

    def __init__(self, name: str, value: str = "tests.kit.engine:STILL", distribution: str = "acme-optix") -> None:
        self.name, self.value, self.group = name, value, "optix.feeds"
        self.dist = type("Distribution", (), {"name": distribution})()
        self.loaded = False

    def load(self) -> object:
        self.loaded = True
        return EntryPoint(self.name, self.value, self.group).load()


def plugins_of(*entries: object, allowed: tuple[str, ...] = ()) -> Plugins:
    return Plugins(allowed, entries=lambda group: list(entries) if group == "optix.feeds" else [])


def test_the_shipped_feeds_are_there_and_usable_and_loading_none_of_them():
    infos = {info.name: info for info in Plugins().infos()}
    assert {"synthetic", "file", "tape", "cboe"} <= set(infos)
    assert all(infos[name].shipped and infos[name].usable for name in ("synthetic", "file", "tape"))
    assert infos["synthetic"].simulated


def test_a_checkout_whose_installation_is_older_still_knows_its_own_feeds(monkeypatch):
    monkeypatch.setattr("engine.kernel.plugins.entry_points", lambda group: ())
    assert {one.name for one in installed_entries("optix.feeds")} >= {"synthetic", "file", "tape", "cboe"}


def test_a_strangers_plugin_is_listed_and_not_touched_until_it_is_allowed():
    stranger = StrangersEntry("still")
    (info,) = plugins_of(stranger).infos()
    assert (info.allowed, info.usable, info.distribution) == (False, False, "acme-optix")
    assert 'plugins.allow "acme-optix"' in info.trouble
    assert not stranger.loaded
    with pytest.raises(NotConfigured, match="not allowed"):
        plugins_of(stranger).manifest(Role.FEED, "still")


def test_the_advice_to_allow_one_keeps_those_that_are_allowed_already():
    (info,) = plugins_of(StrangersEntry("still"), allowed=("other",)).infos()
    assert '"other acme-optix"' in info.trouble


@pytest.mark.parametrize("name", ["still", "acme-optix", "ACME-Optix"])
def test_it_is_allowed_by_its_name_or_by_its_distributions(name):
    (info,) = plugins_of(StrangersEntry("still"), allowed=(name,)).infos()
    assert info.usable
    assert not info.shipped


def test_a_stranger_cannot_take_the_name_of_one_of_ours():
    plugins = plugins_of(
        StrangersEntry("file", "tests.kit.engine:STILL"), *installed_entries("optix.feeds"), allowed=("file", "acme-optix")
    )
    same = [info for info in plugins.infos() if info.name == "file"]
    assert [info.shipped for info in same] == [True, False]
    assert "another feed has the name" in same[1].trouble
    assert plugins.manifest(Role.FEED, "file").title == "Chain file"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("no_such_module_anywhere:MANIFEST", "ModuleNotFoundError"),
        ("tests.kit.engine:NOTHING", "AttributeError"),
        ("tests.kit.engine:SPOT", "must name a Manifest"),
    ],
)
def test_a_broken_plugin_is_listed_with_its_trouble_and_the_others_work(value, words, caplog):
    plugins = plugins_of(StrangersEntry("broken", value), StrangersEntry("still"), allowed=("acme-optix",))
    infos = {info.name: info for info in plugins.infos()}
    assert words in infos["broken"].trouble
    assert not infos["broken"].usable
    assert infos["still"].usable


def test_a_plugin_whose_needs_are_not_installed_says_what_is_missing(monkeypatch):
    needy = Manifest(name="still", role=Role.FEED, title="t", summary="s", load=lambda: StillFeed, requires=("no_such_module_x",))
    monkeypatch.setattr("tests.kit.engine.STILL", needy)
    (info,) = plugins_of(entry(), allowed=("still", "optix")).infos()
    assert "no_such_module_x" in info.trouble
    assert not info.usable


def test_an_unknown_feed_is_named_with_those_there_are():
    with pytest.raises(BadInput, match=r"no feed 'sythetic'.*synthetic"):
        Plugins().manifest(Role.FEED, "sythetic")


def test_a_feed_that_fails_to_load_is_told_of_in_words(monkeypatch, caplog):
    def broken() -> type:
        raise ImportError("libvenue is missing")

    monkeypatch.setattr("tests.kit.engine.STILL", Manifest(name="still", role=Role.FEED, title="t", summary="s", load=broken))
    with pytest.raises(NotConfigured, match="libvenue is missing"):
        plugins_of(entry(), allowed=("optix",)).factory(Role.FEED, "still")
