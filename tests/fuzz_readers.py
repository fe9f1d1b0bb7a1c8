"""Coverage-guided fuzzing of every reader of files that strangers wrote.

Not part of the suite, which replays what it found (test_fuzz_cases.py). To run it: add atheris to an environment that
has requirements/dev.txt, then

    PYTHONPATH=scripts:tests python tests/fuzz_readers.py -max_total_time=600 -max_len=4096 -rss_limit_mb=1000 FOLDER

FOLDER keeps what it learns; start it with the files of tests/fuzz_cases/. A crash leaves its input in the current
folder: mend it, and keep the input in tests/fuzz_cases/.
"""

import sys
import warnings

import atheris

with atheris.instrument_imports(include=["lineage"]):
    from every_reader import read_everything

if __name__ == "__main__":
    warnings.simplefilter("error")
    atheris.Setup(sys.argv, read_everything)
    atheris.Fuzz()
