"""What is said of usual slips fits the slip; names are compared as readers see them."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import check
from lineage.checks.kinds.identities import check_names
from lineage.records import Column, Source
from lineage.records.fields import visible, visible_name
from lineage.records.provenance import documented_lineage
from lineage.store.parsing.faults import DataError
from lineage.store.parsing.records import parse_record
from lineage.store.parsing.tables import parse_table
from repository import RECORD, RECORD_DAY, tiny

SLIPS = {
    "released = 2025-11": "a month stands in quotes",
    "released = 2025/07/02": "without quotes as year, month and day",
    "released = 2.7.2025": "without quotes as year, month and day",
    "released = 2025-7-2": "without quotes as year, month and day",
    "released = 2025–07–02": "without quotes as year, month and day",
    "released = 2025年7月2日": "without quotes as year, month and day",
    "released = 2025-02-30": "there is no such day",
    "released = 2 July 2025": "a day is written as in 2025-07-05",
    "released = Jul. 2025": "a month as in",
    "ours = True": "write true or false, in small letters",
    "ours = yes": "write true or false, in small letters",
    "licence = None": "leave the key out where nothing is known",
    "licence = ": "write the value, or leave the key out",
    "total = 1,100,000": "no separators of thousands; write 1100000",
    "total = 1 100 000": "no separators of thousands; write 1100000",
    "score = 0,93": "a number has a decimal point",
    "score = .5": "a digit before and after its point",
    "score = 5.": "a digit before and after its point",
    "layers = 048": "does not start with 0",
    "share = 50 %": "write the number alone",
    "title = “Some words”": "quotes are straight",
    "kind: primary": 'a key and its value have "=" between them',
    'sources = ["a" "b"]': 'a list ends in "]" and has commas',
    "title = Some words": "a text stands in double quotes",
}


@pytest.mark.parametrize("line", SLIPS)
def test_what_is_said_of_a_line_that_is_not_toml_fits_it(line: str) -> None:
    with pytest.raises(DataError) as error:
        parse_record(f'id = "x"\n{line}\nname = "y"\n', Source, "data/sources/x.toml")

    (problem,) = error.value.problems
    assert problem.line == 2
    assert SLIPS[line] in problem.message


def test_a_key_that_stands_twice_is_named_with_both_lines() -> None:
    with pytest.raises(DataError) as error:
        parse_record('id = "x"\ntitle = "y"\n[a]\nid = "z"\n\nid = "x"\n', Source, "data/sources/x.toml")

    (problem,) = error.value.problems
    assert problem.message == "is not TOML: the key 'id' stands in line 4 already; keep one of them"
    assert problem.line == 6


@pytest.mark.parametrize(("sign", "named"), [(";", "';'"), ("\t", "a tab"), ("|", "'|'")])
def test_a_table_with_another_separator_is_told_which(sign: str, named: str) -> None:
    columns = [Column(name="model", title="Model", kind="text"), Column(name="value", title="Value", kind="number")]

    with pytest.raises(DataError) as error:
        parse_table(f"model{sign}value\na{sign}1\n", columns, ["model"], "data/x.csv")

    assert [problem.message for problem in error.value.problems] == [
        f"has {named} between its cells; save it with commas, and points in numbers"
    ]


@pytest.mark.parametrize("name", ["می\u200cخواهم", "क्\u200dष", "Qwen", "通义千问"])
def test_names_of_scripts_that_spell_with_joiners_may_have_them(name: str) -> None:
    assert visible_name(name) == name


@pytest.mark.parametrize("name", ["Qw\u200cen", "می\u200c", "می\u200c\u200cخ", "\u200dQwen", "می\u202eخ"])
def test_what_nobody_sees_is_refused_elsewhere(name: str) -> None:
    for read in (visible_name, visible):
        with pytest.raises(ValueError, match="invisible character"):
            read(name)


@pytest.mark.parametrize("maker", ["alibaba", "ALIBABA", "Ali\u00a0baba", "Ａlibaba", "Ali-baba"])
def test_two_spellings_of_one_maker_are_no_two_makers(maker: str) -> None:
    dataset = tiny()
    spelt = {"Qwen/Qwen2.5-14B": "Alibaba", "meta-llama/Llama-2-7b-hf": maker}
    changed = {name: dataset.models[name].model_copy(update={"maker": one}) for name, one in spelt.items()}
    dataset = replace(dataset, models={**dataset.models, **changed})

    assert len({documented_lineage(dataset).makers[name] for name in spelt}) == 1
    assert any("which is on record; write it so" in problem.message for problem in check_names(dataset))


def test_the_folder_may_have_any_name(tmp_path: Path) -> None:
    other = shutil.copytree(RECORD, tmp_path / "our record")
    source = next((other / "sources").glob("*.toml"))
    source.write_text(source.read_text().replace('kind = "', 'kind = "x'))

    _, problems = check.find_problems(other, RECORD_DAY)

    assert [problem.path for problem in problems] == [f"data/sources/{source.name}"]
    assert problems[0].line is not None
