"""What the words of each tool are read as, word for word; words that are not here are read as no answer."""

from collections.abc import Mapping

from lineage.evidence.experiment.runs import DISPUTED
from lineage.evidence.findings import TYING, Status

RELATED, UNRELATED, ABSTAINS, NOT_READ = "related", "not related", "abstains", "not read"
REACHES, BELOW = f"reaches {DISPUTED}", f"below {DISPUTED}"  # of the profile, which has no threshold of its own
READ_AS: Mapping[str, Mapping[str, str]] = {  # by tool
    "look": {
        **{status.value: ABSTAINS for status in Status},
        **{status.value: RELATED for status in TYING},
        Status.CONSISTENT.value: UNRELATED,
    },
    "std-profile": {REACHES: RELATED, BELOW: UNRELATED},
    "kit": {
        "Confirmed Match": RELATED,
        "High-Confidence Match": RELATED,
        "Weak Match": ABSTAINS,
        "Not Matched": UNRELATED,
    },
    "modeldna": {
        **dict.fromkeys(("EXACT_COPY", "QUANTIZED_COPY", "FINE_TUNE", "SAME_LINEAGE", "LIKELY_MERGE"), RELATED),
        "SAME_FAMILY_UNRESOLVED": ABSTAINS,
        "NO_MATCH": UNRELATED,
    },
}


def read_as(tool: str, words: str) -> str:
    """RELATED, UNRELATED, ABSTAINS or NOT_READ; a KeyError where there is no such tool."""
    return READ_AS[tool].get(words, NOT_READ)
