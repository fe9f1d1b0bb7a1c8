"""The records that a measured model needs and has not: what its hub says and no more, for a reviewer to complete."""

from collections.abc import Iterator
from urllib.parse import quote

from lineage.checkpoints.places import HUBS, hub_kind, hub_name
from lineage.records import Dataset, model_slug
from lineage.runs.source_names import repository_source
from lineage.store.toml_text import toml_lines

_PAGES = {"hub": "https://huggingface.co/{}", "modelscope": "https://modelscope.cn/models/{}"}


def newcomer_texts(
    model: str, address: str, parents: tuple[str, ...], relation: str, dataset: Dataset
) -> Iterator[tuple[str, str]]:
    """Each record that is missing, as its path from the data folder and its text."""
    if model in dataset.models:
        return
    kind, name = hub_kind(address), hub_name(address)
    maker, _, model_name = name.partition("/")
    source = repository_source(address)
    if source not in dataset.sources:
        yield (
            f"sources/{source}.toml",
            toml_lines(
                {
                    "id": source,
                    "title": f"The repository {model_name} on {HUBS[kind]}",
                    "publisher": maker,
                    "url": _PAGES[kind].format(quote(name)),
                    "kind": "primary",
                    "read": "not read",
                    "shows": "The weights that were measured are published there, at the commit that their measurement "
                    "names. Files of weights and settings were read by ranges; the page itself was not read.",
                }
            ),
        )
    fields: dict[str, object] = {"id": model, "name": model_name, "maker": maker}
    parents_on_record = tuple(parent for parent in parents if parent in dataset.models and parent != model)
    if (
        parents_on_record
        and parents_on_record == parents
        and relation
        and (len(parents_on_record) == 1 or relation == "merge")
    ):
        base = parents_on_record[0] if len(parents_on_record) == 1 else list(parents_on_record)
        fields |= {"base_model": base, "base_model_relation": relation, "base_model_sources": [source]}
    fields |= {"sources": [source]}
    yield f"models/{model_slug(model)}.toml", toml_lines(fields, {"addresses": [{"kind": kind, "value": name}]})
