"""Names and configuration of a checkpoint -> the family whose table its names are read by."""

from collections.abc import Iterable, Sequence

from lineage.checkpoints.config import Config
from lineage.checkpoints.families import known_families
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.names import NO_WEIGHTS, bare_name, in_layer, layer_kind, place_of, role_in_layer
from lineage.records import Family


def find_family(names: Iterable[str], config: Config) -> Family:
    """The family of a checkpoint: as its configuration says, else the only one whose table fits its names.

    A CheckpointError where the names fit none, or several that mean different things by them.
    """
    all_names = list(names)
    families = known_families()
    if family := stated_family(config, all_names):
        return family
    if config.model_type.startswith("gguf:"):
        return next(family for family in families if family.id == "gguf")
    fitting = [family for family in families if _fits(all_names, family)]
    if not fitting:
        examples = ", ".join(all_names[:10])
        type_words = f"is for the type {config.model_type!r}, and none " if config.model_type else ""
        raise CheckpointError(f"no table in data/families/ {type_words}knows these names: {examples}")
    if len({tuple(place_of(name, family) for name in all_names) for family in fitting}) > 1:
        examples = ", ".join(family.id for family in fitting)
        raise CheckpointError(
            f"several tables in data/families/ fit its names, and no configuration says which: {examples}"
        )
    return min(fitting, key=lambda family: (len(family.roles), family.like is not None, family.id))


def stated_family(config: Config, names: Sequence[str]) -> Family | None:
    """The family that a configuration names, by the type of the whole or of its language model; None where none.

    Of several with one type, which need different names, the first that has what it needs.
    """
    for model_type in (config.model_type, config.text_type):
        families = [family for family in known_families() if model_type in family.model_types]
        stems = _stems(names, families[0]) if len(families) > 1 else set()
        if families:
            return next((family for family in families if stems.issuperset(family.needs)), families[-1])
    return None


def gains_are_known(names: Iterable[str], config: Config) -> bool:
    """Whether a configuration, or every family whose table fits the names, says if gains are stored less one."""
    all_names = list(names)
    if stated_family(config, all_names) or config.model_type.startswith("gguf:"):
        return True
    return len({family.gains_less_one for family in known_families() if _fits(all_names, family)}) < 2


def _fits(names: Sequence[str], family: Family) -> bool:
    """Whether a family's table knows every name in the layers of a checkpoint, and finds what it needs."""
    inside = [
        name_inside for name in names if (name_inside := in_layer(name, family)) and not NO_WEIGHTS.search(name_inside)
    ]
    are_known = all(role_in_layer(name_inside, family) or layer_kind(name_inside, family) for name_inside in inside)
    return bool(inside) and are_known and _stems(names, family).issuperset(family.needs)


def _stems(names: Iterable[str], family: Family) -> set[str]:
    """Every name without its last word, as it stands in the model and as it stands in its layer."""
    spellings = ((bare_name(name), in_layer(name, family)) for name in names)
    return {spelling.rpartition(".")[0] for spelling_pair in spellings for spelling in spelling_pair}
