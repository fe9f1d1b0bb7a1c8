"""A data folder of any number of made-up models in the real formats, the same at every run: for measuring speed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd

from lineage.measuring.commands import measure_command
from lineage.measuring.recorded import LEVELS, SAMPLE, WRITES, sampled_dimensions
from lineage.records import model_slug
from lineage.records.columns.measurements import FINGERPRINT, VECTORS
from lineage.store.writing import write_file

ROLES = {"q": 1.0, "k": 0.25, "v": 0.25, "o": 1.0, "gate": 3.0, "up": 3.0, "down": 3.0}  # units, a share of the width
WIDTHS = (1024, 2048, 4096)
SYNTHETIC_FAMILY = "Llama"  # the table of names that measurements say
FAMILY = 3  # models of a root: one, and two fine-tunes of it
CASES = 3  # cases are few, however many models there are
_DAY = "2026-01-01"
_SHA256 = "0" * 64
_COMMIT = "0" * 40


@dataclass(frozen=True)
class Made:
    """One made-up model."""

    number: int  # from 0

    @property
    def id(self) -> str:
        """Its maker and name."""
        return f"synthetic-{self.family % 500:03d}/Model-{self.number:05d}"

    @property
    def family(self) -> int:
        """The number of its root."""
        return self.number // FAMILY

    @property
    def parent(self) -> "Made | None":
        """The model that it is documented to be a fine-tune of."""
        first = self.number - self.number % FAMILY
        return None if first == self.number else Made(first)

    @property
    def layers(self) -> int:
        """How many layers its stack has, 24 to 48; the same in a family."""
        return 24 + 8 * (self.family % 4)

    @property
    def width(self) -> int:
        """The width of its residual stream."""
        return WIDTHS[self.family % len(WIDTHS)]


def write_records(data: Path, count: int) -> int:
    """Adds models, their sources and fingerprints, and a few cases, to a data folder; how many files were written."""
    files = [file for number in range(count) for file in _files(Made(number))]
    return sum(write_file(data / name, text) for name, text in [*files, *_cases(count)])


def change_record(data: Path, count: int) -> str:
    """Changes one model, as a contributor would: its licence, and what was measured of one matrix; gives its id."""
    made = Made(count // 2)
    write_file(data / f"models/{model_slug(made.id)}.toml", _model(made, licence="MIT"))
    frame = _matrices(made)
    for name in ("mean", "std", "frobenius", *LEVELS, "abs_max"):  # all of one matrix, as other weights would
        frame[name] = frame[name].to_numpy() * np.r_[np.ones(len(frame) - 1), 1.5]
    for name, text in _measured(made, frame):
        write_file(data / name, text)
    return made.id


def change_licence(data: Path, count: int) -> None:
    """Changes the licence of one model, as a contributor would."""
    made = Made(count // 2)
    write_file(data / f"models/{model_slug(made.id)}.toml", _model(made, licence="MIT"))


def _files(made: Made) -> Iterator[tuple[str, str]]:
    slug = model_slug(made.id)
    yield f"models/{slug}.toml", _model(made)
    if made.parent is None:
        yield f"sources/synthetic-{made.family:05d}.toml", _source(made)
    yield from _measured(made, _matrices(made))


def _measured(made: Made, matrices: pd.DataFrame) -> Iterator[tuple[str, str]]:
    """The files of a measurement, and the record that it was made again, so that it counts."""
    measured = f"fingerprints/{model_slug(made.id)}"
    files = {
        f"{measured}.toml": _measurement(made),
        f"{measured}.csv": _csv(matrices),
        f"{measured}.vectors.csv": _csv(_vectors(made)),
    }
    yield from files.items()
    lines = [f'measured = "{measured}"']
    for name, text in files.items():
        lines += ["", "[[files]]", f'name = "{name}"', f'sha256 = "{sha256(text.encode()).hexdigest()}"']
    lines += ["", "[[repeats]]", 'by = "maintainer"', f"date = {_DAY}", 'weights = "downloaded again"']
    lines += [f'command = "{_command(made)}"', 'machine = "none: these numbers are made up"']
    yield f"reproductions/{model_slug(made.id)}.toml", "\n".join(lines) + "\n"


def _cases(count: int) -> Iterator[tuple[str, str]]:
    """A case with a claim about a model and its parent, for the first few families."""
    for family in range(min(CASES, count // FAMILY)):
        parent, child = Made(FAMILY * family), Made(FAMILY * family + 1)
        folder, source = f"cases/synthetic-{family}", f'sources = ["synthetic-{family:05d}"]'
        words = "Made up, to measure how fast pages are built."
        head = f'id = "synthetic-{family}"\nkind = "documented derivation"\ntitle = "Synthetic case {family}"\n'
        head += f'question = "{words}"\nquestion_{source}\nstatus = "{words}"\nstatus_{source}\nreviewed = {_DAY}\n'
        parts = "".join(f'\n[{name}]\ntext = "{words}"\n{source}\n' for name in ("claimed", "evidence", "outcome"))
        lists = "".join(f'\n[[{name}]]\ntext = "{words}"\n{source}\n' for name in ("summary", "unknown", "settle"))
        null = f'\n[null]\ntext = "{words}"\n{source}\nours = true\n'
        dated = f'\n[[events]]\ndate = {_DAY}\ntext = "{words}"\n{source}\n'
        named = f'subject = "{child.id}"\nreference = "{parent.id}"\n'
        yield f"{folder}/case.toml", head + named + parts + null + lists + dated
        claim = f'id = "claim-made"\nkind = "claim"\nsubject = "similarity"\ntitle = "A claim made up"\ndate = {_DAY}\n'
        claim += f'claimant = "{_maker(parent)}"\nclaimant_role = "maker"\nmodels = ["{child.id}", "{parent.id}"]\n'
        check = f'\n[check]\nlooked = {_DAY}\nlooked_in = "nothing"\n\n[check.could]\ntext = "{words}"\n{source}\n'
        yield f"{folder}/claim-made.toml", f'{claim}statement = "{words}"\n{source}\n{check}'


def _maker(made: Made) -> str:
    return f"Synthetic maker {made.family % 500}"


def _model(made: Made, licence: str = "Apache-2.0") -> str:
    source = f'["synthetic-{made.family:05d}"]'
    lines = [f'id = "{made.id}"', f'name = "Model-{made.number:05d}"', f'maker = "{_maker(made)}"']
    lines += [f"released = {_DAY}", f'licence = "{licence}"', f'root = "synthetic-{made.family:05d}"']
    lines += [f"root_sources = {source}", f"sources = {source}"]
    if made.parent:
        lines += [f'base_model = "{made.parent.id}"', 'base_model_relation = "finetune"']
        lines += [f"base_model_sources = {source}"]
    lines += ["", "[[addresses]]", 'kind = "hub"', f'value = "{made.id}"', f'revision = "{_COMMIT}"']
    lines += ['revision_kind = "commit"', "", "[parameters]", "total = 7_000_000_000"]
    lines += ["", "[architecture]", 'kind = "dense"', 'stack = "decoder"', f"layers = {made.layers}"]
    lines += [f"hidden_size = {made.width}", "heads = 32", "kv_heads = 8", 'activation = "SwiGLU"']
    lines += ["vocabulary = 100_000", "tied_embeddings = false", f"sources = {source}"]
    return "\n".join(lines) + "\n"


def _source(made: Made) -> str:
    address = f"https://example.org/synthetic-{made.family:05d}"
    lines = [f'id = "synthetic-{made.family:05d}"', f'title = "Synthetic family {made.family}: announcement"']
    lines += [f'publisher = "{_maker(made)}"', f'url = "{address}"', f"published = {_DAY}", 'kind = "primary"']
    lines += ['read = "not read"']
    return "\n".join([*lines, 'shows = "Shape and licence of a made-up model."']) + "\n"


def _measurement(made: Made) -> str:
    lines = [f"date = {_DAY}", f'model = "{made.id}"', f'address = "{_address(made)}"', 'tool_version = "0.3.0"']
    lines += [f'command = "{_command(made)}"', f'family = "{SYNTHETIC_FAMILY}"', f'revision = "{_COMMIT}"']
    lines += [f"matrices = {len(ROLES) * made.layers}", "", "[[files]]", 'name = "model.safetensors"']
    return "\n".join([*lines, f'sha256 = "{_SHA256}"', "bytes = 14000000000"]) + "\n"


def _address(made: Made) -> str:
    return f"hub:{made.id}@{_COMMIT}"


def _command(made: Made) -> str:
    return measure_command(_address(made), made.id, None)


def _rng(*numbers: int) -> np.random.Generator:
    return np.random.default_rng(numbers)


def _matrices(made: Made) -> pd.DataFrame:
    """A trend that all share, what a family shares, and a little of its own."""
    layers, size = made.layers, len(ROLES) * made.layers
    common = 0.02 + 0.01 * np.linspace(0, 1, layers)
    family = 0.002 * _rng(1, made.family).standard_normal((layers, len(ROLES)))
    own = 0.0002 * _rng(2, made.number).standard_normal((layers, len(ROLES)))
    std = np.abs(common[:, None] + family + own).ravel()
    sizes = [int(share * made.width) for share in ROLES.values()]
    writes = [role in WRITES for role in ROLES]
    rows = np.tile(np.where(writes, made.width, sizes), layers)
    cols = np.tile(np.where(writes, sizes, made.width), layers)
    mean = 1e-5 * _rng(3, made.number).standard_normal(size)
    order = np.argsort(np.tile(list(ROLES), layers).reshape(layers, -1), axis=1)
    positions = (order + len(ROLES) * np.arange(layers)[:, None]).ravel()  # as measure.py sorts: by layer, then role
    columns: dict[str, Sequence[object] | np.ndarray | object] = {
        "stack": "decoder",
        "layer": np.repeat(np.arange(layers), len(ROLES)),
        "role": np.tile(list(ROLES), layers),
        "expert": "",
        "rows": rows,
        "cols": cols,
        "n": rows * cols,
        "mean": mean,
        "std": std,
        "skewness": 0.01 * _rng(4, made.number).standard_normal(size),
        "excess_kurtosis": _rng(5, made.number).random(size),
        "abs_max": 12 * std,
        "abs_q50": 0.67 * std,
        "abs_q90": 1.64 * std,
        "abs_q99": 2.6 * std,
        "abs_q999": 3.3 * std,
        "frobenius": np.sqrt(rows * cols * (mean**2 + std**2)),
        "sha256": [f"{made.number:06x}{number:010x}" for number in range(size)],
    }
    frame = pd.DataFrame(columns, columns=[column.name for column in FINGERPRINT])
    return frame.iloc[positions].reset_index(drop=True)


def _vectors(made: Made) -> pd.DataFrame:
    """Norms of sampled dimensions, alike within a family; no gains and no biases, which the tables do not hold."""
    dimensions = sampled_dimensions("residual", made.width)
    size = len(dimensions)
    shared, own = _rng(6, made.family).standard_normal((2, size)), _rng(7, made.number).standard_normal((2, size))
    frame = pd.DataFrame({"rank": range(min(SAMPLE, size)), "dimension": dimensions})
    frame["read"], frame["write"] = 0.05 * shared + 0.01 * own
    return frame.reindex(columns=[column.name for column in VECTORS])


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n", float_format="%.7g")
