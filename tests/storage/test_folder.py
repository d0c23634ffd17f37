"""What the data folder keeps beside the database is whole or not there, and says so when it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from engine.errors import Rejected
from storage import folder
from storage.folder import forget_address, kept_secret, tell_address, told_address


def test_a_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    made = kept_secret(tmp_path / "data", "secret-key")
    assert len(made) >= 32
    assert kept_secret(tmp_path / "data", "secret-key") == made
    assert os.name == "nt" or (tmp_path / "data" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret-key"]


def test_a_disk_that_fills_up_leaves_no_half_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder.os, "fsync", full)
    with pytest.raises(Rejected, match="No space left"):
        kept_secret(tmp_path, "secret-key")
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    assert kept_secret(tmp_path, "secret-key")


@pytest.mark.parametrize("content", [b"", b"  \n", b"two words", b"\xff\x00\x10", b"first\nsecond", "ключ".encode()])
def test_a_damaged_secret_is_named_and_not_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(Rejected, match=r"secret-key is empty or damaged.*backup"):
        kept_secret(tmp_path, "secret-key")
    assert (tmp_path / "secret-key").read_bytes() == content


def test_a_file_where_the_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(Rejected, match=r"is a file.*SIGNALBOX_DATA"):
        kept_secret(tmp_path / "data", "secret-key")
    with pytest.raises(Rejected, match=r"cannot be made.*SIGNALBOX_DATA"):
        kept_secret(tmp_path / "data" / "below", "secret-key")


def test_a_folder_whose_name_is_too_long_is_said(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match=r"cannot be made.*SIGNALBOX_DATA"):
        kept_secret(tmp_path / ("d" * 300), "secret-key")


def test_an_address_is_left_found_and_taken_back(tmp_path: Path) -> None:
    assert told_address(tmp_path) == ""
    tell_address(tmp_path, "http://127.0.0.1:8321")
    tell_address(tmp_path, "http://127.0.0.1:8322")
    assert told_address(tmp_path) == "http://127.0.0.1:8322"
    forget_address(tmp_path)
    forget_address(tmp_path)
    assert told_address(tmp_path) == ""


@pytest.mark.parametrize("content", [b"\xff\xff", b"ftp://x", b"http://a b", b"", b"x" * 100_000])
def test_what_is_no_address_is_not_followed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / folder.ADDRESS).write_bytes(content)
    assert told_address(tmp_path) == ""
