"""Blocks of numbers of GGUF files: the browser takes each kind apart as the gguf library does."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize
from playwright.sync_api import Page
from test_check_measured import assert_equal, by_python, in_browser

from gguf_files import QUANTISED, random_blocks, write_gguf

NUMBERS = """async ([kind, text]) => {
  const { DTYPES, numbersIn } = await import("/assets/js/check/dtypes.js");
  const numbers = numbersIn(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)), DTYPES[kind]);
  return btoa(Array.from(new Uint8Array(numbers.buffer), (one) => String.fromCharCode(one)).join(""));
}"""
SIZES = """async () => {
  const { BLOCKS } = await import("/assets/js/check/blocks.js");
  return Object.fromEntries(Object.entries(BLOCKS).map(([name, one]) => [name, [one.numbers, one.size]]));
}"""
GRIDS = {kind for kind in QUANTISED if kind.name.startswith(("IQ1", "IQ2", "IQ3"))}  # not read in the browser
READ = [kind for kind in QUANTISED if kind not in GRIDS]


def test_every_kind_that_needs_no_table_of_its_own_is_read(modules_page: Page) -> None:
    assert modules_page.evaluate(SIZES) == {kind.name: list(GGML_QUANT_SIZES[kind]) for kind in READ}


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.name)
def test_blocks_of_any_content_mean_the_same_numbers_to_the_bit(modules_page: Page, kind: GGMLQuantizationType) -> None:
    rng = np.random.default_rng(11)
    blocks = random_blocks(kind, 400, rng)

    found = modules_page.evaluate(NUMBERS, [kind.name, base64.b64encode(blocks.tobytes()).decode()])

    numbers = np.frombuffer(base64.b64decode(found), np.float32)
    np.testing.assert_array_equal(numbers, dequantize(blocks, kind).reshape(-1))


@pytest.mark.parametrize("kind", ["Q4_0", "Q5_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K"])
def test_a_file_of_blocks_is_measured_as_in_python(modules_page: Page, tables: Any, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "model.gguf"
    write_gguf(file, GGMLQuantizationType[kind])

    found = in_browser(modules_page, tables, [file])

    assert_equal(found, by_python(file, tmp_path / "data"))


def test_a_kind_that_is_not_read_gets_a_sentence(modules_page: Page, tables: Any, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    write_gguf(file, GGMLQuantizationType.IQ2_XS)

    found = in_browser(modules_page, tables, [file])

    assert "has the type IQ2_XS, which the browser does not read" in found["fault"]
