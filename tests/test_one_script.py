"""The modules that the threads of the page "Check a model" run, joined in one script."""

from pathlib import Path

import pytest

from lineage.site.pages.checking.one_script import MODULES, joined_script


def write(folder: Path, **modules: str) -> Path:
    for name, text in modules.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_what_is_imported_stands_once_and_before_what_imports_it(tmp_path: Path) -> None:
    write(
        tmp_path,
        worker='import { two } from "./two.js";\nimport { one } from "./one-more.js";\nconst said = [one, two()];\n',
        two='import { one } from "./one-more.js";\nexport function two() {\n  return one;\n}\n',
        **{"one-more": "export const one = 1;\nexport async function other() {}\n"},
    )

    assert joined_script(tmp_path) == (
        '"use strict";\n'
        "const module_one_more = (() => {\nconst one = 1;\nasync function other() {}\nreturn { one, other };\n})();\n"
        "const module_two = (() => {\nconst { one } = module_one_more;\nfunction two() {\n  return one;\n}\n"
        "return { two };\n})();\n"
        "const module_worker = (() => {\nconst { two } = module_two;\nconst { one } = module_one_more;\n"
        "const said = [one, two()];\nreturn {  };\n})();"
    )


@pytest.mark.parametrize(
    "text",
    [
        'import * as two from "./two.js";\n',
        'import { one } from "../two.js";\n',
        "export default 1;\n",
        "export let one = 1;\n",
        'import { one } from "./worker.js";\n',
    ],
)
def test_what_cannot_be_joined_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"^worker\.js: "):
        joined_script(write(tmp_path, worker=text, two="export const one = 1;\n"))


def test_every_line_of_the_modules_is_there() -> None:
    joined = {line.strip() for line in joined_script().splitlines()}
    lines = [line for name in ("names", "worker") for line in (MODULES / f"{name}.js").read_text().splitlines()]

    assert {line.strip() for line in lines if not line.startswith(("import ", "export "))} <= joined
