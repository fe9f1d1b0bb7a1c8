"""Cost and bounds of random likelihood ratios, as the library lir gives them -> tests/weights/lir.csv.

Wants `pip install lir==1.3.1` in an environment of its own.
"""

import csv
from pathlib import Path

import numpy as np
from lir.algorithms.bayeserror import elub
from lir.data.models import LLRData
from lir.metrics import cllr, cllr_min

TARGET = Path(__file__).resolve().parent.parent / "tests" / "weights" / "lir.csv"


def main() -> int:
    """Writes the list."""
    rng = np.random.default_rng(11)
    with TARGET.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["log10_ratios", "derived", "cllr", "cllr_min", "lower", "upper"])
        for spread in (0.1, 0.5, 1.0, 2.0):
            for derived_count, shift in ((10, 0.0), (14, 0.5), (14, 1.0), (30, 2.0), (12, -0.5)):
                labels = np.r_[np.zeros(70, int), np.ones(derived_count, int)]
                ratios = np.round(rng.normal(np.where(labels, shift, -shift), spread), 4)
                data = LLRData(features=ratios.reshape(-1, 1), labels=labels)
                low, high = elub(ratios.copy(), labels)
                row = (cllr(data), cllr_min(data), low, high)
                texts = " ".join(f"{value:g}" for value in ratios), " ".join(map(str, labels))
                writer.writerow([*texts, *(f"{value:.10g}" for value in row)])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
