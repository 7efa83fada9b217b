"""A backup comes back as the same record in a new folder, or not at all."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from study.backup import backup, restore
from study.database import Box, StudyError, open_box
from study.database.media import MediaFolder
from study.verify import verify
from tests.home import BoxHome
from tests.small_study import IMAGE, SmallStudy, small_study


@pytest.fixture
def study(fresh_box: Box) -> SmallStudy:
    """A study under way with two readers, one of them erased."""
    made = small_study(fresh_box)
    first = made.add_reader()
    made.read(first, made.readings(first)[0]["reading"], ["Flu"])
    second = made.add_reader()
    made.read(second, made.readings(second)[0]["reading"], ["Unmistakable words"], upto=4)
    made.act("withdraw_reader", member=made.members[1], mode="erase", reason="asked")
    return made


@pytest.fixture
def saved(study: SmallStudy, fresh_box: Box, tmp_path: Path) -> Path:
    """Such a study's backup."""
    path = tmp_path / "backup.tar"
    backup(fresh_box, path)
    return path


def test_a_restored_folder_holds_the_same_record_and_goes_on(study: SmallStudy, saved: Path, data_folder: Path) -> None:
    before = verify(study.home.owner, study.study, study.home.images)
    restored = restore(saved, data_folder)
    assert [verdict.line for verdict in restored.verdicts] == [before.line]
    assert restored.verdicts[0].holds
    with open_box(data_folder) as box:
        assert MediaFolder(box.media).path(IMAGE).is_file()
        study.home = BoxHome(box)
        reader = box.wire(study.tokens[0])
        page = study.read(reader, study.readings(reader)[1]["reading"], ["Flu"])
        assert page["state"] == "completed"


def test_a_backup_is_private_and_carries_no_secret_and_nothing_erased(fresh_box: Box, saved: Path) -> None:
    assert saved.stat().st_mode & 0o777 == 0o600
    with tarfile.open(saved) as tar:
        assert {name.split("/")[0] for name in tar.getnames()} == {
            "manifest.json",
            "database.dump",
            "roles.sql",
            "media",
        }
    raw = saved.read_bytes()
    for role in ("supabase_admin", "postgres", "authenticator"):
        assert fresh_box.server.password(role).encode() not in raw
    assert fresh_box.owner_token.encode() not in raw
    assert b"SCRAM-SHA-256" not in raw
    assert not list(saved.parent.glob(".readerstudy-*"))


def test_neither_a_file_nor_a_folder_is_written_over(fresh_box: Box, saved: Path, data_folder: Path) -> None:
    with pytest.raises(StudyError, match="is there already"):
        backup(fresh_box, saved)
    (data_folder / "mine.txt").write_text("kept")
    with pytest.raises(StudyError, match="not an empty folder"):
        restore(saved, data_folder)
    assert [path.name for path in data_folder.iterdir()] == ["mine.txt"]


def test_a_damaged_backup_is_refused_before_anything_is_made(saved: Path, data_folder: Path) -> None:
    raw = bytearray(saved.read_bytes())
    place = raw.index(b"PGDMP") + 2000
    raw[place] ^= 1
    saved.write_bytes(raw)
    with pytest.raises(StudyError, match=r"is damaged: database\.dump"):
        restore(saved, data_folder)
    saved.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(StudyError, match="not a whole backup"):
        restore(saved, data_folder)
    saved.write_text("hello")
    with pytest.raises(StudyError, match="not a whole backup"):
        restore(saved, data_folder)
    assert list(data_folder.iterdir()) == []
