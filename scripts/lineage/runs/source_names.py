"""What the repository of a model is called as a source. Standard library only, as lineage.runs.requested."""

import re


def repository_source(address: str) -> str:
    """The id of the source that the repository at "hub:maker/name@commit" is: "hub-maker-name"."""
    where = address.partition("@")[0].lower()
    words = re.sub(r"[^a-z0-9.]+", "-", where)
    return re.sub(r"[.-]*-[.-]*", "-", re.sub(r"\.{2,}", ".", words)).strip("-.")[:80].rstrip("-.")
