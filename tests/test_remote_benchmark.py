"""Reading from a hub beside curl, by a real server on loopback and a real curl."""

import shutil
from pathlib import Path

import pytest

from benchmarks.remote import WAYS, remote_rows

LAYERS, WIDTH = 1, 2048


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not there")
def test_a_whole_file_is_read_once_and_a_sample_of_rows_is_less(tmp_path: Path) -> None:
    rows = {row.way: row for row in remote_rows(tmp_path, LAYERS, WIDTH, 0.001)}

    assert list(rows) == [name for way in WAYS for name in (f"{way}-curl", way)]
    whole = (tmp_path / "model.safetensors").stat().st_size
    assert whole <= rows["whole"].input_bytes <= 1.02 * whole
    assert rows["rows"].input_bytes < 0.6 * whole  # half of the rows are a sample
