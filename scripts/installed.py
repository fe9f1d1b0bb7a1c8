"""What an installed wheel starts: weight-of-evidence look ADDRESS, with the record that the wheel holds."""

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
USAGE = """\
usage: weight-of-evidence look ADDRESS [options]

Sets a checkpoint beside the record of Weight of Evidence. weight-of-evidence look --help lists the options."""


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments in (["-h"], ["--help"]):
        print(USAGE)
        return 0
    if arguments[:1] != ["look"]:
        print(USAGE, file=sys.stderr)
        return 2
    sys.path.insert(0, str(FOLDER))  # where the scripts lie, as in the repository
    from lineage.store.bundled_record import HOME_VARIABLE, open_record

    with tempfile.TemporaryDirectory(prefix="weight-of-evidence-") as home:
        try:
            open_record(FOLDER, Path(home))
        except (OSError, ValueError) as fault:
            print(f"weight-of-evidence: {fault}", file=sys.stderr)
            return 2
        os.environ[HOME_VARIABLE] = home
        os.environ.setdefault("KEPT_FOLDER", str(cache_folder() / "kept"))
        sys.argv[0] = "weight-of-evidence look"
        try:
            from look import main as look  # reads where the record is while it is imported
        except ModuleNotFoundError as fault:
            print(
                f"weight-of-evidence: {fault.name} is not there; install weight-of-evidence[weights]", file=sys.stderr
            )
            return 2
        return look(["--kept", str(cache_folder() / "looked"), *arguments[1:]])


def cache_folder() -> Path:
    """Where measurements are kept from one look to the next."""
    folder = os.environ.get("XDG_CACHE_HOME")
    return (Path(folder) if folder else Path.home() / ".cache") / "weight-of-evidence"


if __name__ == "__main__":
    sys.exit(main())
