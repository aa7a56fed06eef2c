"""What people call a coin."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.instruments import base_of


@given(st.text(max_size=60))
def test_any_word_names_a_plain_base_or_nothing(word: str) -> None:
    base = base_of(word)
    assert base == "" or (base.isalnum() and base.isascii() and len(base) <= 20)


@given(st.from_regex(r"[A-Z]{2,6}", fullmatch=True))
def test_a_base_is_found_again_in_its_own_symbols(base: str) -> None:
    plain = base_of(base)
    if plain == base:  # an alias such as XBT, or a name that is itself a suffix, means another
        for written in (f"{base}/USDT:USDT", f"{base}-USDT-SWAP".lower(), f"${base}"):
            assert base_of(written) == base
