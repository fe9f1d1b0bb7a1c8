"""Three checkpoints -> how much of the second and the third is in the first, by least squares, with intervals."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import partial

from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.checkpoints.places import FORMS, usual_address
from lineage.matching.mixture import Mixture, Share, mixture
from lineage.matching.pair import opened
from lineage.matching.request import AskedCheckpoint
from lineage.runs.progress import advance, byte_bar

LEFT = 0.01  # of the squared numbers: a sum that leaves more is said not to fit


def mixture_of(addresses: Sequence[str], *, quiet: bool = False) -> Mixture:
    """The mixture of three addresses, the child first; CheckpointError where one cannot be read."""
    with ExitStack() as stack:
        bar = stack.enter_context(byte_bar(quiet=quiet))
        checkpoints = [stack.enter_context(open_checkpoint(address, partial(advance, bar))) for address in addresses]
        models = [
            opened(AskedCheckpoint(f"mixture/{number}", address), checkpoint)
            for number, (address, checkpoint) in enumerate(zip(addresses, checkpoints, strict=True))
        ]
        for address, model in zip(addresses, models, strict=True):
            if model.plan.not_testable:
                return Mixture(not_testable=f"{address}: {model.plan.not_testable}")
        return mixture(models[0], models[1], models[2])


def lines(mixed: Mixture, addresses: Sequence[str]) -> list[str]:
    """What a mixture says, in words."""
    if mixed.a is None or mixed.b is None or mixed.unexplained is None:
        return [f"not testable: {mixed.not_testable}"]
    words = [f"{mixed.matrices} of {mixed.of} matrices of {addresses[0]}, in {mixed.layers} layers, are in all three"]
    for address, share in zip(addresses[1:], (mixed.a, mixed.b), strict=True):
        words.append(f"  {_words(share)} times {address}")
    fits = "the sum fits" if mixed.unexplained <= LEFT else "the sum does not fit, so the factors are no shares"
    words.append(f"  {mixed.unexplained:.2g} of its squared numbers are left unexplained: {fits}")
    words.append(f"  cosine of the two with each other: {mixed.parents_cosine:.6f}")
    return words


def _words(share: Share) -> str:
    ends = (share.low, share.high)
    interval = (
        "too few layers for an interval"
        if None in ends
        else " to ".join(f"{end:.4f}" for end in ends if end is not None)
    )
    return f"{share.value:.4f} ({interval})"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="How much of two models is in a third, by least squares over the matrices that all three have. "
        "Nothing is written to data/.",
        epilog="Ends with 0 where the sum fits, with 4 where it does not or cannot be told, with 2 at a fault.",
    )
    parser.add_argument("child", help=f"the model that may be a merge: {FORMS}")
    parser.add_argument("a", help="one of the two that it may be made of")
    parser.add_argument("b", help="the other")
    parser.add_argument("--json", action="store_true", help="print JSON instead of lines")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    options = parser.parse_args(argv)
    addresses = [usual_address(address) for address in (options.child, options.a, options.b)]
    try:
        mixed = mixture_of(addresses, quiet=options.quiet)
    except (CheckpointError, OSError) as fault:
        print(fault, file=sys.stderr)
        return 2
    print(json.dumps(asdict(mixed)) if options.json else "\n".join(lines(mixed, addresses)))
    return 0 if mixed.unexplained is not None and mixed.unexplained <= LEFT else 4


if __name__ == "__main__":
    sys.exit(main())
