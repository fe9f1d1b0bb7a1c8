"""Pairs whose history is known -> data/controls/geometry.csv: how alike their embeddings and their heads are.

Needs the weights that train_factorial.py left, and a package index for the released models. Pairs without weights are
left out, and what stands in the table is not compared again. With --random, what heads of random numbers score goes to
data/controls/geometry-random.csv, and nothing else is done.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import chain
from pathlib import Path

import lineage as _one_thread  # noqa: F401 - before NumPy, which learns there how many threads to take

# isort: split
import pandas as pd
from tqdm import tqdm

from derive_ladder import fetch_model, other_state
from experiments.controls.texts import TextError
from experiments.factorial.pieces import weights_path
from experiments.geometry.plan import (
    DERIVED,
    INDEPENDENT,
    ONE_ROOT,
    RELEASED_RUNG,
    UNKNOWN,
    ComparedPair,
    Model,
    Released,
    Trained,
)
from experiments.geometry.random_heads import RANDOM_PAIRS, random_table
from experiments.ladder.bases import read_state
from experiments.ladder.folders import WEIGHTS
from experiments.ladder.plan import Rung, derive_state
from experiments.ladder.state import LadderError, State
from lineage.checkpoints.addresses import open_checkpoint
from lineage.checkpoints.files import CheckpointError
from lineage.evidence.experiment.tables import sound_design
from lineage.evidence.geometry import ALL_RELEASED, CONTROLS, EMBEDDINGS, HEADS, RANDOM, SCORES, planned_pairs
from lineage.matching.geometry import ROLES, Alike, Portrait, embeddings_alike, heads_alike, portrait
from lineage.matching.opened import Opened
from lineage.measuring.checkpoint import plan_checkpoint
from lineage.records.origins import Lineage
from lineage.records.provenance import lineage_of
from lineage.store.files import load_dataset
from lineage.store.writing import write_file
from match_factorial import Bench
from measure import DATA
from peers import write_state

MEASURES: Mapping[str, Callable[[Portrait, Portrait], Alike]] = {EMBEDDINGS: embeddings_alike, HEADS: heads_alike}


def opened_portrait(stack: ExitStack, address: Path, model: str, tokens: Mapping[str, int] | None = None) -> Portrait:
    """What is compared of a checkpoint, whose files stay open in a stack; tokens where another file lists them."""
    checkpoint = stack.enter_context(open_checkpoint(str(address)))
    planned = plan_checkpoint(checkpoint, ROLES)
    return portrait(Opened(model, checkpoint.files, planned.plan, planned.settings, planned.tokens), tokens)


def with_embeddings_in_memory(portrait: Portrait) -> Portrait:
    """The same with its embeddings in memory, so that its files can go."""
    table = portrait.read(pd.RangeIndex(portrait.rows).to_numpy())
    return Portrait(
        portrait.tokens,
        portrait.rows,
        lambda rows: table[rows],
        portrait.spectra,
        portrait.no_embeddings,
        portrait.no_heads,
    )


def state_after(state: State, rungs: Iterable[Rung], second_parent: Callable[[Rung, State], State | None]) -> State:
    """A model after what was done to it, one after the other."""
    for rung in rungs:
        state = derive_state(rung, state, second_parent(rung, state))
    return state


class Controls:
    """What is compared of runs and of what is made of them; what is asked for often is held."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.held: dict[str, Portrait] = {}

    def is_ready(self, model: Model) -> bool:
        """Whether the weights of a run are at hand."""
        return isinstance(model, Trained) and weights_path(self.bench.out / model.run.name, model.step).is_file()

    def portrait(self, model: Model) -> Portrait:
        """What is compared of a model; runs are held, derivations are not."""
        if not isinstance(model, Trained):
            raise TypeError(f"{model.name}: is no run")
        if model.name not in self.held:
            with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
                folder = Path(scratch) / "run"
                self.bench.put(folder, model.run, model.step)
                tokens = None
                if model.done:
                    tokens = self.portrait(Trained(model.run, model.step)).tokens
                    state = state_after(read_state(folder / WEIGHTS), model.done, lambda *_: None)
                    folder = Path(scratch) / "made"
                    folder.mkdir()
                    write_state(folder, state)
                portrait = with_embeddings_in_memory(opened_portrait(stack, folder, model.name, tokens))
            if model.done:
                return portrait
            self.held[model.name] = portrait
        return self.held[model.name]


def control_rows(controls: Controls, pairs: Sequence[ComparedPair]) -> Iterator[dict[str, object]]:
    """The rows of pairs of runs whose weights are at hand."""
    for pair in tqdm(pairs, desc="controls", unit="pair", file=sys.stderr):
        if not isinstance(pair.a, Trained) or not isinstance(pair.b, Trained):
            continue
        roots = pair.a.root, pair.b.root
        truth = DERIVED if roots[0] == roots[1] else INDEPENDENT
        yield from _rows(pair, truth, roots, controls.portrait(pair.a), controls.portrait(pair.b))


