"""The modules that the measuring threads run, joined into one script, so that a new thread loads no further file."""

import re
from pathlib import Path

MODULES = Path(__file__).resolve().parents[5] / "docs" / "assets" / "js" / "check"
FIRST = "worker.js"
_IMPORT = re.compile(r'^import (\{[^}]+\}) from "\./([\w-]+\.js)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function\*?|const|class) (\w+)", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


def joined_script(folder: Path = MODULES, first: str = FIRST) -> str:
    """A module and all its imports, each wrapped in a function, imported modules before their importers."""
    order: list[str] = []
    _follow(folder, first, order, ())
    return "\n".join(['"use strict";', *(_in_a_function(folder, name) for name in order)])


def _follow(folder: Path, name: str, order: list[str], way: tuple[str, ...]) -> None:
    if name in way:
        raise ValueError(f"{name}: imports itself, by way of {', '.join(way[way.index(name) :])}")
    for _, imported in _IMPORT.findall(_text(folder, name)):
        if imported not in order:
            _follow(folder, imported, order, (*way, name))
    order.append(name)


def _in_a_function(folder: Path, name: str) -> str:
    text = _text(folder, name)
    exported = ", ".join(variable for _, variable in _EXPORT.findall(text))
    inside = _IMPORT.sub(
        lambda imported: f"const {imported[1]} = {_variable(imported[2])};", _EXPORT.sub(r"\1 \2", text)
    )
    if statement := _LEFT.search(inside):
        raise ValueError(f"{name}: {statement[0]} is not joined here; write it as the other modules do")
    return f"const {_variable(name)} = (() => {{\n{inside}return {{ {exported} }};\n}})();"


def _variable(name: str) -> str:
    return "module_" + name.removesuffix(".js").replace("-", "_")


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
