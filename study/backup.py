"""A data folder to one file and back: the database as of one moment, the images, and a manifest that seals both.

The file is a tar of a logical dump, so what was erased from the record is not carried along, and a later version of
Postgres can read it. No password, session token or owner's secret is in it: a restored folder makes its own. What is in
it is confidential all the same (names, e-mail addresses, hashes of codes, answers, diagnoses), so it has mode 0600.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import BaseModel, ConfigDict, ValidationError

from study.chain import stamp
from study.database import Box, StudyError, open_box
from study.database._account import account, binaries
from study.database.server import SUPERUSER, Server
from study.verify import Verdict, verify

FORMAT = "readerstudy-backup-1"
DUMP, ROLES, MANIFEST, MEDIA = "database.dump", "roles.sql", "manifest.json", "media"
Tell = Callable[[str], None]


class Sealed(BaseModel):
    """One file of a backup."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str
    created_at: str
    software: str
    files: tuple[Sealed, ...]


@dataclass(frozen=True)
class Restored:
    """What a backup was, and what the check of each of its studies found."""

    manifest: Manifest
    verdicts: tuple[Verdict, ...]


def backup(box: Box, to: Path, tell: Tell = lambda words: None) -> Manifest:
    """Write the box to the file ``to``, which must not exist; the studies may go on meanwhile.

    Raises ``StudyError`` where the file is there already or cannot be written; nothing half written is left.
    """
    if to.exists():
        raise StudyError(f"{to} is there already. Name a new file; backups are not written over.")
    if not to.absolute().parent.is_dir():
        raise StudyError(f"The folder {to.absolute().parent} does not exist. Make it first, or choose another place.")
    with _folder(to.absolute().parent) as work:
        tell("Reading the database")
        _dump(box, work)
        tell("Packing database and images")
        return _pack(work, box.media, to)


def restore(source: Path, data: Path, tell: Tell = lambda words: None) -> Restored:
    """Make the data folder ``data`` from a backup and verify every study in it.

    Every file is held against the manifest before anything is made. Raises ``StudyError`` for a folder that is not
    empty and for a file that is no whole backup; what was begun is then removed again.
    """
    data = data.expanduser().absolute()
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise StudyError(f"{data} is not an empty folder. A backup is restored into a new one, never over another.")
    if not data.parent.is_dir():
        raise StudyError(f"The folder {data.parent} does not exist. Make it first, or choose another place.")
    with _folder(data.parent) as work:
        tell("Checking the backup's files")
        manifest = _unpack(source, work)
        with _removed_on_failure(data):
            tell("Restoring the database")
            _load(data, work)
            tell("Verifying every study")
            return Restored(manifest, _verified(data, work / MEDIA))


def _dump(box: Box, work: Path) -> None:
    """The database with its owners and rights, and the roles without their passwords."""
    dsn = box.server.connection_string(SUPERUSER, box.embedded.database)
    _program("pg_dump", dsn, "--format=custom", f"--file={work / DUMP}")
    _program("pg_dumpall", dsn, "--roles-only", "--no-role-passwords", f"--file={work / ROLES}")


def _pack(work: Path, media: Path, to: Path) -> Manifest:
    """One tar, written beside its place and moved there once it is on the disk."""
    named = [(DUMP, work / DUMP), (ROLES, work / ROLES)]
    named += [(f"{MEDIA}/{path.relative_to(media)}", path) for path in sorted(media.rglob("*")) if path.is_file()]
    sealed = tuple(Sealed(name=name, bytes=path.stat().st_size, sha256=_sha256(path)) for name, path in named)
    now = stamp(datetime.now(UTC))
    manifest = Manifest(format=FORMAT, created_at=now, software=version("readerstudy"), files=sealed)
    (work / MANIFEST).write_text(manifest.model_dump_json(indent=1), "utf-8")
    whole = work / "whole.tar"
    whole.touch(mode=0o600)
    with tarfile.open(whole, "w") as tar:
        for name, path in [(MANIFEST, work / MANIFEST), *named]:
            tar.add(path, name)
    with whole.open("rb") as file:
        os.fsync(file.fileno())
    try:
        os.link(whole, to)  # fails where the name has been taken meanwhile, which a rename would not
    except OSError as fault:
        raise StudyError(f"{to} cannot be written ({fault.strerror}). Choose another place.") from None
    return manifest


