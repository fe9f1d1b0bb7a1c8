"""The standard-deviation profile of two folders, as published, printed as JSON: a tool like the others."""

import json
import sys
from datetime import date

from lineage.measuring.measurement import measure_asked
from lineage.measuring.run import AskedModel
from lineage.methods.std_profile import compare_std_profiles


def main(folders: list[str]) -> int:
    tables = []
    for number, folder in enumerate(folders):
        measurement, measured_tables = measure_asked(AskedModel(folder, f"asked/{number}", date.today()))
        if measured_tables is None:
            print(measurement.not_testable, file=sys.stderr)
            return 1
        tables.append(measured_tables[0])
    comparison = compare_std_profiles(*tables)
    print(json.dumps({"similarity": comparison.similarity, "not_testable": comparison.not_testable}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
