"""data/, docs/ -> site/, as a whole or not at all: a build that fails leaves the last good site where it is."""

import argparse
import os
import runpy
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import check
from lineage.site.out.manifest import NAME, manifest_text
from lineage.site.out.sitemap import remove_days
from lineage.store.children import ended_children
from lineage.store.commits import last_commit
from lineage.store.disk_words import in_words, refusal_in
from lineage.store.edition import find_edition, read_citation
from lineage.store.files import load_dataset
from lineage.store.folder import list_files
from lineage.store.swap import replacing
from lineage.store.writing import write_file
from translate import wants_translating

ROOT = Path(__file__).resolve().parent.parent
EDITIONS = {"English": ("mkdocs.yml", ""), "Chinese": ("mkdocs.zh.yml", "zh")}  # settings, and folder of the site


PUBLISH = "PUBLISH"  # set in the environment of a build whose pages are to be published


class BuildError(Exception):
    """Why nothing was built, in words."""


def build_environment(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The environment of a build: commit and time are those of git where it knows them, whatever was set before."""
    _, seconds = last_commit(root)
    base = {**environment, "NO_MKDOCS_2_WARNING": "1"}
    if seconds:
        base.pop("SOURCE_COMMIT", None)
        base["SOURCE_DATE_EPOCH"] = seconds
    return base


def replace_site(site: Path, root: Path, environment: Mapping[str, str]) -> list[int]:
    """Puts a new site in place of the last one; the size of each of its files. BuildError, OSError: nothing changed."""
    _check_target(site, root)
    with replacing(site, site.parent / f".{site.name}-build", _say_waiting) as new:
        if check.main(["--data", str(root / "data")]):
            raise BuildError("the data has problems")
        build_into(new, root, environment)
        return [(new / name).stat().st_size for name in list_files(new)]


def build_into(site: Path, root: Path, environment: Mapping[str, str]) -> None:
    """Writes the pages of every language and the manifest into an empty folder; BuildError or OSError.

    The languages are built at once, each in a process of its own and in a folder of its own: MkDocs empties its folder
    first, and that of one language lies within that of another.
    """
    editions = {name: edition for name, edition in EDITIONS.items() if (root / edition[0]).is_file()}
    with TemporaryDirectory(dir=site.parent, prefix=f"{site.name}-") as aside:
        folders = [Path(aside) / folder if folder else site for _, folder in editions.values()]
        _say(f"building the {' and the '.join(editions)} pages")
        settings = [root / name for name, _ in editions.values()]
        _run_mkdocs(list(zip(settings, folders, strict=True)), root, environment)
        for (_, folder), build in zip(editions.values(), folders, strict=True):
            if folder:
                build.rename(site / folder)
    if "SOURCE_DATE_EPOCH" not in environment:
        remove_days(site)
    _say(f"listing every file in {NAME}")
    edition = find_edition(root, read_citation(root), environment.get("SITE_URL", ""), environment)
    addresses = (environment.get(name, "") for name in ("REPOSITORY_URL", "ISSUES_URL"))
    write_file(site / NAME, manifest_text(site, edition, *addresses))


def _run_mkdocs(builds: Sequence[tuple[Path, Path]], root: Path, environment: Mapping[str, str]) -> None:
    """Builds each settings file into its folder; BuildError or OSError says why the first that failed did."""
    options = [("--config-file", str(settings), "--site-dir", str(site)) for settings, site in builds]
    commands = [partial(_as_command, ["mkdocs", "build", "--strict", *words], root) for words in options]
    for (settings, _), (status, output) in zip(builds, ended_children(commands, root, environment), strict=True):
        if status < 0:
            raise BuildError(f"mkdocs was stopped by signal {-status}")
        if status:
            if error := refusal_in(output):
                raise error
            lines = [line for line in output.splitlines() if not line.startswith("INFO ")]
            raise BuildError("\n".join([*lines, f"{settings.name} was not built"]))


def _as_command(words: Sequence[str], root: Path) -> None:
    """Runs a module as its command does; with --quiet, --strict would see no warning.

    What was imported here is not imported again, unless the folder to build has stages of its own.
    """
    own_scripts, root_scripts = ROOT / "scripts", root / "scripts"
    if root_scripts.is_dir() and not root_scripts.samefile(own_scripts):
        sys.path = [path for path in sys.path if Path(path).resolve() != own_scripts]
        for name, module in list(sys.modules.items()):
            if name != "__main__" and Path(getattr(module, "__file__", None) or "/").is_relative_to(own_scripts):
                del sys.modules[name]
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _check_target(site: Path, root: Path) -> None:
    """BuildError where the folder to replace is not a site."""
    if not site.is_dir() or not any(site.iterdir()):
        return
    is_build = any((site / name).is_file() for name in (NAME, "404.html"))  # older ones have no manifest
    if root.is_relative_to(site) or not is_build:
        raise BuildError(f"{site.name}/ holds files and is not a site that was built; name another folder")


def _check_translated(data: Path) -> None:
    """BuildError that lists what has no Chinese of this English."""
    dataset, _ = load_dataset(data)  # its problems are told by the check
    if wanting := list(wants_translating(dataset, data)):
        raise BuildError("\n".join([*wanting, f"{len(wanting)} text(s) want Chinese; `make words` collects them"]))


def _say(words: str) -> None:
    print(f"build: {words}", flush=True)


def _say_waiting() -> None:
    _say("another build is running; waiting for it to end")


def _unknown(root: Path, environment: Mapping[str, str]) -> str:
    """Which of commit and day are unknown, in words; "" where none is."""
    if last_commit(root)[0]:
        return ""
    names = {"SOURCE_COMMIT": "the commit", "SOURCE_DATE_EPOCH": "the day"}
    settings_missing = [f"{meaning} ({name})" for name, meaning in names.items() if not environment.get(name)]
    return (
        f"git does not know this folder; unknown, unless you set it: {' and '.join(settings_missing)}"
        if settings_missing
        else ""
    )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Checks the data and builds the site, with a manifest of its files.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with mkdocs.yml (default: this repository)")
    parser.add_argument("--site-dir", type=Path, help="the folder to replace (default: site/ there)")
    parser.add_argument("--publish", action="store_true", help="refuse where settings do not say who stands behind it")
    parser.add_argument("--complete", action="store_true", help="refuse where a text has no Chinese of this English")
    options = parser.parse_args(argv)
    root = options.root.resolve()
    site: Path = (options.site_dir or root / "site").resolve()
    start = monotonic()

    last = f"{site.name}/ is the last good build" if site.exists() else f"there is no {site.name}/ yet"
    if sentence := _unknown(root, os.environ):
        _say(sentence)
    try:
        if options.complete:
            _check_translated(root / "data")
        sizes = replace_site(
            site, root, build_environment(root, os.environ) | {PUBLISH: "1" if options.publish else ""}
        )
    except OSError as error:
        print(f"build: nothing was replaced, since {in_words(error)}; {last}", file=sys.stderr)
        return 1
    except BuildError as error:
        print(f"{error}\nbuild: nothing was replaced; {last}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"build: stopped; nothing was replaced; {last}", file=sys.stderr)
        return 130
    _say(f"{site.name}/ is new: {len(sizes):,} files, {sum(sizes) / 1e6:.0f} MB, {monotonic() - start:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
