"""Pairs whose history is known -> data/controls/peers.csv: what each tool of today says of them, and what it costs.

Every tool is asked in an environment of its own about the same two folders, by its own command and in its own words.
What stands in the table is not asked again. Needs the weights that train_factorial.py left, and a package index.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from shutil import copy

import pandas as pd
from tqdm import tqdm

from derive_ladder import fetch_model, load_state, other_state
from experiments.controls.texts import TextError
from experiments.factorial.pieces import weights_path
from experiments.ladder.bases import read_state
from experiments.ladder.folders import WEIGHTS, write_weights
from experiments.ladder.plan import BASES, derive_state
from experiments.ladder.state import LadderError, State
from experiments.peers.answers import read_as
from experiments.peers.plan import VERSIONS, AskedPair, Model, Trained, asked_pairs
from experiments.peers.tools import TOOLS, Tool, ask
from lineage.checkpoints.files import CheckpointError
from lineage.checks.kinds.designs import check_design
from lineage.records import Design
from lineage.store.files import read_record
from lineage.store.writing import write_file
from match_factorial import Bench
from measure import DATA
from train_factorial import DESIGN

TABLE = Path("controls") / "peers.csv"
KEY = ["model_a", "model_b", "tool"]
BESIDE = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt")


class Folders:
    """Writes the models of pairs into folders, as their makers would publish them."""

    def __init__(self, bench: Bench, ladder: Path) -> None:
        self.bench = bench
        self.ladder = ladder

    def is_ready(self, model: Model) -> bool:
        """Whether a model can be written: a run's weights are at hand; released ones can be fetched."""
        return not isinstance(model, Trained) or weights_path(self.bench.out / model.run.name, model.step).is_file()

    def put(self, model: Model, folder: Path) -> None:
        """Writes weights, configuration and tokenizer of a model into an empty folder."""
        folder.mkdir()
        if isinstance(model, Trained):
            self.bench.put(folder, model.run, model.step)
            if model.rung:
                write_state(folder, derive_state(model.rung, read_state(folder / WEIGHTS), None))
            return
        base = fetch_model(BASES[model.base] if model.rung else model.model, self.ladder)
        for name in BESIDE:
            if (base.parent / name).is_file():
                copy(base.parent / name, folder)
        if model.rung:
            state = load_state(base)
            write_state(folder, derive_state(model.rung, state, other_state(model.rung, state, self.ladder)))
        else:
            copy(base, folder)


def write_state(folder: Path, state: State) -> None:
    """Writes weights and configuration into a folder that has the tokenizer."""
    write_weights(folder / WEIGHTS, state.tensors)
    write_file(folder / "config.json", json.dumps(state.config, indent=2, sort_keys=True) + "\n")


def rows_of(
    pair: AskedPair, tools: Sequence[Tool], homes: dict[str, Path], folders: Folders, today: date
) -> pd.DataFrame:
    """What each tool says of a pair, a row a tool."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        copies = [Path(scratch) / name for name in ("a", "b")]
        for model, folder in zip((pair.a, pair.b), copies, strict=True):
            folders.put(model, folder)
        for tool in tools:
            answer, cost = ask(tool, homes, *copies)
            words = answer.words.replace(scratch, "")
            rows.append(
                {
                    "kind": pair.kind,
                    "model_a": pair.a.name,
                    "model_b": pair.b.name,
                    "truth": pair.truth,
                    "root_a": pair.roots[0],
                    "root_b": pair.roots[1],
                    "tool": tool.id,
                    "version": VERSIONS[tool.id],
                    "said": words,
                    "answer": read_as(tool.id, words),
                    "score": answer.score,
                    "cpu_seconds": round(cost.cpu_seconds, 1),
                    "peak_mb": round(cost.peak_mb),
                    "date": today.isoformat(),
                }
            )
    return pd.DataFrame(rows)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Asks the tools of today about pairs whose history is known.")
    parser.add_argument("--out", type=Path, default=Path(".make/factorial"), help="where runs are (%(default)s)")
    parser.add_argument("--ladder", type=Path, default=Path(".make/ladder"), help="where models go (%(default)s)")
    parser.add_argument("--kit", type=Path, default=Path(".make/tools/kit/bin/provenancekit"), help="its command")
    parser.add_argument("--modeldna", type=Path, default=Path(".make/tools/modeldna/bin/modeldna"), help="its command")
    parser.add_argument("--only", action="append", choices=[tool.id for tool in TOOLS], help="only this tool")
    parser.add_argument("--kind", action="append", help="only pairs of this kind; see --list")
    parser.add_argument("--data", type=Path, default=DATA, help="the data folder (default: data/ of this repository)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day of the answers")
    parser.add_argument("--list", action="store_true", help="list the pairs, say which can be asked about, and stop")
    options = parser.parse_args(argv)
    design = read_record(options.data, DESIGN, Design)
    if design is None or list(check_design(design)):
        parser.error(f"{options.data.name}/{DESIGN} cannot be used; scripts/check.py says why")
    folders = Folders(Bench(design, options.out, options.date), options.ladder)
    homes = {"kit": options.kit, "modeldna": options.modeldna}
    tools = [tool for tool in TOOLS if tool.id in (options.only or [candidate.id for candidate in TOOLS])]
    if absent_tools := [tool.id for tool in tools if tool.id in homes and not homes[tool.id].is_file()]:
        parser.error(f"{', '.join(absent_tools)}: is not installed; make peers does that")
    path = options.data / TABLE
    asked_keys = set(pd.read_csv(path)[KEY].itertuples(index=False, name=None)) if path.is_file() else set()
    pairs = [pair for pair in asked_pairs(design) if options.kind is None or pair.kind in options.kind]
    pairs_ready = [pair for pair in pairs if folders.is_ready(pair.a) and folders.is_ready(pair.b)]
    if options.list:
        for pair in pairs:
            print(
                f"{pair.kind}: {pair.a.name} and {pair.b.name}{'' if pair in pairs_ready else ' (waits for weights)'}"
            )
        return 0
    try:
        for pair in tqdm(pairs_ready, desc="asking", unit="pair", file=sys.stderr):
            tools_to_ask = [tool for tool in tools if (pair.a.name, pair.b.name, tool.id) not in asked_keys]
            if tools_to_ask:
                answers = rows_of(pair, tools_to_ask, homes, folders, options.date)
                table = pd.concat([pd.read_csv(path), answers]) if path.is_file() else answers
                write_file(path, table.sort_values(["kind", *KEY]).to_csv(index=False, lineterminator="\n"))
    except (CheckpointError, LadderError, TextError, ValueError, OSError) as fault:
        print(f"{fault}\nStopped; what was told is kept.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped; what was told is kept.", file=sys.stderr)
        return 130
    print(f"asked about {len(pairs_ready)} pairs; {len(pairs) - len(pairs_ready)} wait for weights that are not here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
