"""Two addresses -> the record of their match, or what a match would read."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path

from lineage.checkpoints.addresses import Checkpoint, open_checkpoint
from lineage.exact.permutation import PARAMETERS
from lineage.matching.match import ROLES, Reads, bytes_to_read, match_opened
from lineage.matching.opened import Opened, local_bytes, recorded_files
from lineage.matching.records import axis_record, combined_test_record, response_test_record
from lineage.matching.request import AskedCheckpoint, AskedPair, unusual_reads
from lineage.matching.text import match_command
from lineage.measuring.checkpoint import plan_checkpoint
from lineage.measuring.measurement import VERSION
from lineage.methods.exact import PERMUTATION_TEST
from lineage.records import Match, MatchParameters, MatchSide, model_slug
from lineage.runs.progress import advance, byte_bar


def match_pair(
    sides_asked: tuple[AskedCheckpoint, AskedCheckpoint], reads: Reads, today: date, *, quiet: bool = False
) -> Match:
    """The record of a match, its two sides in the order given."""
    with ExitStack() as stack:
        bar = stack.enter_context(byte_bar(quiet=quiet))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        checkpoints = [
            stack.enter_context(open_checkpoint(side.address, partial(advance, bar))) for side in sides_asked
        ]
        a, b = (opened(side, checkpoint) for side, checkpoint in zip(sides_asked, checkpoints, strict=True))
        bar.reset(sum(bytes_to_read(model, reads) + local_bytes(model.files) for model in (a, b)))
        sides = [
            MatchSide(
                model=side.model,
                address=side.recorded or checkpoint.address,
                revision=checkpoint.revision,
                family=model.plan.family,
                known_sorted=side.known_sorted,
                files=tuple(recorded_files(model)),
            )
            for side, checkpoint, model in zip(sides_asked, checkpoints, (a, b), strict=True)
        ]
        tests = match_opened(a, b, reads, folder)
        return Match(
            path=f"data/matches/{model_slug(a.model)}--{model_slug(b.model)}.toml",
            a=sides[0],
            b=sides[1],
            command=match_command(sides, unusual_reads(sides, reads)),
            date=today,
            tool_version=VERSION,
            method_version=PERMUTATION_TEST.version,
            parameters=MatchParameters(
                seed=PARAMETERS.seed, units=PARAMETERS.units, permutations=PARAMETERS.permutations
            ),
            mlps=combined_test_record(tests.mlps),
            heads=combined_test_record(tests.heads),
            residual=axis_record(
                tests.residual, tests.residual_tokens.tokens, by_number=tests.residual_tokens.by_number
            ),
            responses=response_test_record(
                tests.responses, tests.response_tokens.tokens, by_number=tests.response_tokens.by_number
            ),
        )


def match_asked(pair: AskedPair) -> Match:
    """The record of one of many matches: a task of its own, on whatever machine it runs."""
    return match_pair(pair.sides, pair.reads, pair.date, quiet=True)


def opened(side: AskedCheckpoint, checkpoint: Checkpoint) -> Opened:
    """A checkpoint with what the headers of its files say."""
    contents = plan_checkpoint(checkpoint, ROLES)
    return Opened(side.model, checkpoint.files, contents.plan, contents.settings, contents.tokens, side.known_sorted)


def describe(sides: Sequence[AskedCheckpoint], reads: Reads) -> str:
    """What a match would read, from headers alone."""
    lines = []
    for side in sides:
        with open_checkpoint(side.address) as checkpoint:
            model = opened(side, checkpoint)
            if model.plan.not_testable:
                lines.append(f"{side.address}: not testable: {model.plan.not_testable}")
                continue
            blocks = model.matrices(*reads.mlp)
            layers = len({layer for layer, _ in blocks})
            lines.append(
                f"{side.address}: read as {model.plan.family}; {layers} layers, {len(blocks)} MLP blocks, "
                f"{bytes_to_read(model, reads):,} bytes"
            )
    return "\n".join(lines)