def released_rows(ladder: Path, lineage: Lineage, pairs: Sequence[ComparedPair]) -> Iterator[dict[str, object]]:
    """The rows of pairs of released models and of rungs made of them, one rung on the disk at a time."""
    with ExitStack() as stack:
        bases: dict[str, Portrait] = {}

        def base(model: str) -> Portrait:
            if model not in bases:
                bases[model] = opened_portrait(stack, fetch_model(model, ladder), model)
            return bases[model]

        for pair in tqdm(pairs, desc="released", unit="pair", file=sys.stderr):
            if not isinstance(pair.a, Released) or not isinstance(pair.b, Released):
                continue
            roots = tuple(lineage.known_root(model.model) or "" for model in (pair.a, pair.b))
            if pair.kind != RELEASED_RUNG:
                yield from _rows(pair, _truth(pair.a, pair.b, lineage), roots, base(pair.a.model), base(pair.b.model))
                continue
            with tempfile.TemporaryDirectory(dir=ladder) as scratch, ExitStack() as child_stack:
                folder = Path(scratch)
                state = read_state(fetch_model(pair.a.model, ladder))
                write_state(folder, state_after(state, pair.a.done, lambda rung, of: other_state(rung, of, ladder)))
                del state
                parent = base(pair.b.model)
                child = opened_portrait(child_stack, folder, pair.a.name, parent.tokens)
                yield from _rows(pair, DERIVED, roots, child, parent)


def _truth(a: Released, b: Released, lineage: Lineage) -> str:
    """What is documented of two released models."""
    roots = [lineage.known_root(model.model) for model in (a, b)]
    if None in roots:
        return UNKNOWN
    if roots[0] == roots[1]:
        return ONE_ROOT
    return UNKNOWN if lineage.related(a.model, b.model) else INDEPENDENT


def _rows(
    pair: ComparedPair, truth: str, roots: Sequence[str], a: Portrait, b: Portrait
) -> Iterator[dict[str, object]]:
    """A row a measure."""
    for measure, compare in MEASURES.items():
        comparison = compare(a, b)
        yield {
            "kind": pair.kind,
            "rung": pair.rung,
            "truth": truth,
            "model_a": pair.a.name,
            "model_b": pair.b.name,
            "root_a": roots[0],
            "root_b": roots[1],
            "measure": measure,
            "matched": comparison.matched,
            "compared": comparison.compared,
            "score": None if comparison.score is None else float(f"{comparison.score:.5g}"),
            "not_testable": comparison.not_testable,
        }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compares pairs of known history by the geometry of their weights.")
    parser.add_argument("--out", type=Path, default=Path(".make/factorial"), help="where runs are (%(default)s)")
    parser.add_argument("--ladder", type=Path, default=Path(".make/ladder"), help="where models go (%(default)s)")
    parser.add_argument("--only", choices=[CONTROLS, ALL_RELEASED], help="only these")
    parser.add_argument("--random", action="store_true", help="score heads of random numbers, by shape")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    options = parser.parse_args(argv)
    if options.random:
        table = random_table(tqdm(RANDOM_PAIRS, desc="random", unit="pair", file=sys.stderr))
        write_file(options.data / "controls" / RANDOM, table.to_csv(index=False, lineterminator="\n"))
        return 0
    dataset, _ = load_dataset(options.data)
    design = sound_design(dataset)
    if design is None:
        parser.error("there is no design that can be used; scripts/check.py says why")
    path = options.data / "controls" / SCORES
    old = pd.read_csv(path) if path.is_file() else pd.DataFrame(columns=["model_a", "model_b"])
    scored_pairs = set(zip(old["model_a"], old["model_b"], strict=True))
    controls = Controls(Bench(design, options.out, date.today()))
    planned = planned_pairs(dataset)
    unscored = {
        population: [pair for pair in pairs if (pair.a.name, pair.b.name) not in scored_pairs]
        for population, pairs in planned.items()
        if options.only in (None, population)
    }
    pairs_ready = [
        pair for pair in unscored.get(CONTROLS, []) if controls.is_ready(pair.a) and controls.is_ready(pair.b)
    ]
    rows: list[dict[str, object]] = []
    status = 0
    try:
        rows.extend(control_rows(controls, pairs_ready))
        rows.extend(released_rows(options.ladder, lineage_of(dataset), unscored.get(ALL_RELEASED, [])))
    except (CheckpointError, LadderError, TextError, ValueError, OSError) as fault:
        print(f"{fault}\nStopped; what was compared is kept.", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("\nStopped; what was compared is kept.", file=sys.stderr)
        status = 130
    if rows:
        order = {(pair.a.name, pair.b.name): rank for rank, pair in enumerate(chain(*planned.values()))}
        table = pd.concat([old, pd.DataFrame(rows)]) if len(old) else pd.DataFrame(rows)
        ranks = [order.get(names, len(order)) for names in zip(table["model_a"], table["model_b"], strict=True)]
        table = table.assign(place=ranks).sort_values(["place", "measure"]).drop(columns="place")
        write_file(path, table.to_csv(index=False, lineterminator="\n"))
    print(f"compared {len(rows) // len(MEASURES)} pairs; {sum(map(len, planned.values()))} are planned")
    return status


if __name__ == "__main__":
    sys.exit(main())
