"""Every input that fuzzing found once, and small sound files: read, or refused with one clear error."""

from pathlib import Path

import pytest

from every_reader import read_everything

CASES = sorted((Path(__file__).parent / "fuzz_cases").iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_case_that_fuzzing_found_is_read_or_refused(case: Path) -> None:
    read_everything(case.read_bytes())
