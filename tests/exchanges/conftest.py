"""What the tests of exchanges share."""

from collections.abc import Iterator

import pytest
from stamina.instrumentation import set_on_retry_hooks


@pytest.fixture(autouse=True)
def _retries_are_not_logged() -> Iterator[None]:
    """Keep the retry library quiet: its log fields collide with those of standard records."""
    set_on_retry_hooks(())
    yield
    set_on_retry_hooks(None)


@pytest.fixture(autouse=True)
def _a_loaded_machine_is_no_venue_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for answers from the loopback, however long they take, and try as often as is said."""
    monkeypatch.setattr("bot.exchanges.client.TIMEOUT", 60.0)
    monkeypatch.setattr("bot.exchanges.client._TRYING", 60.0)
