"""Branches that try to slip something past the reviewer: each is refused, or the first lines of its report name it."""

import re
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from branches import (
    append,
    branch_of,
    commit,
    derive,
    edit,
    first_commit,
    git,
    lay_out_data,
    lay_out_few_controls,
    source_text,
    told,
)
from lineage.review.change import Change
from lineage.review.differing_text import in_a_line
from lineage.review.report import MOST, unlike_kinds_first
from repository import ROOT
from test_changes import OWNER, REPLY, REPLY_TEXT
from test_diff import KEPT

pytestmark = pytest.mark.usefixtures("kept_by_this_run")
BESIDE = ("mkdocs.yml", "mkdocs.zh.yml", "CITATION.cff", "docs")
RUNS, CURVES = "data/controls/runs.csv", "data/controls/loss-curves.csv"
PAIRS = "data/published/tensorlock-root-pairs.csv"
CASE = "data/cases/pangu-qwen/case.toml"
TENSORLOCK, DESIGN = "data/published/tensorlock.toml", "data/designs/factorial.toml"
LLAMA, CHINESE = "data/families/llama.toml", "data/translations/zh.po"
MEASURED = "sre-embedding-model_sre-embedding-model"
STRANGER = "https://github.com/stranger"
NEW_RUN = "dense-48-r1-08"  # none of those that the controls below keep


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository like ours, without measurements, whose only commit is main."""
    folder = tmp_path_factory.mktemp("main")
    lay_out_data(folder, ROOT / "data", KEPT)
    lay_out_few_controls(folder)
    for name in BESIDE:
        place = ROOT / name
        (shutil.copytree if place.is_dir() else shutil.copyfile)(place, folder / name)
    derive(folder)
    return first_commit(folder)


@pytest.fixture
def fork(main: Path, tmp_path: Path) -> Path:
    return branch_of(main, tmp_path / "fork")


def swapped(folder: Path, name: str, column: int) -> None:
    """Two cells of a column change places, so that every sum and quantile of the column stays."""
    lines = [line.split(",") for line in (folder / name).read_text("utf-8").splitlines()]
    first = lines[1]
    second = next(line for line in lines[2:] if line[column] != first[column])
    first[column], second[column] = second[column], first[column]
    (folder / name).write_text("".join(",".join(line) + "\n" for line in lines), "utf-8")


def with_its_checksum(folder: Path, table: str, record: str, change: Callable[[], None]) -> None:
    before = sha256((folder / table).read_bytes()).hexdigest()
    change()
    edit(folder, record, before, sha256((folder / table).read_bytes()).hexdigest())


def medians_swapped(folder: Path) -> None:
    swapped(folder, PAIRS, 5)
    derive(folder)


def medians_swapped_with_the_checksum(folder: Path) -> None:
    with_its_checksum(folder, PAIRS, "data/published/tensorlock.toml", lambda: swapped(folder, PAIRS, 5))
    derive(folder)


def leafbench_cells(folder: Path) -> None:
    table = "data/published/leafbench-methods.csv"
    with_its_checksum(folder, table, "data/published/leafbench.toml", lambda: swapped(folder, table, 1))


def ghostspec_cells(folder: Path) -> None:
    table = "data/published/ghostspec-figure-5.csv"
    last = len((folder / table).read_text("utf-8").splitlines()[0].split(",")) - 1
    with_its_checksum(folder, table, "data/published/ghostspec.toml", lambda: swapped(folder, table, last))


def a_published_figure(folder: Path) -> None:
    edit(folder, "data/published/honestagi.toml", "value = 0.927", "value = 0.827")
    derive(folder)


def meaning_turned_round_in_chinese(folder: Path) -> None:
    path = folder / "data/translations/zh.po"
    path.write_text(path.read_text("utf-8").replace("并非基于其他厂商", "确实基于其他厂商", 1), "utf-8")


def a_translation_emptied(folder: Path) -> None:
    path = folder / "data/translations/zh.po"
    text = re.sub(r'msgstr "未有定论：[^\n]*"', 'msgstr ""', path.read_text("utf-8"), count=1)
    path.write_text(text, "utf-8")


def a_loss(folder: Path) -> None:
    edit(folder, RUNS, "1.36313", "0.36313")


def a_loss_in_both_tables(folder: Path) -> None:
    for name in (RUNS, CURVES):
        edit(folder, name, "1.36313", "1.26313")


def a_checksum_of_a_run(folder: Path) -> None:
    edit(folder, RUNS, "62528097a4f1a0c2", "62528097a4f1a0c3")


def a_kind_of_a_run(folder: Path) -> None:
    edit(folder, RUNS, ",seed,", ",finetune,")


def a_table_that_nothing_gives(folder: Path) -> None:
    shutil.copy(ROOT / "data/derived/positions.csv", folder / "data/derived/positions.csv")


def scores_that_nothing_gives(folder: Path) -> None:
    shutil.copy(ROOT / "data/derived/scores.csv", folder / "data/derived/scores.csv")


def a_link_out_of_the_repository(folder: Path) -> None:
    (folder / "docs/assets/passwd.txt").symlink_to("/etc/passwd")


def a_linked_folder(folder: Path) -> None:
    (folder / "docs/assets/etc").symlink_to("/etc")


def a_link_in_place_of_data(folder: Path) -> None:
    (folder / "data/sources/leafbench-repo.toml").unlink()
    (folder / "data/sources/leafbench-repo.toml").symlink_to("/etc/passwd")


def a_page_that_runs(folder: Path) -> None:
    (folder / "docs/x.html").write_text("<script>alert(1)</script>", "utf-8")


def a_picture_that_runs(folder: Path) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    (folder / "docs/assets/x.svg").write_text(picture, "utf-8")


def a_picture_that_runs_when_loaded(folder: Path) -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
    (folder / "docs/assets/favicon.svg").write_text(picture, "utf-8")


def a_script_on_a_page(folder: Path) -> None:
    with (folder / "docs/about.md").open("a", encoding="utf-8") as file:
        file.write('\n<img src="x" onerror="alert(1)">\n')


def results_in_a_committed_folder(folder: Path) -> None:
    (folder / ".make/kept/x").mkdir(parents=True)
    (folder / ".make/kept/x/y").write_text("[]", "utf-8")


def results_behind_a_link(folder: Path) -> None:
    (folder / "results").mkdir()
    (folder / "results/y").write_text("[]", "utf-8")
    (folder / ".make").symlink_to("results")


def a_built_site(folder: Path) -> None:
    (folder / "site").mkdir()
    (folder / "site/index.html").write_text("x", "utf-8")


def blinded_by_attributes(folder: Path) -> None:
    (folder / ".gitattributes").write_text("data/** export-ignore\n*.toml -text filter=x\n", "utf-8")
    commit(folder, "attributes")
    edit(folder, "data/cases/pangu-qwen/case.toml", "was not incrementally trained", "was incrementally trained")


def trivial_records(folder: Path, number: int) -> None:
    for place in range(number):
        (folder / f"data/sources/a-{place}.toml").write_text(source_text(f"a-{place}"), "utf-8")


def a_flood_before_a_statement(folder: Path) -> None:
    trivial_records(folder, 400)
    edit(folder, "data/cases/pangu-qwen/case.toml", "was not incrementally trained", "was incrementally trained")


def a_flood_of_problems_before_one(folder: Path) -> None:
    trivial_records(folder, 1100)
    (folder / "data/cases/pangu-qwen/claim-hardware.toml").unlink()
    a_checksum_of_a_run(folder)


def code_beside_data(folder: Path) -> None:
    edit(folder, "mkdocs.yml", "Cases:", "Crimes:")
    (folder / ".github").mkdir()
    (folder / ".github/x.yml").write_text("on: push\n", "utf-8")
    trivial_records(folder, 1)


# What is done; whether it is refused; words of the first five lines of the report.
BRANCHES: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "medians swapped": (medians_swapped, True, "another sha256 than the table has now"),
    "medians and their checksum": (medians_swapped_with_the_checksum, True, "no pin of its record moved"),
    "cells of LeaFBench": (leafbench_cells, True, "leafbench-methods.csv: holds other cells than before"),
    "cells of GhostSpec": (ghostspec_cells, True, "ghostspec-figure-5.csv: holds other cells than before"),
    "a published figure": (a_published_figure, True, "'value' 0.927 and has 0.827"),
    "Chinese turned round": (meaning_turned_round_in_chinese, False, "并非基于其他厂商"),
    "Chinese emptied": (a_translation_emptied, False, "未有定论"),
    "a loss": (a_loss, True, "0.36313"),
    "a loss in both tables": (a_loss_in_both_tables, True, "what was made here are gone or edited"),
    "the checksum of a run": (a_checksum_of_a_run, True, "what was made here are gone or edited"),
    "the kind of a run": (a_kind_of_a_run, True, "'seed' in the plan"),
    "a table that nothing gives": (a_table_that_nothing_gives, True, "positions.csv: is "),
    "scores that nothing gives": (scores_that_nothing_gives, True, "scores.csv: is what no input gives"),
    "a link": (a_link_out_of_the_repository, True, "docs/assets/passwd.txt: is a symbolic link"),
    "a linked folder": (a_linked_folder, True, "docs/assets/etc: is a symbolic link"),
    "a link in data": (a_link_in_place_of_data, True, "is a symbolic link"),
    "a page that runs": (a_page_that_runs, True, "docs/x.html: does not belong here"),
    "a picture that runs": (a_picture_that_runs, True, "holds &lt;script>"),
    "a picture that runs when loaded": (a_picture_that_runs_when_loaded, True, "has the attribute 'onload'"),
    "a script on a page": (a_script_on_a_page, True, "has the attribute 'onerror'"),
    "committed results": (results_in_a_committed_folder, True, ".make/kept/x/y: is committed"),
    "results behind a link": (results_behind_a_link, True, ".make: is a symbolic link"),
    "a built site": (a_built_site, True, "site/index.html: is committed"),
    "attributes": (blinded_by_attributes, False, "its model was incrementally trained"),
    "a flood before a statement": (a_flood_before_a_statement, False, "its model was incrementally trained"),
    "a flood of problems": (a_flood_of_problems_before_one, True, "claim-hardware.toml: is gone"),
    "code beside data": (code_beside_data, False, "Also changes code: 2 file(s) (.github/x.yml, mkdocs.yml)"),
}


@pytest.mark.parametrize("name", BRANCHES)
def test_a_hostile_branch_is_refused_or_named_in_the_first_five_lines(name: str, fork: Path) -> None:
    change, refused, wanted = BRANCHES[name]
    change(fork)
    git(fork, "add", "-A", "-f")
    git(fork, "commit", "-q", "-m", name)

    code, words, _ = told(fork)

    assert code == (2 if refused else 0)
    assert words.startswith("**Do not merge") == refused
    assert wanted in "\n".join(words.splitlines()[:5])
    assert words.endswith("End of the report.\n")
    assert len(words) < MOST + 10_000


def replaced_everywhere(folder: Path, name: str, pattern: str, words: str, count: int = 0) -> None:
    text = (folder / name).read_text("utf-8")
    found, number = re.subn(pattern, words, text, count=count)
    assert number
    (folder / name).write_text(found, "utf-8")


def roles_swapped(folder: Path) -> None:
    edit(folder, LLAMA, '"self_attn.q_proj" = "q"', '"self_attn.q_proj" = "k"')
    edit(folder, LLAMA, '"self_attn.k_proj" = "k"', '"self_attn.k_proj" = "q"')


def norms_read_otherwise(folder: Path) -> None:
    edit(folder, LLAMA, "read_in = ", "gains_less_one = true\nread_in = ")


def an_address_behind_translations(folder: Path) -> None:
    replaced_everywhere(folder, CHINESE, r'(?m)^(msgstr "[^"\n]*?)的', r"\1之")
    edit(folder, "data/models/qwen_qwen2.5-14b.toml", 'value = "Qwen/Qwen2.5-14B"', 'value = "Qwem/Qwen2.5-14B"')


def a_package_of_nearly_the_name(folder: Path) -> None:
    edit(folder, "data/models/sapiens_sapiens-vl.toml", '"sapiens==1.0.5"', '"sapines==1.0.5"')


def an_account_that_looks_alike(folder: Path) -> None:
    edit(folder, "data/models/qwen_qwen2.5-14b.toml", 'value = "Qwen/Qwen2.5-14B"', 'value = "Qvven/Qwen2.5-14B"')


def repeated(by: str) -> Callable[[Path], None]:
    words = 'date = 2026-11-28\nweights = "downloaded again"\ncommand = "make measure-packaged"\nmachine = "x"\n'
    return lambda folder: append(folder, f"data/reproductions/{MEASURED}.toml", f"\n[[repeats]]\n{by}\n{words}")


def a_measurement_with_its_checksums(folder: Path) -> None:
    """Another day, so that nothing says that the same was made in the same way, and the record that it was repeated."""
    table, record = f"data/fingerprints/{MEASURED}.csv", f"data/fingerprints/{MEASURED}.toml"
    again = f"data/reproductions/{MEASURED}.toml"
    with_its_checksum(folder, table, again, lambda: edit(folder, table, "0.0", "0.1"))
    with_its_checksum(
        folder, record, again, lambda: replaced_everywhere(folder, record, "(?m)^date = .*", "date = 2026-11-28")
    )


def a_reproduction_gone(folder: Path) -> None:
    (folder / f"data/reproductions/{MEASURED}.toml").unlink()
    derive(folder)


def a_descent_gone(folder: Path) -> None:
    replaced_everywhere(folder, TENSORLOCK, r"\[\[descents\]\][^\[]*\[[^\]]*\]\n", "", 1)
    derive(folder)


def a_design_written_anew(folder: Path) -> None:
    edit(folder, DESIGN, "No run of this design had been started.", "Some runs of this design had been started.")


def a_question_asked_afterwards(folder: Path) -> None:
    asked = 'question = "Asked later?"\ncomparison = "All."\nstatistic = "Any."\ncells = ["dense-48"]\n'
    append(folder, DESIGN, f'\n[[questions]]\nid = "late"\n{asked}')


def a_design_gone(folder: Path) -> None:
    (folder / DESIGN).unlink()


def one_pin_more(folder: Path) -> None:
    with_its_checksum(folder, PAIRS, TENSORLOCK, lambda: swapped(folder, PAIRS, 5))
    pin = f'[[pins]]\nrepository = "github.com/x/y"\ncommit = "{"a" * 40}"\nfile = "x.csv"\nsha256 = "{"b" * 64}"\n\n'
    edit(folder, TENSORLOCK, "[[tables]]", f"{pin}[[tables]]")
    derive(folder)


def another_commit_of_the_same_content(folder: Path) -> None:
    with_its_checksum(folder, PAIRS, TENSORLOCK, lambda: swapped(folder, PAIRS, 5))
    edit(folder, TENSORLOCK, "d2562ed5663700fc", "e2562ed5663700fc")
    derive(folder)


def a_translation_of_a_new_text(folder: Path) -> None:
    append(folder, CHINESE, '\nmsgid "A text that stands nowhere."\nmsgstr "另一句话。"\n')


def a_translation_that_no_page_shows(folder: Path) -> None:
    append(folder, CHINESE, '\n#, fuzzy\nmsgid "A text that stands nowhere."\nmsgstr "另一句话。"\n')


def words_in_a_header(folder: Path) -> None:
    edit(folder, CHINESE, '"Language: zh\\n"', '"Language: zh\\n"\n"Team: of the maker\\n"')


def what_a_new_source_shows(folder: Path) -> None:
    append(folder, "data/sources/a-page.toml", source_text("a-page", shows="What was said later."))


def a_source_called_the_makers(folder: Path) -> None:
    page = source_text("a-page", kind="primary", publisher="arXiv", url="https://arxiv-papers.example/1")
    append(folder, "data/sources/a-page.toml", page)


def a_run_that_nobody_made(folder: Path) -> None:
    for name in ("runs", "loss-curves", "profiles"):
        path = folder / f"data/controls/factorial-{name}.csv"
        lines = path.read_text("utf-8").splitlines()
        known = "dense-48-r1-01,"
        own = [line.replace(known, f"{NEW_RUN},", 1) for line in lines if line.startswith(known)]
        new = [line.replace("dense-48,r1,1,", "dense-48,r1,8,", 1) for line in own]
        path.write_text("\n".join([*lines, *new, ""]), "utf-8")
    derive(folder)


def a_test_of_no_runs(folder: Path) -> None:
    append(folder, "data/controls/factorial-tests.csv", "dense-48-r7-09,dense-48-r8-09,300,heads,2,0.9,-9,-127.02,\n")


def a_rung_that_nobody_made(folder: Path) -> None:
    last = (folder / "data/controls/ladder.csv").read_text("utf-8").splitlines()[-1]
    append(folder, "data/controls/ladder.csv", last.replace("ladder/", "ladder/zz-", 1) + "\n")


def a_reply_in_anothers_account(folder: Path) -> None:
    append(folder, REPLY, REPLY_TEXT)


def a_model_documented_as_derived(folder: Path) -> None:
    base = 'base_model = "Qwen/Qwen2.5-14B"\nbase_model_relation = "finetune"\nbase_model_sources = ["pangu-report"]\n'
    about = 'id = "ascend-tribe/Lite"\nname = "Pangu Lite"\nmaker = "Huawei"\nsources = ["pangu-report"]\n'
    append(folder, "data/models/ascend-tribe_lite.toml", about + base)
    derive(folder)


def a_claim_in_the_place_of_anothers(folder: Path) -> None:
    fields = 'claimant = "HonestAGI, a GitHub account"\nclaimant_role = "accuser"\ndate = 2025-07-20\n'
    words = 'statement = "HonestAGI reports that it may be coincidence."\nsupersedes = ["claim-similarity"]\n'
    models = 'models = ["ascend-tribe/pangu-pro-moe-model", "Qwen/Qwen2.5-14B"]\nsources = ["honestyagi-readme"]\n'
    could = '[check.could]\ntext = "A test."\nsources = ["honestyagi-readme"]\n'
    check = f'[check]\nlooked = 2026-11-28\nlooked_in = "x"\n{could}'
    head = 'id = "claim-again"\nkind = "claim"\nsubject = "similarity"\ntitle = "Alike"\n'
    append(folder, "data/cases/pangu-qwen/claim-again.toml", head + fields + words + models + check)


def our_words_given_to_a_source(folder: Path) -> None:
    replaced_everywhere(folder, "data/cases/pangu-qwen/case.toml", r"\n(?:direction_)?ours = true(?=\n)", "", 2)


def what_a_claim_rests_on(folder: Path) -> None:
    replaced_everywhere(folder, "data/cases/pangu-qwen/claim-similarity.toml", r"(?m)^evidence = .*\n", "")


def how_a_column_is_printed(folder: Path) -> None:
    edit(
        folder, "data/published/leafbench.toml", 'title = "Accuracy", kind =', 'digits = 0, title = "Accuracy", kind ='
    )


def a_package_said_to_be_opened(folder: Path) -> None:
    page = source_text("a-page", read="package opened here", package="x==1.0")
    append(folder, "data/sources/a-page.toml", page)


def a_quotation_without_its_place(folder: Path) -> None:
    quote = '[quote]\ntext = "very much alike"\nsource = "honestyagi-readme"\nwhere = "not recorded"\n\n[check]\n'
    edit(folder, "data/cases/pangu-qwen/claim-similarity.toml", "[check]\n", quote)


def an_event_between_others(folder: Path) -> None:
    event = 'date = 2025-07-05\ntext = "The Lab says nothing more."\nsources = ["noahs-ark-statement"]\n\n[[history]]\n'
    edit(folder, "data/cases/pangu-qwen/claim-similarity.toml", "date = 2025-07-05\n", f"{event}date = 2025-07-05\n")


def one_figure_more(folder: Path) -> None:
    models = 'model_a = "ascend-tribe/pangu-pro-moe-model"\nmodel_b = "Qwen/Qwen2.5-14B"\nvalue = 0.999\n'
    words = 'measure = "correlation"\nwhere = "README"\nsources = ["honestyagi-readme"]\n'
    append(folder, "data/published/honestagi.toml", f'\n[[figures]]\nid = "again"\n{models}{words}')


def gone_through_today(folder: Path) -> None:
    replaced_everywhere(folder, "data/cases/pangu-qwen/case.toml", "(?m)^reviewed = .*", "reviewed = 2026-11-27")


def times_of_others(folder: Path) -> None:
    replaced_everywhere(folder, "data/benchmarks/site.toml", r"(?m)^cpu_seconds = .*$", "cpu_seconds = 99.04", count=1)


def set_of_the_pair(value: float, more: str = "") -> str:
    about = 'id = "again"\ntitle = "Scores in a blog"\nsource = "substack-controversy"\n'
    about += 'method = "Standard-deviation profile"\n'
    words = 'scale = "from -1 to 1"\ndescription = "Scores, unverified, of some models."\n\n'
    models = 'model_a = "ascend-tribe/pangu-pro-moe-model"\nmodel_b = "Qwen/Qwen2.5-14B"\n'
    measure = 'measure = "mean correlation of four curves over depth"\nwhere = "paragraph 3"\n'
    rests = 'sources = ["substack-controversy"]\nunverified = true\n'
    return f'{about}{words}[[figures]]\nid = "pair"\n{models}value = {value}\n{measure}{rests}{more}'


def a_set_about_the_pair(folder: Path) -> None:
    append(folder, "data/published/again.toml", set_of_the_pair(0.999))
    derive(folder)


def a_threshold_in_a_new_set(folder: Path) -> None:
    threshold = 'value = 0.5\ntext = "Above it, unverified, a model is derived."\nsources = ["substack-controversy"]\n'
    append(folder, "data/published/again.toml", set_of_the_pair(0.999, f"\n[[thresholds]]\n{threshold}"))
    derive(folder)


def another_score_for_the_case(folder: Path) -> None:
    append(folder, "data/published/again.toml", set_of_the_pair(0.112))
    edit(folder, CASE, 'score = "honestagi/pangu-qwen2.5-14b"', 'score = "again/pair"')
    derive(folder)


def trivial_edits(folder: Path) -> None:
    """Four small edits that do no harm, each of a kind that stands above most."""
    edit(folder, CASE, "The report on Pangu Pro MoE says that its", "The report about Pangu Pro MoE says that its")
    edit(folder, CASE, "the parameters add up to", "the parameters sum to")
    edit(folder, CHINESE, "的权重是否由", "的权重是不是由")
    trivial_records(folder, 2)


def reply_of_a_user(folder: Path, name: str) -> None:
    about = f'id = "response-{name}"\nkind = "response"\ntitle = "Thanks"\nclaimant = "A {name} of the models"\n'
    when = 'claimant_role = "user"\ndate = 2026-11-25\nmodels = ["Qwen/Qwen2.5-14B"]\n'
    words = 'statement = "A user thanks this site."\nanswers = ["claim-similarity"]\n'
    reply = f'[reply]\ntext = """\nThank you.\n"""\nowner = "{STRANGER}"\nreceived = 2026-11-25\n'
    append(folder, f"data/cases/pangu-qwen/response-{name}.toml", about + when + words + reply)


def behind(change: Callable[[Path], None]) -> Callable[[Path], None]:
    """The same behind trivial edits and two replies."""

    def both(folder: Path) -> None:
        change(folder)
        trivial_edits(folder)
        for name in ("reader", "user"):
            reply_of_a_user(folder, name)

    return both


def front_page_turned_round(folder: Path) -> None:
    text = (folder / CASE).read_text("utf-8")
    start = text.index("[[home]]")
    turned = text[start:].replace("was not incrementally trained from", "was incrementally trained from", 1)
    assert turned != text[start:]
    (folder / CASE).write_text(text[:start] + turned, "utf-8")


def front_page_turned_round_after_a_typo(folder: Path) -> None:
    edit(folder, CASE, '[[home]]\ntext = "In July 2025', '[[home]]\ntext = "In July of 2025')
    front_page_turned_round(folder)


def plain_words_of_the_figure(folder: Path) -> None:
    edit(folder, CASE, "It does not say that 92.7 % of the", "It says that 92.7 % of the")


def chinese_turned_round_among_others(folder: Path) -> None:
    meaning_turned_round_in_chinese(folder)
    path = folder / CHINESE
    head, *rest = path.read_text("utf-8").split("\n\n")
    styled = [
        re.sub(r'(msgstr ".*?)的', r"\1之", one, count=1) if place % 40 == 0 else one for place, one in enumerate(rest)
    ]
    path.write_text("\n\n".join([head, *styled]), "utf-8")


def a_source_said_to_be_withdrawn(folder: Path) -> None:
    event = 'date = 2026-11-20\nstate = "withdrawn"\nreported_by = ["honestyagi-readme"]\nnote = "It was taken back."\n'
    append(folder, "data/sources/noahs-ark-statement.toml", f"\n[[history]]\n{event}")


def an_address_taken_from_a_source(folder: Path) -> None:
    withheld = 'address_withheld = "it is known to nobody"'
    replaced_everywhere(folder, "data/sources/reuters-techstandard.toml", "(?m)^url = .*", withheld)


def claim_about(kind: str, who: str, role: str, more: str) -> str:
    held = {
        "id": "a-remark",
        "kind": kind,
        "subject": "licence",
        "title": "A remark",
        "claimant": who,
        "claimant_role": role,
        "statement": "It is said that the training began from other weights.",
    }
    words = "".join(f'{key} = "{value}"\n' for key, value in held.items())
    models = 'date = 2025-08-01\nmodels = ["ascend-tribe/pangu-pro-moe-model"]\nsources = ["honestyagi-readme"]\n'
    return f"{words}{models}{more}"


CITED = 'sources = ["honestyagi-readme"]\n'
CHECK = f'[check]\nlooked = 2026-11-28\nlooked_in = "pages"\n[check.could]\ntext = "A test."\n{CITED}'


def a_maker_made_to_say(folder: Path) -> None:
    answers = f'answers = ["claim-similarity"]\n{CHECK}'
    response = claim_about("response", "Huawei, the Pangu team of Noah's Ark Lab", "maker", answers)
    append(folder, "data/cases/pangu-qwen/a-remark.toml", response)


def claim_with_a_header(folder: Path, header: str, happened: str = "It is read.") -> None:
    points = f'\n[licence]\nfile = "a.py"\nheader = ["{header}"]\ncopyright = ["Alibaba"]\n'
    points += "".join(f'[licence.{of}]\ntext = "It says nothing more."\n{CITED}' for of in ("for_code", "for_weights"))
    history = f'\n[[history]]\ndate = 2025-08-02\ntext = "{happened}"\n{CITED}'
    text = claim_about("claim", "A reader on a forum", "third_party", CHECK + points + history)
    append(folder, "data/cases/pangu-qwen/a-remark.toml", text)


def a_header_that_judges(folder: Path) -> None:
    claim_with_a_header(folder, "All of this was stolen")


def what_is_said_to_have_happened_to_a_new_claim(folder: Path) -> None:
    claim_with_a_header(folder, "Apache", "The maker is silent, as those are who have something to hide.")


def a_design_of_ones_own(folder: Path) -> None:
    text = (folder / DESIGN).read_text("utf-8")
    (folder / "data/designs/earlier.toml").write_text(text.replace('id = "factorial"', 'id = "earlier"', 1), "utf-8")


def a_benchmark_of_ones_own(folder: Path) -> None:
    text = (folder / "data/benchmarks/site.toml").read_text("utf-8").replace('id = "site"', 'id = "again"')
    (folder / "data/benchmarks/again.toml").write_text(text, "utf-8")


NEW_PAIR = "new, a number of others of the pair of a case: id: pair"
# What goes behind trivial edits, and is named all the same.
HIDDEN: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "a set about the pair": (a_set_about_the_pair, False, NEW_PAIR),
    "another score for the case": (another_score_for_the_case, False, "the figure of a case shows is another"),
    "the front page turned round": (front_page_turned_round, False, "was incrementally trained from another"),
    "a source said to be withdrawn": (a_source_said_to_be_withdrawn, False, "the source is now withdrawn, as honesty"),
    "an address taken from a source": (an_address_taken_from_a_source, False, "an address is taken away"),
    "roles swapped": (roles_swapped, False, "what a tensor of every model of a family is read as"),
}

# The same of what a stranger sends, whose account is no maintainer's.
BY_A_STRANGER: dict[str, tuple[Callable[[Path], None], bool, str]] = {
    "roles swapped": (roles_swapped, False, "self_attn.q_proj: what a tensor of every model of a family is read as"),
    "norms read otherwise": (norms_read_otherwise, False, "gains less one: what a tensor of every model of a family"),
    "an address behind translations": (an_address_behind_translations, False, "is nearly Qwen, and is not it"),
    "a package of nearly the name": (a_package_of_nearly_the_name, False, "is nearly sapiens, and is not it"),
    "an account that looks alike": (an_account_that_looks_alike, True, "'Qvven' looks like 'qwen' on huggingface.co"),
    "repeated by a maintainer": (repeated('by = "maintainer"'), True, "says that maintainer made it again"),
    "repeated by CI": (repeated('by = "continuous integration"'), True, "says that continuous integration made it"),
    "repeated by another": (
        repeated('by = "second person"\naccount = "https://github.com/another"'),
        True,
        "github.com/another made it again on 2026-11-28; this change is by",
    ),
    "repeated by the stranger": (
        repeated(f'by = "second person"\naccount = "{STRANGER}"'),
        False,
        "which counts if somebody else had sent it",
    ),
    "a measurement with its checksums": (a_measurement_with_its_checksums, True, "comes in one change with"),
    "a reproduction gone": (a_reproduction_gone, True, f"{MEASURED}.toml: is gone, and data/fingerprints"),
    "a descent gone": (a_descent_gone, False, "which training runs count as one is told otherwise"),
    "a design written anew": (a_design_written_anew, True, "'informed_by': is another than before its results"),
    "a question asked afterwards": (a_question_asked_afterwards, True, "'questions': is another than before"),
    "a design gone": (a_design_gone, True, "factorial.toml: is gone; say what stood there"),
    "one pin more": (one_pin_more, True, "no pin of its record moved to other content"),
    "another commit": (another_commit_of_the_same_content, True, "no pin of its record moved to other content"),
    "a translation of a new text": (a_translation_of_a_new_text, False, "translation is new: in zh: A text that"),
    "a translation on no page": (a_translation_that_no_page_shows, False, "in zh, on no page: A text that stands"),
    "words in a header": (words_in_a_header, False, "Team: of the maker"),
    "what a source shows": (what_a_new_source_shows, False, "(secondary, A press, example.org): What was said later."),
    "a source called the maker's": (a_source_called_the_makers, False, "their other pages on record are elsewhere"),
    "a run that nobody made": (a_run_that_nobody_made, True, "of what is said to have been made here"),
    "a test of no runs": (a_test_of_no_runs, True, "'dense-48-r7-09' has no row in factorial-runs.csv"),
    "a rung that nobody made": (a_rung_that_nobody_made, True, "ladder.csv: 1 row(s) are new"),
    "a reply in another's account": (a_reply_in_anothers_account, True, "send it with that account"),
    "documented as derived": (a_model_documented_as_derived, False, "new, what a model is said to be made from"),
    "in the place of another's": (a_claim_in_the_place_of_anothers, False, "new, what it takes the place of"),
    "our words given to a source": (our_words_given_to_a_source, False, "whose words these are"),
    "what a claim rests on": (what_a_claim_rests_on, False, "what a claim rests on is another"),
    "how a column is printed": (how_a_column_is_printed, False, "what a table of others is said to hold is another"),
    "a package said to be opened": (a_package_said_to_be_opened, True, "says that one of us opened the package"),
    "a quotation without its place": (a_quotation_without_its_place, True, "'where' is not recorded; write its page"),
    "an event between others": (an_event_between_others, False, "history 2: date: 2025-07-05; text: The Lab says"),
    "one figure more": (one_figure_more, False, "figures 2: id: again; model a: ascend-tribe/pangu-pro-moe-model"),
    "gone through today": (gone_through_today, False, "when the record was gone through as a whole"),
    "a set about the pair": (a_set_about_the_pair, False, f"{NEW_PAIR}; model_a: ascend-tribe/pangu-pro-moe-model"),
    "a threshold in a new set": (a_threshold_in_a_new_set, False, "0.5; text: Above it, unverified"),
    "the plain words of the figure": (plain_words_of_the_figure, False, "It says that 92.7 % of the"),
    "after a typo": (front_page_turned_round_after_a_typo, False, "was incrementally trained from"),
    "Chinese among others": (chinese_turned_round_among_others, False, "确实基于其他厂商"),
    "a maker made to say": (a_maker_made_to_say, False, "as sources report, and not the party itself: It is said"),
    "a header that judges": (a_header_that_judges, True, "licence.header: 'stolen' judges"),
    "a new claim's history": (what_is_said_to_have_happened_to_a_new_claim, False, "something to hide"),
    "a design of one's own": (a_design_of_ones_own, False, "new, what was fixed before the first result"),
    "a benchmark of one's own": (a_benchmark_of_ones_own, False, "new, what a tool is said to have measured here"),
    **{f"{name} behind others": (behind(change), *rest) for name, (change, *rest) in HIDDEN.items()},
    "times of others": (times_of_others, False, "what a tool is said to have measured here is another"),
}


@pytest.fixture(scope="module")
def measured_main(main: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with one measured model that was measured again, and all that people fixed before results."""
    folder = tmp_path_factory.mktemp("measured")
    shutil.copytree(main / "data", folder / "data")
    lay_out_data(folder, ROOT / "data", ("families", "designs", "benchmarks", "parameters"))
    for place in ("fingerprints", "reproductions"):
        (folder / "data" / place).mkdir()
        for file in sorted((ROOT / "data" / place).glob(f"{MEASURED}.*")):
            shutil.copy(file, folder / "data" / place)
    derive(folder)
    return first_commit(folder)


