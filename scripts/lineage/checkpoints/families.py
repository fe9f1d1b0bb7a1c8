"""The tables of names in data/families/, each with what it takes over from the one that it is like."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from lineage.records import Family, Problem
from lineage.store.home import HOME
from lineage.store.parsing.faults import DataError, decode
from lineage.store.parsing.records import parse_record

FOLDER = HOME / "data" / Family.folder
_TABLES = ("layers", "roles", "outside", "whole_names", "joined_experts", "without_attention")


@cache
def known_families(folder: Path = FOLDER) -> tuple[Family, ...]:
    """The family of every file in a folder, in order of id, whole; a DataError with all that is wrong with them."""
    families: list[Family] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.toml")):
        name = f"data/{Family.folder}/{path.name}"
        try:
            families.append(parse_record(decode(path.read_bytes(), name), Family, name))
        except DataError as error:
            problems += error.problems
    by_id = {family.id: family for family in families}
    problems += check_families(by_id)
    if problems:
        raise DataError(problems)
    return tuple(whole_family(family, by_id) for family in families)


def whole_family(family: Family, by_id: Mapping[str, Family]) -> Family:
    """A family with the tables of the one that it is like, its own entries on top."""
    if family.like is None:
        return family
    base = whole_family(by_id[family.like], by_id)
    tables = {name: {**getattr(base, name), **getattr(family, name)} for name in _TABLES}
    if family.layers:
        tables["layers"] = dict(family.layers)
    return family.model_copy(update=tables)


def check_families(families: Mapping[str, Family]) -> Iterator[Problem]:
    """What is wrong with tables of names beside each other: what they are like, and types that two of them claim."""
    family_of_type: dict[tuple[str, frozenset[str]], str] = {}
    for family in families.values():
        yield from like_problems(family, families)
        for model_type in family.model_types:
            first_family = family_of_type.setdefault((model_type, frozenset(family.needs)), family.id)
            if first_family != family.id:
                message = (
                    f"model_types: {model_type!r} is in {first_family!r} too; keep it in one of them, or say in needs"
                )
                yield Problem(family.path, f"{message} which names only one of them has", key=("model_types",))


def like_problems(family: Family, by_id: Mapping[str, Family]) -> list[Problem]:
    """What is wrong with the family that another one is like: not on record, or in the end like itself."""
    ids, base = [family.id], family
    while base.like is not None:
        if base.like not in by_id:
            message = f"like {base.like!r}: is no family in data/families/"
            return [Problem(family.path, message, key=("like",))] if base is family else []
        if base.like in ids:
            circle = ", then ".join([*ids, base.like])
            return [Problem(family.path, f"like {family.like!r}: leads in a circle, {circle}", key=("like",))]
        base = by_id[base.like]
        ids.append(base.id)
    if not base.layers:
        return [Problem(base.path, 'has no [layers]; write what stands before a name, such as "layers.{layer}."')]
    return []
