"""Tables of what tools of others sampled, beside what was measured here."""

from lineage.evidence.sampling import errors_by_model
from lineage.records import Dataset, Model
from lineage.site.blocks.tables import TableBlock
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.comparison.models import CURVE_ROLES
from lineage.site.templating import grouped, score


def sampled_table(model: Model, dataset: Dataset, language: Language = ENGLISH) -> TableBlock | None:
    """By role, how far the sampled curves of a model are from those measured here; None where that is not derived."""
    rows = errors_by_model(dataset).get(model.id)
    if not rows:
        return None
    say = language.say
    return TableBlock(
        "sampling-error",
        say("What modelDNA sampled of %(name)s, beside what was measured here", name=model.name),
        (
            say("Matrices"),
            say("Numbers"),
            say("Looked at"),
            say("Typical error"),
            say("Largest"),
            say("Correlation"),
        ),
        (False, True, True, True, True, True),
        [
            (
                CURVE_ROLES.get(row["role"], row["role"]),
                grouped(row["numbers"]),
                share(row["at_most"]),
                share(row["typical"]),
                share(row["largest"]),
                score(row["correlation"]),
            )
            for row in rows
        ],
        origin=["derived/sampling-error.csv"],
        key=model.id,
        keys=[row["role"] for row in rows],
        computed="sampling error",
    )


def share(value: float) -> str:
    """A share in per cent with two digits: "8.8 %"."""
    return f"{100 * value:.2g}\u00a0%" if value < 1 else "100\u00a0%"
