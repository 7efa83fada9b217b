"""A bundle that comes as .zip is unpacked whole, or refused whole with nothing left behind."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from study.bundle import check
from study.bundle_archive import ArchiveRefused, unpacked
from tests.synthetic_bundle import synthetic_bundle


def packed(entries: dict[str, bytes], modes: dict[str, int] | None = None) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    out.seek(0)
    return out


def test_a_packed_folder_is_unpacked_to_a_bundle_without_faults(tmp_path: Path) -> None:
    folder = synthetic_bundle(tmp_path / "bundle", 2)
    files = {f"bundle/{f.relative_to(folder).as_posix()}": f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    into = tmp_path / "into"
    into.mkdir()
    found = unpacked(packed({**files, "__MACOSX/._study.yaml": b"x"}), into)
    assert found == into / "bundle"
    assert check(found).ok


@pytest.mark.parametrize("name", ["../study.yaml", "/etc/study.yaml", "a/../../b", "a\\..\\b", "C:/study.yaml"])
def test_a_name_that_leaves_the_folder_is_refused_and_nothing_is_written(tmp_path: Path, name: str) -> None:
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(ArchiveRefused, match="outside"):
        unpacked(packed({"study.yaml": b"title: x", name: b"y"}), into)
    assert list(into.iterdir()) == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["into"]


def test_a_symbolic_link_is_refused(tmp_path: Path) -> None:
    link = packed({"cases/x/case.yaml": b"/etc/passwd"}, {"cases/x/case.yaml": stat.S_IFLNK | 0o777})
    with pytest.raises(ArchiveRefused, match="link"):
        unpacked(link, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_archive_that_grows_past_the_bound_is_refused_also_where_its_directory_lies(tmp_path: Path) -> None:
    big = packed({"study.yaml": b"0" * 50_000})
    with pytest.raises(ArchiveRefused, match="larger"):
        unpacked(big, tmp_path, max_bytes=10_000)
    told = big.getvalue().replace((50_000).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    with pytest.raises(ArchiveRefused):
        unpacked(io.BytesIO(told), tmp_path, max_bytes=10_000)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_archive_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArchiveRefused, match=r"not a whole \.zip"):
        unpacked(io.BytesIO(b"PK but no archive"), tmp_path)
