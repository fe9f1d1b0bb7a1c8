"""Texts that our stages write are one text of a TOML file, whatever stands in them."""

import tomllib

import pytest

from lineage.store.toml_text import ascii_toml


@pytest.mark.parametrize("text", ["a\U0001f600b", "\\ud83d\\ude00", "x\x7fy", "\u00e9\u4e2d", 'one "two"\n', ""])
def test_a_text_is_read_as_it_was(text: str) -> None:
    written = ascii_toml([text, 1])

    assert written.isascii()
    assert tomllib.loads(f"key = {written}") == {"key": [text, 1]}
