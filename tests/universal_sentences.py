"""Sentences that say something of all or of none, as templates, code, pages by hand and records hold them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import jinja2

from lineage.checks.wording import _ADDRESSES, _IDS, _NAMES, _THEIRS, _parts, written_records
from lineage.records import Correction, Dataset
from repository import ROOT

LINEAGE = ROOT / "scripts" / "lineage"
FILLED_IN = "…"
UNIVERSAL = re.compile(
    r"\b(?:none|nobody|nothing|nowhere|never|neither|every\w*|all|always|only|any|anybody|anyone|no|alone"
    r"|not one|not a single|without exception|each of them|both of them|in each case)\b",
    re.IGNORECASE,
)
_ABSENT = re.compile(r"\b(?:found|on record|here|published|public)\b", re.IGNORECASE)
_FEWEST_WORDS = 3  # fewer are a title or a cell
# Modules whose texts stand on pages, in charts or in the API.
_MODULES = (
    *("site/pages/**/*.py", "site/api/*.py", "site/citations.py", "site/claim_states.py"),
    *("site/blocks/charts.py", "site/blocks/curves.py", "site/blocks/strips.py"),
    *("methods/*.py", "exact/units.py", "exact/responses.py", "records/meanings.py", "records/provenance.py"),
    *(
        "evidence/facts.py",
        "evidence/independent_facts.py",
        "evidence/experiment/experiment_facts.py",
        "evidence/findings.py",
        "evidence/finding_tables.py",
        "evidence/error_tables.py",
    ),
    *("evidence/positions.py", "looking/*.py"),
)
_ENVIRONMENT = jinja2.Environment(trim_blocks=True, autoescape=True)


class Found(NamedTuple):
    """A sentence, with FILLED_IN for what a page fills in; where it stands; whether a condition decides on it."""

    sentence: str
    where: str
    conditional: bool


def universal_sentences(dataset: Dataset) -> Iterator[Found]:
    """Every such sentence of templates, of code, of pages by hand and of records, once for each place."""
    for path in _files("site/templates/**/*.j2"):
        if "zh" not in path.parts and not path.name.endswith(".css.j2"):
            yield from of_template(path.read_text("utf-8"), path.name)
    for pattern in _MODULES:
        for path in _files(pattern):
            yield from of_code(path.read_text("utf-8"), path.name)
    for path in sorted((ROOT / "docs").glob("*.md")):
        yield from (Found(said, path.name, False) for said in sentences(path.read_text("utf-8")))
    yield from of_records(dataset)


def _files(pattern: str) -> list[Path]:
    """The files of the package that fit a pattern; a pattern that fits none is a folder that moved, and fails."""
    found = sorted(LINEAGE.glob(pattern))
    assert found, f"scripts/lineage/{pattern} fits no file; say in tests/universal_sentences.py where they are now"
    return found


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text that say something of all or of none."""
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-#|]|\d+\.) )|\n(?=<)|(?<=>)\n", text):
        plain = " ".join(re.sub(r"<[^>]*>", " ", paragraph).split())
        for said in re.split(r"(?<=[.!?:])\s+(?=[A-Z*“…\[(])", plain):
            if UNIVERSAL.search(said) and len(said.split()) >= _FEWEST_WORDS:
                yield said.strip()


def of_template(source: str, name: str) -> Iterator[Found]:
    """Its prose, and the texts in its expressions; conditional where any of it stands inside an if or an empty loop."""
    texts, prose, inside, depth, word = [], [], [], 0, ""
    for _, kind, value in _ENVIRONMENT.lex(source):
        if kind == "data":
            prose.append(value)
            inside += [depth > 0] * len(value)
        elif kind == "variable_begin":
            prose.append(FILLED_IN)
            inside.append(depth > 0)
        elif kind == "block_begin":
            word = "block"
        elif kind == "name" and word == "block":
            depth += {"if": 1, "for": 1, "endif": -1, "endfor": -1}.get(value, 0)
            word = value
        elif kind == "string" and " " in value:
            texts.append((value[1:-1], depth > 0 or word == "if"))
    whole = "".join(prose)
    conditional = {said for piece in _pieces(whole, inside) for said in sentences(piece)}
    for said in sentences(whole):
        yield Found(said, name, said in conditional or FILLED_IN in said)
    for text, decided in texts:
        for said in sentences(text):
            yield Found(said, name, decided or "%(" in said)


def _pieces(whole: str, inside: list[bool]) -> Iterator[str]:
    """The paragraphs of which any letter stands inside a condition."""
    start = 0
    for paragraph in re.split(r"(\n\s*\n)", whole):
        if any(inside[start : start + len(paragraph)]):
            yield paragraph
        start += len(paragraph)


def of_code(source: str, name: str) -> Iterator[Found]:
    """The texts of a module that are no docstrings; conditional, since code chooses them."""
    tree = ast.parse(source)
    defined = (ast.Module, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    skipped = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, defined) and _documented(node)}
    skipped |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else FILLED_IN for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            text = node.value
        yield from (Found(said, name, True) for said in sentences(text))


def _documented(node: ast.Module | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef) -> bool:
    return bool(node.body) and isinstance(node.body[0], ast.Expr)


def of_records(dataset: Dataset) -> Iterator[Found]:
    """Sentences of ours in records: our readings, those without a source, and those that say what was not found.

    What a source says stands beside that source; corrections say what once was wrong.
    """
    for record in written_records(dataset):
        if isinstance(record, Correction):
            continue
        for _, part in _parts(record):
            sourced = bool(getattr(part, "sources", ())) and not getattr(part, "ours", False)
            for key, value in part:
                if key in _ADDRESSES | _IDS | _NAMES | _THEIRS or key.endswith(("_sources", "_url")):
                    continue
                for text in value if isinstance(value, tuple) else (value,):
                    if isinstance(text, str):
                        where = Path(record.path).relative_to("data").as_posix()
                        found = (said for said in sentences(text) if not sourced or _ABSENT.search(said))
                        yield from (Found(said, where, False) for said in found)