def _unpack(source: Path, work: Path) -> Manifest:
    """The backup's files in ``work``, each with the size and hash that the manifest names, and no other."""
    try:
        with tarfile.open(source) as tar:
            if any(not member.isfile() for member in tar):
                raise StudyError(f"{source} holds more than plain files; it is no backup of this program.")
            tar.extractall(work, filter="data")
        manifest = Manifest.model_validate_json((work / MANIFEST).read_bytes())
    except (OSError, tarfile.TarError, ValidationError, json.JSONDecodeError):
        raise StudyError(f"{source} is not a whole backup. Take another copy of it.") from None
    if manifest.format != FORMAT:
        raise StudyError(f"{source} has the format {manifest.format!r}; this version reads {FORMAT!r}.")
    wrong = [sealed.name for sealed in manifest.files if not _as_sealed(work / sealed.name, sealed)]
    found = {str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()} - {MANIFEST}
    wrong += sorted(found - {sealed.name for sealed in manifest.files})
    if wrong or not {DUMP, ROLES} <= found:
        raise StudyError(f"{source} is damaged: {', '.join(wrong) or 'the database'} is not as it was written.")
    return manifest


def _as_sealed(path: Path, sealed: Sealed) -> bool:
    return path.is_file() and path.stat().st_size == sealed.bytes and _sha256(path) == sealed.sha256


def _load(data: Path, work: Path) -> None:
    """A new cluster with new passwords, the roles, and the dump in one transaction."""
    server = Server(data)
    server.start()
    try:
        dsn = server.connection_string(SUPERUSER)
        with psycopg.connect(dsn, autocommit=True) as conn:
            for statement in _roles(work / ROLES):
                conn.execute(statement.encode())
            conn.execute("grant create, connect on database postgres to postgres")
        _program("pg_restore", dsn, "--exit-on-error", "--single-transaction", str(work / DUMP))
    finally:
        server.stop()


def _roles(path: Path) -> Iterator[str]:
    """The statements that make the roles; the superuser is there already, and psql's own lines are not SQL."""
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith(("--", "\\", "SET ", f"CREATE ROLE {SUPERUSER};", f"ALTER ROLE {SUPERUSER} ")):
            yield line


def _verified(data: Path, media: Path) -> tuple[Verdict, ...]:
    """The images put in place, the schema brought to this version, and each study checked."""
    with open_box(data) as box:
        if media.is_dir():
            shutil.copytree(media, box.media, dirs_exist_ok=True)
        studies = box.owner.call("studies")
        assert isinstance(studies, list)
        names = [str(one["study"]) for one in studies if isinstance(one, dict)]
        return tuple(verify(box.owner, name, box.images) for name in names)


def _program(name: str, dsn: str, *arguments: str) -> None:
    """Run one of Postgres' client programs; its password goes by the environment, which other accounts do not see."""
    parts = conninfo_to_dict(dsn)
    password = str(parts.pop("password", ""))
    plain = make_conninfo("", **{key: str(value) for key, value in parts.items() if value is not None})
    command: Sequence[str] = [str(binaries(account()) / name), f"--dbname={plain}", *arguments]
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "PGPASSWORD": password}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        words = " ".join((done.stderr or done.stdout).strip().splitlines()[-3:])
        raise StudyError(f"{name} failed: {words}. Check the space on the disk and try again.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    """A private working folder on the same disk as what is being made."""
    try:
        work = Path(tempfile.mkdtemp(prefix=".readerstudy-", dir=parent))
    except OSError as fault:
        raise StudyError(f"{parent} cannot be written ({fault.strerror}). Choose another place.") from None
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


@contextmanager
def _removed_on_failure(data: Path) -> Iterator[None]:
    """What was made in an empty or new folder goes again where the restoring fails; a folder that was there stays."""
    there = data.exists()
    try:
        yield
    except BaseException:
        for path in data.iterdir() if data.exists() else ():
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
        if not there and data.exists():
            data.rmdir()
        raise
