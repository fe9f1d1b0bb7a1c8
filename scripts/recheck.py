"""data/sources/ -> a report of what each address answers today; changes no record."""

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from lineage.store.files import load_dataset
from lineage.store.writing import write_file
from lineage.web.recheck_report import report_json, report_markdown
from lineage.web.rechecks import next_sources, recheck_source
from lineage.web.visits import AGENT, Manners, Visitor

ROOT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    dataset, problems = load_dataset(options.data.resolve())
    source_problems = [problem for problem in problems if "/sources/" in problem.path]
    unknown_names = sorted(set(options.only) - set(dataset.sources))
    if source_problems or unknown_names:
        print(
            *source_problems, *(f"no source has the id {name!r}" for name in unknown_names), sep="\n", file=sys.stderr
        )
        return 1
    sources = next_sources(dataset, len(dataset.sources))
    sources = [source for source in sources if source.id in options.only] if options.only else sources[: options.limit]

    visitor = Visitor(
        Manners(
            agent=f"{AGENT}/1 (checks whether cited sources still stand{options.contact and f'; +{options.contact}'})",
            pause=options.pause,
            timeout=options.timeout,
            most_bytes=options.most_bytes,
            allow_loopback=options.allow_loopback,
        )
    )
    rechecks = []
    for number, source in enumerate(sources, 1):
        print(f"{number}/{len(sources)} {source.id}: ", end="", file=sys.stderr, flush=True)
        rechecks.append(recheck_source(source, visitor, options.today))
        print(rechecks[-1].words, file=sys.stderr)

    folder: Path = options.report
    write_file(folder / "recheck.md", report_markdown(rechecks, options.today))
    write_file(folder / "recheck.json", report_json(rechecks, options.today))
    print(
        f"{len(rechecks)} of {sum(bool(source.url) for source in dataset.sources.values())} addresses asked; {folder}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Asks some sources whether they still stand, those checked longest ago first, and writes a "
        "report. Respects robots.txt, asks one host at a time, and changes no record."
    )
    parser.add_argument("--data", type=Path, default=ROOT / "data", help="the data folder (default: this repository's)")
    parser.add_argument("--report", type=Path, default=ROOT / ".make" / "recheck", help="folder of the report")
    parser.add_argument("--limit", type=int, default=5, help="how many sources to ask (default: %(default)s)")
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="ask these sources, whatever the limit")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between requests to one host")
    parser.add_argument("--timeout", type=float, default=30.0, help="seconds for one request and its answer")
    parser.add_argument("--most-bytes", type=int, default=2_000_000, help="bytes of a page that are read at most")
    parser.add_argument("--contact", default="", help="an address for those who wonder who asks, in the User-Agent")
    parser.add_argument("--today", type=date.fromisoformat, default=date.today(), help="the date of the report")
    parser.add_argument("--allow-loopback", action="store_true", help="also ask this machine; for tests alone")
    return parser


if __name__ == "__main__":
    sys.exit(main())
