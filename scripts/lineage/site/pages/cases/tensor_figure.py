"""The figure of a pair tensor by tensor: of which kinds of tensor a null holds, and of which it does not."""

from math import sqrt

import pandas as pd

from lineage.evidence.case_figures import tensor_table
from lineage.imports.tensor_imports import BAND
from lineage.records import Case, Dataset, TensorKind
from lineage.site.blocks.charts import Chart
from lineage.site.blocks.strips import Band, Lane, strip_chart
from lineage.site.languages import ENGLISH, Language
from lineage.site.templating import score

_SHARE_OUTSIDE = 0.05  # of independent z, beyond BAND either way


def tensor_chart(case: Case, dataset: Dataset, language: Language = ENGLISH) -> Chart | None:
    """A lane of z for each kind of tensor over the band of independent weights; None where the case names no table."""
    table = tensor_table(case, dataset)
    if case.tensors is None or table is None:
        return None
    say = language.say
    lanes = [_lane(kind, table, language) for kind in case.tensors.kinds]
    return strip_chart(
        f"{case.id}-tensors",
        say("Where do the numbers of the two models lie as the null gives them, tensor by tensor?"),
        language.joined([words for lane in lanes for words in (say("%(title)s.", title=lane.title), lane.note)]),
        lanes,
        None,
        say(
            "z: the cosine of a tensor in the two models, in standard deviations of what independent weights give. "
            "The axis draws together what is far from 0. A bar stands for as many tensors, too close together to be "
            "drawn as dots, as its number says."
        ),
        Band(-BAND, BAND, say("19 in 20 independent tensors lie in this band")),
        name_column="tensor",
    ).made_from(f"published/{case.tensors.table}")


def _lane(kind: TensorKind, table: pd.DataFrame, language: Language) -> Lane:
    rows = table[table["kind"] == kind.kind]
    z = rows["z"]
    outside = z.abs() > BAND
    note = language.say(
        "%(tensors)s tensors: mean %(mean)s, standard deviation %(sd)s, %(outside)s outside the band. "
        "By chance: 0 ± %(of_mean)s, 1 ± %(of_sd)s, %(expected)s.",
        tensors=len(z),
        mean=score(float(z.mean()), 2),
        sd=score(float(z.std(ddof=1)), 2),
        outside=int(outside.sum()),
        of_mean=score(BAND / sqrt(len(z)), 2),
        of_sd=score(BAND / sqrt(2 * len(z)), 2),
        expected=round(_SHARE_OUTSIDE * len(z)),
    )
    names, colon = _names(rows, language), language.say(": ")
    return Lane(kind.title, note, z.tolist(), outside.tolist(), "independent", names=names, colon=colon)


def _names(tensors: pd.DataFrame, language: Language) -> list[str]:
    """What each tensor is called, with its layer; none where the table does not say."""
    if "tensor" not in tensors:
        return []
    layers = tensors["layer"] if "layer" in tensors else [None] * len(tensors)
    return [
        str(tensor)
        if pd.isna(layer)
        else language.say("%(tensor)s, layer %(layer)s", tensor=tensor, layer=str(layer).removesuffix(".0"))
        for tensor, layer in zip(tensors["tensor"], layers, strict=True)
    ]
