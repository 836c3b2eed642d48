"""Settings: typed, bounded, each with its origin, and changed without harm to what the user wrote."""

import re
import stat
import sys
from pathlib import Path

import pytest

from engine.domain.errors import BadInput, Refused
from engine.kernel.configuration import Configuration
from engine.kernel.paths import Paths, shipped
from engine.kernel.settings import declared_settings

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    found = Paths.of(tmp_path / "home")
    found.make()
    return found


def load(paths: Paths, environment: dict[str, str] | None = None, **named: object) -> Configuration:
    return Configuration.load(paths, environment=environment or {}, project=paths.cache, **named)


def write(paths: Paths, text: str, name: str = "config.toml") -> Path:
    path = paths.config / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_without_anything_said_the_defaults_hold(paths):
    configuration = load(paths)
    assert configuration.text("terminal.theme") == "amber"
    assert configuration.origin("terminal.theme") == "default"
    assert configuration.problems == []


def test_every_source_beats_the_one_below_it_and_says_so(paths):
    key = "engine.reprice_hz"
    write(paths, "[engine]\nreprice_hz = 2.0\n")
    assert (load(paths).number(key), load(paths).origin(key)) == (2.0, f"file {paths.config / 'config.toml'}")
    (paths.cache / "optix.toml").write_text("engine.reprice_hz = 3\n")
    assert (load(paths).number(key), load(paths).origin(key)) == (3.0, f"project {paths.cache / 'optix.toml'}")
    write(paths, "engine.reprice_hz = 4\n", "profiles/desk.toml")
    desk = {"OPTIX_PROFILE": "desk"}
    assert load(paths, desk).number(key) == 4.0
    assert load(paths, desk).origin(key).startswith("profile desk")
    named = desk | {"OPTIX_ENGINE__REPRICE_HZ": "5"}
    assert (load(paths, named).number(key), load(paths, named).origin(key)) == (5.0, "environment OPTIX_ENGINE__REPRICE_HZ")
    flagged = load(paths, named, flags={key: 6.0})
    assert (flagged.number(key), flagged.origin(key)) == (6.0, "flag --reprice-hz")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("terminal.theme = 'mauve'", "one of amber, graphite, paper, cvd"),
        ("terminal.theme = 7", "terminal.theme cannot be 7"),
        ("engine.reprice_hz = 99", "from 0.5 to 30 (Hz)"),
        ("engine.reprice_hz = nan", "engine.reprice_hz cannot be nan"),
        ("engine.reprice_hz = 'fast'", "a number from"),
        ("engine.numba = 'yes'", "true or false"),
        ("engine.numba = 1", "true or false"),
        ("feeds.synthetic.seed = 1.5", "a whole number"),
        ("feeds.synthetic.seed = true", "a whole number"),
        ("plugins.allow = 'acme'", "a list of names"),
        ("plugins.allow = [1]", "a list of names"),
    ],
)
def test_a_value_out_of_bounds_names_key_bounds_and_file(paths, text, words):
    path = write(paths, text + "\n")
    with pytest.raises(BadInput) as refusal:
        load(paths)
    assert words in str(refusal.value)
    assert str(path) in str(refusal.value)