@pytest.mark.parametrize("name", BY_A_STRANGER)
def test_a_branch_of_a_stranger_is_refused_or_named_in_the_first_five_lines(
    name: str, measured_main: Path, tmp_path: Path
) -> None:
    change, refused, wanted = BY_A_STRANGER[name]
    fork = branch_of(measured_main, tmp_path / "fork")
    change(fork)
    commit(fork, name)

    code, words, _ = told(fork, "--author", STRANGER)

    assert wanted in "\n".join(words.splitlines()[:5]).replace("\\/", "/")
    assert words.startswith("**Do not merge") == refused == (code == 2)


def test_a_new_run_is_one_line_where_nobody_says_who_sends_it(measured_main: Path, tmp_path: Path) -> None:
    fork = branch_of(measured_main, tmp_path / "fork")
    a_run_that_nobody_made(fork)
    commit(fork, "a run")

    code, words, _ = told(fork)

    assert code == 0
    assert f"results of a run that nobody made again: {NEW_RUN}:" in "\n".join(words.splitlines()[:5])
    assert words.count("results of a run that nobody made again") == 2  # in the first lines and in the table


def test_of_many_changes_of_one_kind_two_unlike_ones_stand_first() -> None:
    many = [Change("serious", f"{number}", sort="a") for number in range(9)]
    changes = [*many, Change("serious", "b", sort="b"), Change("statement", "c")]

    first = unlike_kinds_first(changes)

    assert [change.what for change in first[:4]] == ["0", "b", "c", "1"]
    assert sorted(change.what for change in first) == sorted(change.what for change in changes)


