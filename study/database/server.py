"""The box's own Postgres: started on first use, shared by a data folder's processes, stopped by the last to leave.

Each process that uses the server holds a shared lock on ``members`` for as long as it lives, so a killed process needs
no clean-up: the next start finds the server alive and joins, and whoever then leaves last stops it. Liveness is a
connection, never a number in a file. Start and stop happen under one exclusive lock on the folder.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
import shlex
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from filelock import FileLock, Timeout
from psycopg.conninfo import make_conninfo

from study.database._account import account, binaries
from study.database.wire import StudyError, Unreachable

SUPERUSER = "supabase_admin"
ROLES = (SUPERUSER, "postgres", "authenticator")
START_SECONDS = 60
_SOCKET_LIMIT = 107 - len("/.s.PGSQL.5432.lock")
_NEW = "postgres.new-"
_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # the socket's name ends in it
    "unix_socket_permissions": "0777",  # the folder around the socket is the wall, the password the second one
    "max_connections": "60",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_error_verbosity": "terse",  # details quote values, and values may be what a reader wrote
}


class Server:
    """The Postgres server of one data folder.

    ``settings`` overrides Postgres' settings; it is for tests, whose data may be lost.
    """

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.expanduser().absolute()
        self._settings = {**_SETTINGS, **(settings or {})}
        self._account = account()
        self._member: int | None = None

    def start(self) -> None:
        """Start the server, or join it where another process has; initialise the folder on first use.

        Raises ``StudyError`` where the folder cannot hold a database, ``Unreachable`` where Postgres does not come up.
        """
        self._prepare()
        with self._lock():
            if self._member is None:
                self._member = os.open(self.data / "members", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._member, fcntl.LOCK_SH)
            if not self.alive():
                self._initialise()
                self._launch()
            if "started" not in self._note():  # also where whoever launched it was killed before saying so
                self._sign()

    def ensure(self) -> None:
        """Start the server again if it has gone; quick where it is alive."""
        if self._member is None or not self.alive():
            self.start()

    def stop(self) -> None:
        """Leave; the last to leave stops the server, if one of us started it."""
        if self._member is None:
            return
        with self._lock():
            fcntl.flock(self._member, fcntl.LOCK_UN)
            try:
                fcntl.flock(self._member, fcntl.LOCK_EX | fcntl.LOCK_NB)
                last = True
            except BlockingIOError:
                last = False
            if last and self._ours():
                self._halt()
            os.close(self._member)
            self._member = None

    @property
    def folder(self) -> Path:
        """Postgres' own data directory."""
        return self.data / "postgres"

    def connection_string(self, role: str = "authenticator", database: str = "postgres") -> str:
        """How ``role`` (supabase_admin, postgres or authenticator) connects; holds its password."""
        return make_conninfo(
            host=self._note().get("socket", ""),
            port=self._settings["port"],  # named, since the environment's PGPORT is for another server
            user=role,
            dbname=database,
            password=self._passwords()[role],
            connect_timeout=5,
            application_name="readerstudy",
        )

    def password(self, role: str) -> str:
        """The generated password of ``role``."""
        return self._passwords()[role]

    def alive(self) -> bool:
        """Whether the server takes connections; one that is merely full is alive."""
        if not (self.data / "server.json").exists() or not (self.data / "secrets.json").exists():
            return False
        try:
            psycopg.connect(self.connection_string(SUPERUSER)).close()
        except psycopg.OperationalError as fault:
            words = str(fault)
            if "authentication failed" in words:
                raise StudyError(
                    f"The passwords in {self.data / 'secrets.json'} are not this database's. "
                    "Restore the file from the same backup."
                ) from None
            return "too many clients" in words or "connection slots" in words
        return True

    # -- the folder ------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the data folder and see that the account that runs Postgres can walk into it."""
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            ours = not any(self.data.iterdir()) or (self.data / "lock").exists()
        except (PermissionError, NotADirectoryError, FileExistsError) as fault:
            raise StudyError(
                f"The data folder {self.data} cannot be used ({fault.strerror}). Choose another."
            ) from None
        if ours and not self._account.reaches(self.data) and self._account.reaches(self.data.parent):
            self.data.chmod(0o711)  # the folder itself is ours; nothing above it is touched
        if not self._account.reaches(self.data):
            raise StudyError(
                f"As root, Postgres runs as the account 'nobody', which cannot reach the data folder {self.data} "
                "because a folder on its path is closed to others. Choose one that is open, such as "
                "--data /var/lib/readerstudy, or run as a user."
            )

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """The exclusive lock under which the server is started and stopped."""
        lock = FileLock(self.data / "lock", timeout=2 * START_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout:
            raise Unreachable(
                f"Another process has been starting or stopping the database in {self.data} for two minutes. "
                "End it and try again."
            ) from None
        except OSError as fault:
            raise StudyError(
                f"The data folder {self.data} cannot be written ({fault.strerror}). Choose another."
            ) from None
        try:
            yield
        finally:
            lock.release()

    def _passwords(self) -> dict[str, str]:
        """The roles' passwords, made once and kept with mode 0600."""
        path = self.data / "secrets.json"
        if not path.exists():
            _write(path, json.dumps({role: secrets.token_urlsafe(32) for role in ROLES}))
        found: dict[str, str] = json.loads(path.read_text())
        return found

    def _note(self) -> dict[str, str]:
        """What the last start left: where the socket is, and which server it started."""
        path = self.data / "server.json"
        note: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return note

    def _initialise(self) -> None:
        """Create the database cluster, as a whole or not at all."""
        if self.folder.exists():
            return
        fresh = Path(tempfile.mkdtemp(prefix=_NEW, dir=self.data))  # a killed starter's initdb may still write its own
        (fresh / "cluster").mkdir(mode=0o700)
        password = fresh / "password"
        _write(password, self._passwords()[SUPERUSER])
        for path in (fresh, fresh / "cluster", password):
            self._account.own(path)
        choices = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-instructions"]
        choices += ["--no-sync"] if self._settings.get("fsync") == "off" else []
        self._postgres("initdb", "-D", fresh / "cluster", "-U", SUPERUSER, f"--pwfile={password}", *choices)
        (fresh / "cluster").rename(self.folder)
        for left in self.data.glob(f"{_NEW}*"):
            shutil.rmtree(left, ignore_errors=True)

    # -- the process -----------------------------------------------------------------------------------------------

    def _launch(self) -> None:
        """Start Postgres and wait until it takes connections."""
        self._clear_pid()
        if self.alive():
            return
        socket = self._socket_folder()
        settings = {**self._settings, "unix_socket_directories": f'"{socket}"'}
        options = " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())
        _write(self.data / "server.json", json.dumps({"socket": str(socket)}))
        log = self.folder / "start.log"
        self._postgres("pg_ctl", "-D", self.folder, "-l", log, "-w", "-t", str(START_SECONDS), "-o", options, "start")
        if not self.alive():
            raise Unreachable(f"Postgres started but takes no connections. Its log is in {self.folder / 'log'}.")

    def _halt(self) -> None:
        """Stop Postgres in good order; nothing to do where it was killed before."""
        try:
            self._postgres("pg_ctl", "-D", self.folder, "-m", "fast", "-w", "-t", str(START_SECONDS), "stop")
        except Unreachable:
            if self.alive():
                raise
        socket = Path(self._note().get("socket", self.data))
        if not socket.is_relative_to(self.data):
            shutil.rmtree(socket, ignore_errors=True)  # the short temporary one

    def _clear_pid(self) -> None:
        """Remove a pid file that a killed server left behind.

        Its number may by now belong to another process, which would keep Postgres from starting for ever. It is removed
        only when no process of this cluster is left that might still write; a killed server's end by themselves.
        """
        until = time.monotonic() + START_SECONDS
        while left := self._processes():
            if self.alive():
                return
            if time.monotonic() > until:
                raise Unreachable(
                    f"A Postgres in {self.folder} (process {min(left)}) does not answer. End it and try again."
                )
            time.sleep(0.05)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _processes(self) -> list[int]:
        """The processes that work in this cluster's directory, whatever any file says."""
        found = []
        for process in psutil.process_iter(["name"]):
            try:
                if process.info["name"] == "postgres" and process.cwd() == str(self.folder.resolve()):
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    def _postmaster(self) -> str:
        """The running server's identity: its number and its start, as its pid file states them."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except OSError:
            return ""
        return " ".join((lines[0], lines[2])) if len(lines) > 2 else ""

    def _sign(self) -> None:
        """Note that the running server is one of ours, to be stopped by the last of us."""
        _write(self.data / "server.json", json.dumps({**self._note(), "started": self._postmaster()}))

    def _ours(self) -> bool:
        """Whether the running server is one that a process of ours started."""
        return self._postmaster() != "" and self._note().get("started") == self._postmaster()

    def _socket_folder(self) -> Path:
        """A private folder for the socket: in the data folder, or a short temporary one where that path is too long."""
        folder = self.data / "run"
        if len(os.fsencode(folder)) > _SOCKET_LIMIT:
            kept = self._note().get("socket")
            if kept and Path(kept).is_dir() and Path(kept).parent != self.data:
                return Path(kept)
            mark = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:8]
            folder = Path(tempfile.mkdtemp(prefix=f"readerstudy-{mark}-", dir="/tmp"))
        folder.mkdir(exist_ok=True, mode=0o700)
        self._account.own(folder)
        folder.chmod(0o700 if self._account.uid is None else 0o711)
        return folder

    def _programs(self) -> Path:
        """The folder of Postgres' programs."""
        return binaries(self._account)

    def _postgres(self, program: str, *arguments: str | Path) -> None:
        """Run one of Postgres' programs; raise its last words where it fails."""
        done = self._account.run(self._programs() / program, *arguments)
        if done.returncode != 0:
            log = self.folder / "start.log"
            words = (
                (log.read_text(errors="replace") if log.exists() else done.stdout + done.stderr)
                .strip()
                .splitlines()[-3:]
            )
            raise Unreachable(
                f"{program} failed in {self.folder}: {' '.join(words)}. Its log is in {self.folder / 'log'}."
            )


def _write(path: Path, text: str) -> None:
    """Write a file of mode 0600 as a whole or not at all."""
    handle, made = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    os.replace(made, path)