@pytest.mark.parametrize("text", ["[terminal", "a = ", "\xff\xfe", "a = 1\na = 2\n"])
def test_a_file_that_is_no_toml_is_named(paths, text):
    (paths.config / "config.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(BadInput, match="is not TOML"):
        load(paths)


def test_an_environment_value_that_cannot_be_read_names_its_variable(paths):
    with pytest.raises(BadInput, match="environment OPTIX_ENGINE__REPRICE_HZ"):
        load(paths, {"OPTIX_ENGINE__REPRICE_HZ": "fast"})


def test_environment_values_are_read_by_the_type_of_their_setting(paths):
    environment = {
        "OPTIX_ENGINE__NUMBA": "off",
        "OPTIX_PLUGINS__ALLOW": "acme, other",
        "OPTIX_FEEDS__SYNTHETIC__SEED": "12",
        "OPTIX_FEEDS__ACME__DEPTH": "5",
        "OPTIX_FEEDS__ACME__FAST": "true",
        "OPTIX_FEEDS__ACME__HOST": "localhost",
    }
    configuration = load(paths, environment)
    assert configuration.flag("engine.numba") is False
    assert configuration.names("plugins.allow") == ("acme", "other")
    assert configuration.whole("feeds.synthetic.seed") == 12
    assert configuration.section("feeds.acme") == {"depth": 5, "fast": True, "host": "localhost"}


def test_an_unknown_key_is_told_of_with_the_one_that_was_meant_and_harms_nothing(paths):
    write(paths, "[terminal]\ntheem = 'paper'\n")
    configuration = load(paths, {"OPTIX_NO__SUCH": "1"})
    assert any("did you mean terminal.theme?" in problem for problem in configuration.problems)
    assert any("OPTIX_NO__SUCH" in problem for problem in configuration.problems)


def test_a_file_that_came_with_a_folder_cannot_allow_plugins(paths):
    (paths.cache / "optix.toml").write_text("plugins.allow = ['evil']\nterminal.theme = 'paper'\n")
    configuration = load(paths)
    assert configuration.names("plugins.allow") == ()
    assert configuration.text("terminal.theme") == "paper"
    assert any("plugins.allow" in problem for problem in configuration.problems)


def test_a_profile_or_a_file_that_is_not_there_is_refused_with_those_that_are(paths):
    write(paths, "", "profiles/desk.toml")
    with pytest.raises(BadInput, match=r"no profile 'dsk'.*there: desk"):
        load(paths, {"OPTIX_PROFILE": "dsk"})
    with pytest.raises(BadInput, match="no profile"):
        load(paths, {"OPTIX_PROFILE": "../config"})
    with pytest.raises(BadInput, match="no configuration file"):
        load(paths, {"OPTIX_CONFIG": str(paths.config / "absent.toml")})


def test_a_setting_is_written_into_the_users_file_with_his_comments_kept(paths):
    path = write(paths, "# mine\n[terminal]\ntheme = 'paper'  # for the day\n\n[engine]\nnumba = true\n")
    configuration = load(paths)
    assert configuration.set("terminal.theme", "graphite") == "terminal.theme = graphite"
    configuration.set("feeds.synthetic.seed", "42")
    configuration.set("plugins.allow", "acme other")
    text = path.read_text()
    assert "# mine" in text
    assert "# for the day" in text
    again = load(paths)
    assert again.text("terminal.theme") == configuration.text("terminal.theme") == "graphite"
    assert again.whole("feeds.synthetic.seed") == 42
    assert again.names("plugins.allow") == ("acme", "other")
    assert again.flag("engine.numba")
    assert configuration.origin("terminal.theme") == f"file {path}"


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of Unix")
def test_the_users_file_is_his_alone(paths):
    configuration = load(paths)
    configuration.set("terminal.theme", "paper")
    assert stat.S_IMODE(configuration.path.stat().st_mode) == 0o600
    assert [path.name for path in paths.config.iterdir()] == ["config.toml"]


def test_a_bad_value_is_refused_and_the_file_is_left_as_it_was(paths):
    path = write(paths, "terminal.theme = 'paper'\n")
    configuration = load(paths)
    for key, value in (("terminal.theme", "mauve"), ("engine.reprice_hz", "0"), ("terminal.theem", "x"), ("nonsense", "x")):
        with pytest.raises(BadInput):
            configuration.set(key, value)
    assert path.read_text() == "terminal.theme = 'paper'\n"


def test_a_setting_that_something_stronger_overrides_says_so(paths):
    configuration = load(paths, {"OPTIX_TERMINAL__THEME": "cvd"})
    words = configuration.set("terminal.theme", "paper")
    assert "environment OPTIX_TERMINAL__THEME still overrides it with cvd" in words
    assert configuration.text("terminal.theme") == "cvd"


def test_a_file_with_a_value_where_a_section_must_be_is_not_overwritten(paths):
    write(paths, "")
    configuration = load(paths)
    write(paths, "feeds = 5\n")
    with pytest.raises((BadInput, Refused), match="section"):
        configuration.set("feeds.synthetic.seed", "1")


def test_the_table_shows_every_setting_with_unit_origin_and_bounds(paths):
    rows = {row.key: row for row in load(paths).table().settings}
    assert rows["engine.reprice_hz"].unit == "Hz"
    assert "from 0.5 to 30" in rows["engine.reprice_hz"].what
    assert rows["plugins.allow"].value == ()


def test_every_declared_setting_is_read_by_somebody():
    sources = [path for room in ("engine", "optix_tui", "plugins") for path in (ROOT / room).rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources)
    plugin = {
        name.name: "\n".join(path.read_text() for path in name.glob("*.py")) for name in (ROOT / "plugins").iterdir() if name.is_dir()
    }
    unread = []
    for key in declared_settings(shipped("config") / "defaults.toml"):
        if key.startswith("feeds."):
            _, name, option = key.split(".", 2)
            read = re.search(rf"\b{option}\b", plugin.get(name, ""))
        else:
            read = re.search(rf"[\"']{re.escape(key)}[\"']", text)
        if not read:
            unread.append(key)
    assert set(unread) <= {"terminal.theme", "terminal.keymap", "terminal.up_is_red"}