def test_two_long_texts_are_shown_where_they_part() -> None:
    same = "It is so. " * 100
    line = in_a_line(Change("statement", "x", f"{same}It is denied.", f"{same}It is admitted."))

    assert "It is denied. → …" in line
    assert line.endswith("It is admitted.")
    assert in_a_line(Change("statement", "x", "a" * 400, "b")) == f"x: {'a' * 400} → b"


def test_every_place_where_two_long_texts_differ_is_shown() -> None:
    same = "It is said of both, and by whom. " * 20
    before = f"In July it began. {same}The model was not made from another. {same}Nobody knows."
    after = before.replace("In July", "In July of 2025").replace("was not made", "was made")
    chinese = "盘古的模型并非基于其他厂商的模型训练而来。"
    padded = "两种模型的层数和宽度在各自的页面上给出，大小相同。" * 20

    line = in_a_line(Change("statement", "x", before, after))
    turned = chinese.replace("并非", "确实")
    other = in_a_line(Change("translation", "x", f"因此，{padded}{chinese}", f"所以，{padded}{turned}"))

    assert "In July it began" in line
    assert "In July of 2025 it began" in line
    assert "The model was not made from another" in line
    assert "The model was made from another" in line
    assert len(line) < len(before)
    assert all(words in other for words in ("因此", "所以", "并非基于", "确实基于"))


