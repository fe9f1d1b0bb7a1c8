"""A data folder that other code derived: the build says what is missing and what to run."""

import shutil
from pathlib import Path

import pytest

from lineage.site.pages import build_pages
from lineage.site.pages.case_facts import MissingFactError
from lineage.store.files import load_dataset
from repository import RECORD


@pytest.mark.parametrize("name", ["derivations.count", "derivations.adapters"])
def test_a_number_that_is_not_derived_is_named_with_what_to_run(tmp_path: Path, name: str) -> None:
    data = Path(shutil.copytree(RECORD, tmp_path / "data"))
    facts = data / "derived" / "facts.csv"
    lines = facts.read_text(encoding="utf-8").splitlines(keepends=True)
    facts.write_text("".join(line for line in lines if f",{name}," not in line), encoding="utf-8")
    dataset, _ = load_dataset(data)

    with pytest.raises(MissingFactError, match=f"lacks '{name}'.*make derive"):
        list(build_pages(dataset))
