"""Two checkpoints -> data/matches/: whether units of one index belong together, block by block, in one small file."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import FORMS, hub_name, usual_address
from lineage.matching.match import usual_reads
from lineage.matching.pair import describe, match_asked, match_pair
from lineage.matching.request import AskedCheckpoint, AskedPair, in_order, unusual_reads
from lineage.matching.text import match_command, match_summary
from lineage.measuring.measurement import VERSION
from lineage.methods.exact import PERMUTATION_TEST
from lineage.records import Match, model_slug
from lineage.runs.cluster import ClusterError
from lineage.runs.progress import complain
from lineage.runs.task_list import keep_each, named_once, read_list
from lineage.store.files import read_record
from lineage.store.writing import write_match
from measure import LineParser, add_common, is_pinned, say_next


def asked_for(options: argparse.Namespace, today: date) -> AskedPair:
    """The match that arguments name."""
    sorted_sides = options.known_sorted or ""
    first, second = usual_address(options.a), usual_address(options.b)
    a = AskedCheckpoint(options.model_a or hub_name(first), first, options.recorded_a, sorted_sides in ("a", "both"))
    b = AskedCheckpoint(options.model_b or hub_name(second), second, options.recorded_b, sorted_sides in ("b", "both"))
    return AskedPair((a, b), usual_reads([a.address, b.address], options.down, options.heads), today)


def is_matched(data: Path, pair: AskedPair) -> bool:
    """Whether the record of a match says that this version matched these addresses, and so."""
    a, b = (model_slug(side.model) for side in pair.sides)
    earlier = read_record(data, f"matches/{a}--{b}.toml", Match)
    if earlier is None or (earlier.tool_version, earlier.method_version) != (VERSION, PERMUTATION_TEST.version):
        return False
    sides = [earlier.a, earlier.b]
    is_unchanged = all(
        earlier_side.model == side.model
        and earlier_side.known_sorted == side.known_sorted
        and is_pinned(earlier_side.address, side.recorded or side.address)
        for earlier_side, side in zip(sides, pair.sides, strict=True)
    )
    return is_unchanged and earlier.command == match_command(sides, unusual_reads(sides, pair.reads))


def listed_pairs(options: argparse.Namespace) -> dict[str, AskedPair]:
    """The matches of a list by the names of their models; a line holds the arguments of one."""
    parser = LineParser(add_help=False)
    _add_pair(parser)

    def parse(words: list[str]) -> AskedPair:
        pair = asked_for(parser.parse_args(words), options.date)
        try:
            return replace(pair, sides=in_order(*pair.sides))
        except CheckpointError as fault:
            raise ValueError(str(fault)) from None

    return named_once(((pair.name, pair) for pair in read_list(options.list, parse)), options.list)


def match_listed(options: argparse.Namespace) -> int:
    """Matches what has no record yet of the pairs of a list, and writes each as it comes; how many it could not."""
    pairs = listed_pairs(options)
    pairs_to_match = {name: pair for name, pair in pairs.items() if not is_matched(options.data, pair)}
    if len(pairs_to_match) < len(pairs):
        complain(f"{len(pairs) - len(pairs_to_match)} of {len(pairs)} pairs were matched before")
    return keep_each(match_asked, pairs_to_match, partial(write_match, options.data), options.cluster, complain)


def match_one(options: argparse.Namespace) -> str:
    """Matches the two models that arguments name, and its outcome in a few lines."""
    pair = asked_for(options, options.date)
    match = match_pair(in_order(*pair.sides), pair.reads, pair.date, quiet=options.quiet)
    write_match(options.data, match)
    return match_summary(match)


def main(argv: Sequence[str] | None = None) -> int:
    parser = _parser()
    options = parser.parse_args(argv)
    if bool(options.list) == bool(options.b) or (options.list and options.a) or (options.cluster and not options.list):
        parser.error("give two addresses, or --list with or without --cluster")
    try:
        if options.dry_run:
            pairs = listed_pairs(options).values() if options.list else [asked_for(options, options.date)]
            for pair in pairs:
                print(describe(pair.sides, pair.reads))
        elif options.list:
            failures = match_listed(options)
            if not failures:
                say_next(options)
            return 1 if failures else 0
        else:
            print(match_one(options))
            say_next(options)
    except (CheckpointError, ClusterError, ValueError, OSError) as fault:
        complain(" ".join(str(fault).split()) + ("" if options.list else "; nothing was written"))
        return 1
    except KeyboardInterrupt:
        complain(f"stopped; {'the same command goes on' if options.list else 'nothing was written'}")
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Matches two checkpoints, or many pairs, into data/matches/.")
    _add_pair(parser, nargs="?", default="")
    add_common(parser, "pairs", "match")
    return parser


def _add_pair(parser: argparse.ArgumentParser, **settings: Any) -> None:
    """The arguments that name a match."""
    for side in "ab":
        parser.add_argument(side, metavar=side.upper(), help=f"{FORMS}; or a web address", **settings)
        parser.add_argument(f"--model-{side}", help=f'the id of {side.upper()}: "maker/name" (default: of the hub)')
        parser.add_argument(
            f"--recorded-{side}", default="", help=f"for a local copy: the public address of {side.upper()}"
        )
    parser.add_argument("--known-sorted", choices=("a", "b", "both"), help="whose units documents say were sorted")
    for name, matrices in (("down", "the down matrices"), ("heads", "the attention matrices")):
        parser.add_argument(
            f"--{name}",
            action=argparse.BooleanOptionalAction,
            help=f"read {matrices}, which takes whole matrices (default: unless an address is on a hub)",
        )


if __name__ == "__main__":
    sys.exit(main())
