"""Nothing secret and nothing a terminal would obey is written down; files are the user's alone."""

import json
import logging
import stat
import sys
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest

from engine.contracts.plugin import Manifest, Role, Secret
from engine.domain.errors import NotConfigured
from engine.kernel import redaction
from engine.kernel.log import Log
from engine.kernel.paths import Paths, private_folder, shipped
from engine.kernel.private_files import replace_private
from engine.kernel.redaction import cleaned, hide
from engine.kernel.secrets import credentials

CANARY = "s3cr3t-canary-token"
MANIFEST = Manifest(
    name="acme",
    role=Role.FEED,
    title="Acme",
    summary="",
    load=lambda: object,
    secrets=(Secret(field="token", environment="ACME_TOKEN", what="an access token"),),
)


@pytest.fixture(autouse=True)
def _no_secret_outlives_a_test(monkeypatch):
    monkeypatch.setattr(redaction, "_secrets", set())
    monkeypatch.setattr(redaction, "_pattern", None)


class Backend(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self, kept: dict[str, str] | None = None, trouble: Exception | None = None) -> None:
        self.kept, self.trouble = kept or {}, trouble

    def get_password(self, service: str, username: str) -> str | None:
        if self.trouble is not None:
            raise self.trouble
        return self.kept.get(f"{service}:{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError

    def delete_password(self, service: str, username: str) -> None:
        raise NotImplementedError


def lines(log: Log) -> list[dict]:
    log.close()
    return [json.loads(line) for line in log.path.read_text().splitlines()]


def test_the_log_is_one_document_a_line_and_has_no_secret_in_message_arguments_or_trace(tmp_path):
    log = Log(tmp_path / "state")
    hide(CANARY)
    logger = logging.getLogger("engine.test")
    logger.info("connecting with %s", CANARY)
    try:
        raise RuntimeError(f"refused: {CANARY}")
    except RuntimeError:
        logger.exception("it failed")
    found = lines(log)
    assert [line["text"] for line in found] == ["connecting with [secret]", "it failed"]
    assert "RuntimeError: refused: [secret]" in found[1]["fault"]
    assert CANARY not in log.path.read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of Unix")
def test_the_log_is_its_owners_alone(tmp_path):
    log = Log(tmp_path / "state")
    logging.getLogger("engine.test").error("x")
    log.close()
    assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.path.parent.stat().st_mode) == 0o700


def test_a_log_that_is_closed_leaves_no_handler_and_no_thread_behind(tmp_path):
    before = list(logging.getLogger("engine").handlers)
    log = Log(tmp_path / "state")
    log.close()
    assert logging.getLogger("engine").handlers == before
    assert not log.path.exists()


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("plain text, ünïcode \u2713", "plain text, ünïcode \u2713"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]52;c;ZXZpbA==\x1b\\after", "after"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("one\r\ntwo\nthree\rfour", "one\\ntwo\\nthree\\nfour"),
        ("bell\x07 back\x08 null\x00 csi\x9b31m", "bell back null csi31m"),
        ("\x1bPq\x1b\\x", "x"),
        ("unfinished \x1b]0;never ends", "unfinished "),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(dirty, clean):
    assert cleaned(dirty) == clean


def test_a_secret_hidden_between_escapes_is_still_hidden():
    hide(CANARY)
    assert CANARY not in cleaned(f"{CANARY[:5]}\x1b[0m{CANARY[5:]}")


def test_a_word_too_short_to_be_a_secret_does_not_blot_out_the_log():
    hide("a")
    assert cleaned("a banana") == "a banana"


def test_a_credential_comes_from_the_environment_first(monkeypatch):
    monkeypatch.setattr(keyring, "get_keyring", lambda: pytest.fail("the keyring was asked"))
    assert credentials(MANIFEST, environment={"ACME_TOKEN": CANARY}) == {"token": CANARY}
    assert cleaned(CANARY) == "[secret]"


def test_else_from_the_keyring_by_profile_plugin_and_field(monkeypatch):
    backend = Backend({"optix:desk/acme/token": CANARY})
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    monkeypatch.setattr(keyring, "get_password", backend.get_password)
    assert credentials(MANIFEST, profile="desk", environment={}) == {"token": CANARY}


def test_a_machine_without_a_keyring_says_what_to_set(monkeypatch):
    backend = Backend(trouble=keyring.errors.NoKeyringError("none"))
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    monkeypatch.setattr(keyring, "get_password", backend.get_password)
    with pytest.raises(NotConfigured, match="set ACME_TOKEN, or `keyring set optix default/acme/token`"):
        credentials(MANIFEST, environment={})


def test_a_keyring_that_keeps_plain_text_is_not_used(monkeypatch):
    backend = type("PlaintextKeyring", (Backend,), {"__module__": "keyrings.alt.file"})({"optix:default/acme/token": CANARY})
    monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
    monkeypatch.setattr(keyring, "get_password", backend.get_password)
    with pytest.raises(NotConfigured):
        credentials(MANIFEST, environment={})


def test_a_home_of_its_own_overrides_the_systems_places(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTIX_HOME", str(tmp_path / "mine"))
    assert Paths.of().named() == {name: tmp_path / "mine" / name for name in ("data", "config", "state", "cache")}
    monkeypatch.delenv("OPTIX_HOME")
    assert all("optix" in str(place) for place in Paths.of().named().values())


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of Unix")
def test_folders_are_closed_to_others_even_where_they_were_open(tmp_path):
    folder = tmp_path / "open"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert stat.S_IMODE(private_folder(folder).stat().st_mode) == 0o700


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    replace_private(path, b"old")
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        replace_private(path, b"new")
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["file"]


def test_the_shipped_files_are_found():
    assert (shipped("config") / "defaults.toml").is_file()
    assert shipped("data").is_dir()
