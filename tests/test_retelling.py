"""English that was made elsewhere is told by its form, whatever a stranger makes of such a form."""

import pytest

from lineage.site.languages import CHINESE
from lineage.site.retelling import _HOLE, _patterns, retold
from lineage.site.told_forms import FORMS
from test_linear_time import grows_by_the_square


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_found_in_time_by_the_length_of_a_text(form: str) -> None:
    pattern = dict(_patterns())[form]
    first, *others = _HOLE.split(form)[::2]
    between = "".join(others[:-1]) or "x"

    assert not grows_by_the_square(pattern.fullmatch, f"a{between}", end="\x00")
    assert not grows_by_the_square(lambda text: pattern.fullmatch(first + text), f"a{between}", end="\x00")


def test_forms_a_thousandfold_within_each_other_are_told_or_stay() -> None:
    for form in FORMS:
        parts = _HOLE.split(form)[::2]
        for hole in range(len(parts) - 1):
            before = parts[0] + "".join(f"1{part}" for part in parts[1 : hole + 1])
            after = parts[hole + 1] + "".join(f"1{part}" for part in parts[hole + 2 :])
            assert "x" in retold(before * 1000 + "x" + after * 1000, CHINESE)


def test_each_form_is_told_with_what_its_holes_hold() -> None:
    for form in FORMS:
        names = {name: f"name-{place}" for place, name in enumerate(_HOLE.findall(form))}
        if CHINESE.known(form):
            told = retold(form % names, CHINESE)
            assert all(name in told for name in names.values()), form
