import stat
from pathlib import Path

import pytest
from msgspec import Struct

from engine.domain.errors import BadInput, StoreUnavailable
from engine.domain.ids import Symbol
from engine.domain.marks import BREACH_RULES, BreachRule, BreachRules
from engine.storage.documents import MAX_DOCUMENT_BYTES, Documents


class Lists(Struct, frozen=True, kw_only=True):
    names: tuple[str, ...] = ()


def test_a_document_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    documents = Documents(tmp_path / "documents")
    documents.save("watchlists", Lists(names=("SPY", "QQQ")))
    assert Documents(tmp_path / "documents").load("watchlists", Lists, Lists()) == Lists(names=("SPY", "QQQ"))
    assert documents.names() == ("watchlists",)


def test_a_missing_document_is_its_default_and_no_trouble(tmp_path: Path) -> None:
    documents = Documents(tmp_path)
    assert documents.load("watchlists", Lists, Lists(names=("SPX",))) == Lists(names=("SPX",))
    assert documents.take_notices() == ()


@pytest.mark.parametrize("content", [b"", b"{", b'{"names": 5}', b"\xff\xfe\x00", b"\x00" * 40])
def test_a_damaged_document_is_kept_aside_and_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "watchlists.json").write_bytes(content)
    documents = Documents(tmp_path)
    assert documents.load("watchlists", Lists, Lists()) == Lists()
    notice = documents.take_notices()[0]
    assert "watchlists.json.damaged" in notice.text
    assert (tmp_path / "watchlists.json.damaged").read_bytes() == content
    assert documents.take_notices() == ()


def test_two_damaged_documents_are_both_kept(tmp_path: Path) -> None:
    documents = Documents(tmp_path)
    for content in (b"one", b"two"):
        (tmp_path / "watchlists.json").write_bytes(content)
        documents.load("watchlists", Lists, Lists())
    kept = sorted(path.read_bytes() for path in tmp_path.glob("watchlists.json*damaged*"))
    assert kept == [b"one", b"two"]


def test_an_overlong_document_is_set_aside_unread(tmp_path: Path) -> None:
    (tmp_path / "watchlists.json").write_bytes(b" " * (MAX_DOCUMENT_BYTES + 1))
    documents = Documents(tmp_path)
    assert documents.load("watchlists", Lists, Lists()) == Lists()
    assert "larger than" in documents.take_notices()[0].text


def test_documents_are_their_owners_alone(tmp_path: Path) -> None:
    Documents(tmp_path / "documents").save("watchlists", Lists())
    assert stat.S_IMODE((tmp_path / "documents").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "documents" / "watchlists.json").stat().st_mode) == 0o600


def test_a_failed_save_leaves_the_document_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = Documents(tmp_path)
    documents.save("watchlists", Lists(names=("SPY",)))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreUnavailable, match="No space left"):
        documents.save("watchlists", Lists(names=("QQQ",)))
    monkeypatch.undo()
    assert documents.load("watchlists", Lists, Lists()) == Lists(names=("SPY",))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["watchlists.json"]


@pytest.mark.parametrize("name", ["", "../etc", "a/b", "A", "x" * 65, ".hidden"])
def test_a_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="no name for a document"):
        Documents(tmp_path).save(name, Lists())


def test_a_document_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="too large"):
        Documents(tmp_path).save("watchlists", Lists(names=("x" * MAX_DOCUMENT_BYTES,)))


def test_breach_rules_are_a_document_like_any_other(tmp_path: Path) -> None:
    rules = BreachRules(
        rules=(BreachRule(name="rich skew", measure="rr25:30", symbols=(Symbol("SPY"),)), BreachRule(name="b", measure="gex"))
    )
    documents = Documents(tmp_path)
    assert documents.load(BREACH_RULES, BreachRules, BreachRules(rules=())).rules == ()
    documents.save(BREACH_RULES, rules)
    assert Documents(tmp_path).load(BREACH_RULES, BreachRules, BreachRules(rules=())) == rules
