"""What is kept to be said later, as it is said in English."""

from collections.abc import Mapping


def said(kept: Mapping[str, object]) -> dict[str, str]:
    """Say what is kept by name: why each venue does not answer."""
    return {name: str(words) for name, words in kept.items()}
