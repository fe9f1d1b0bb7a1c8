"""Blocks of numbers of GGUF files: the browser takes each kind apart as the gguf library does."""

import base64
import struct
import tomllib
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quants
from gguf.quants import dequantize
from playwright.sync_api import Page
from test_check_measured import assert_equal, by_python, in_browser

from gguf_files import QUANTISED, SHAPES, random_blocks, write_gguf

NUMBERS = """async ([kind, text]) => {
  const { DTYPES, numbersIn } = await import("/assets/js/check/dtypes.js");
  const numbers = numbersIn(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)), DTYPES[kind]);
  return btoa(Array.from(new Uint8Array(numbers.buffer), (one) => String.fromCharCode(one)).join(""));
}"""
SIZES = """async () => {
  const { BLOCKS } = await import("/assets/js/check/blocks.js");
  return Object.fromEntries(Object.entries(BLOCKS).map(([name, one]) => [name, [one.numbers, one.size]]));
}"""
GRIDS = """async () => {
  const { GRIDS } = await import("/assets/js/check/grids.js");
  const each = ([name, { values, points }]) => [name, [values, points.replace(/\\s/g, "")]];
  return Object.fromEntries(Object.entries(GRIDS).map(each));
}"""
NOT_READ = (9, 24, 41, 99)  # sums, whole numbers, one that the library only names, a fork's


def test_every_kind_that_python_reads_is_read(modules_page: Page) -> None:
    assert modules_page.evaluate(SIZES) == {kind.name: list(GGML_QUANT_SIZES[kind]) for kind in QUANTISED}


def test_grids_are_those_of_the_library(modules_page: Page) -> None:
    own = {kind.qtype.name: kind for kind in vars(quants).values() if getattr(kind, "grid_hex", None)}
    del own["IQ1_M"]  # the same as those of IQ1_S
    assert modules_page.evaluate(GRIDS) == {
        name: [list(kind.grid_map), base64.b64encode(bytes.fromhex(kind.grid_hex.decode())).decode()]
        for name, kind in own.items()
    }


@pytest.mark.parametrize("kind", QUANTISED, ids=lambda kind: kind.name)
def test_blocks_of_any_content_mean_the_same_numbers_to_the_bit(modules_page: Page, kind: GGMLQuantizationType) -> None:
    rng = np.random.default_rng(11)
    blocks = random_blocks(kind, 400, rng)

    found = modules_page.evaluate(NUMBERS, [kind.name, base64.b64encode(blocks.tobytes()).decode()])

    numbers = np.frombuffer(base64.b64decode(found), np.float32)
    np.testing.assert_array_equal(numbers, dequantize(blocks, kind).reshape(-1))


@pytest.mark.parametrize("kind", ["Q4_0", "Q5_0", "Q8_0", "Q4_K", "Q5_K", "Q6_K", "IQ2_XS", "IQ3_S"])
def test_a_file_of_blocks_is_measured_as_in_python(modules_page: Page, tables: Any, tmp_path: Path, kind: str) -> None:
    file = tmp_path / "model.gguf"
    write_gguf(file, GGMLQuantizationType[kind])

    found = in_browser(modules_page, tables, [file])

    assert_equal(found, by_python(file, tmp_path / "data"))


def with_type(file: Path, number: int) -> None:
    """Says of each tensor in a file that its numbers are of another type."""
    content = bytearray(file.read_bytes())
    for layer, (name, shape) in product(range(2), SHAPES.items()):
        own = f"blk.{layer}.{name}".encode()
        struct.pack_into("<I", content, content.index(own) + len(own) + 4 + 8 * len(shape), number)
    file.write_bytes(content)


def test_kinds_that_are_not_read_get_the_same_sentence(modules_page: Page, tables: Any, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    found, wanted = {}, {}
    for number in NOT_READ:
        write_gguf(file, GGMLQuantizationType.F32)
        with_type(file, number)
        found[number] = in_browser(modules_page, tables, [file])["fault"]
        wanted[number] = tomllib.loads(by_python(file, tmp_path / str(number)).read_text())["not_testable"]

    assert found == wanted
    assert any("GGML type 9 (Q8_1), which is not read here" in said for said in found.values())
