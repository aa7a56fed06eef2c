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