def test_of_a_flood_everything_is_counted_and_the_whole_report_has_it(fork: Path, tmp_path: Path) -> None:
    a_flood_before_a_statement(fork)
    commit(fork, "a flood")

    _, words, _ = told(fork, "--whole", str(tmp_path / "whole.md"))
    whole = (tmp_path / "whole.md").read_text("utf-8")

    assert "400 records are new" in words.splitlines()[0]
    hidden = sum(int(number.replace(",", "")) for number in re.findall(r"\*\*([\d,]+) more of these", words))
    assert hidden + len(re.findall(r"(?m)^\| data/sources/a-\d+", words)) >= 400
    assert len(set(re.findall(r"(?m)^\| data/sources/a-\d+", whole))) == 400
    assert words.index("1 statement is another\n") < words.index("400 records are new\n")


@pytest.mark.parametrize(
    ("author", "refused"), [(OWNER, False), ("https://github.com/somebody-else", True), ("", True)]
)
def test_a_maker_edits_its_own_reply_and_nobody_elses_edit_passes(author: str, refused: bool, fork: Path) -> None:
    (fork / REPLY).write_text(REPLY_TEXT, "utf-8")
    commit(fork, "a reply")
    edit(fork, REPLY, "First paragraph.", "Another first paragraph.")
    commit(fork, "its words")

    code, words, _ = told(fork, *(["--author", author] if author else []), base="HEAD~1")

    assert ("a reply that only" in words) == refused
    assert words.startswith("**Do not merge") == refused == (code == 2), words[:1500]
    assert "Another first paragraph." in "\n".join(words.splitlines()[:5])
