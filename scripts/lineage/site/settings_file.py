"""mkdocs.yml, read without MkDocs."""

from pathlib import Path

import yaml  # of MkDocs, and so is its tag for the environment
from yaml_env_tag import add_env_tag  # type: ignore[import-untyped]

from lineage.site.contact import Contact, read_contact


def find_contact(root: Path) -> Contact:
    """The contact in the settings of a repository."""
    loader = add_env_tag(type("Loader", (yaml.SafeLoader,), {}))
    settings = yaml.load((root / "mkdocs.yml").read_text(encoding="utf-8"), loader)  # noqa: S506 - the safe one
    return read_contact(settings["extra"], settings["site_url"] or "")
