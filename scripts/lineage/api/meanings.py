"""What each field of a record means, in the words of the comment beside it, or of the list here."""

import ast
import inspect
import io
import textwrap
import tokenize
from collections.abc import Mapping
from functools import cache

# Fields that say the same in every class, so that no class has to repeat it.
SHARED: Mapping[str, str] = {
    "path": "the file that the record was read from",
    "id": "its id, which never changes",
    "title": "its title",
    "name": "its name",
    "kind": "what kind of thing it is",
    "date": "the day, or the month where only that is known",
    "sources": "ids of the sources that it rests on",
    "source": "id of the source that it comes from",
    "text": "the words",
    "note": "what a reader should also know",
    "notes": "what a reader should also know, with sources",
    "description": "what it is, in a sentence or two",
    "model": "id of the model",
    "models": "ids of the models that it is about",
    "model_a": "the first of two models, by id or as the source names it",
    "model_b": "the second of two models, by id or as the source names it",
    "command": "the command that made it",
    "tool_version": "version of the tool that wrote it",
    "address": "where the weights were read",
    "sha256": "SHA-256 of its bytes, in hexadecimal",
    "file": "the file",
    "files": "the files that were read",
    "where": "where in the source it stands",
    "revision": "the exact revision",
    "layers": "number of layers",
    "hidden_size": "width of the residual stream",
    "heads": "attention heads for queries, in a layer",
    "kv_heads": "attention heads for keys and values, in a layer",
    "head_dim": "numbers in an attention head",
    "ffn_width": "width of the dense feed-forward layer",
    "experts": "routed experts in a layer",
    "experts_per_token": "routed experts that a token passes through",
    "expert_width": "width of a routed expert",
    "shared_expert_width": "width of all shared experts together",
    "activation": "activation function of the feed-forward layer",
    "vocabulary": "rows of the embedding matrix",
    "tokenizer": "the tokenizer",
    "qkv_bias": "whether queries, keys and values have a bias",
    "output_bias": "whether the output of attention has a bias",
    "tied_embeddings": "whether input and output embeddings are one matrix",
    "norm": "kind of normalisation",
    "norm_eps": "the number added in normalisation",
    "rope_theta": "base of the rotary position embedding",
    "max_positions": "longest context, in tokens",
    "stack": "encoder or decoder",
    "dtype": "type of the stored numbers",
    "model_type": "the model type that the configuration names",
    "config": "the configuration beside the weights",
    "units": "number of units tested",
    "z": "the statistic in standard deviations of its permutation distribution",
    "not_testable": "why there is no result",
    "events": "what happened, in order of date",
    "history": "what happened to it since, in order of date",
    "a": "the first of the two models",
    "b": "the second of the two models",
    "rows": "the rows",
    "columns": "its columns, in order",
    "method": "how the numbers were made",
    "reference": "where it was first described",
    "version": "its version",
    "licence": "its licence, or what is said of it",
}
OWN: Mapping[str, str] = {
    "Address.kind": "hub (Hugging Face), gitcode, or package (a Python package)",
    "Address.value": "the address, as its kind writes it",
    "Address.revision_kind": "whether the revision is a commit or the version of a package",
    "Architecture.kind": "dense, or mixture of experts",
    "Benchmark.machine": "the machine that it ran on",
    "Benchmark.versions": "versions of what was compared",
    "BenchmarkRow.way": "id of the way",
    "BenchmarkRow.what": "the way, in words",
    "BenchmarkRow.cpu_seconds": "CPU time, in seconds",
    "BenchmarkRow.peak_bytes": "largest memory in use, in bytes",
    "BenchmarkRow.input_bytes": "bytes read",
    "Case.question": "what is asked",
    "Case.reference": "id of the model that the other is said to come from",
    "Case.summary": "what happened, each part with its sources",
    "Case.other_tests": "what other tests and documents say",
    "Case.architecture_notes": "what is known of the two shapes",
    "Case.hardware": "what is said of the hardware of training",
    "Case.unknown": "what nobody knows",
    "Case.settle": "what would settle the question",
    "Case.status_sources": "what the sentence on its state rests on",
    "Claim.check": "what could check it, and whether anything public has",
    "Claim.reply": "the words of whoever is named, in full, and who may change them",
    "Claim.kind": "claim or response",
    "Claim.claimant": "who said it, by role or as an organisation",
    "Claim.claimant_role": "the part that the speaker has in the dispute",
    "Claim.quote": "the speaker's own words",
    "Claim.state": "whether it is open, answered, withdrawn or acknowledged",
    "CombinedTest.log10_p": "logarithm to base 10 of the p-value of all blocks together",
    "Column.kind": "text, integer, number, or yes or no",
    "Column.minimum": "the smallest value that is allowed",
    "Column.maximum": "the largest value that is allowed",
    "CommonTokens.tokens": "number of common tokens",
    "CombinedTest.blocks": "the test of each pair of blocks",
    "Correction.corrected": "day of the correction",
    "Correction.reported_by": "who pointed it out, by role",
    "Figure.value": "the number, as published",
    "Figure.unverified": "nobody could check it",
    "LicencePoint.header": "the lines of the header that name holders of rights",
    "Match.method_version": "version of the exact test",
    "Match.parameters": "the numbers fixed before any result",
    "Match.heads": "the attention heads, tested in the same way",
    "Match.residual": "the test of the residual dimensions",
    "MatchParameters.seed": "seed of the permutations",
    "MatchParameters.permutations": "number of permutations",
    "MeasuredFile.bytes": "its size, in bytes",
    "Measurement.config": "what the configuration beside the weights says",
    "Measurement.tokenizer": "what tells its tokenizer from others",
    "Method.score_range": "what a score may be, and what its ends mean",
    "Method.invariances": "what may be done to weights without changing a score",
    "Method.needs": "what a model must have to be compared",
    "Model.maker": "who released it",
    "Model.released": "when it was released",
    "Model.addresses": "where the weights are",
    "Model.parameters": "how many parameters it has",
    "Model.architecture": "its shape, as documents give it",
    "Model.training_tokens": "what is said of the text that it was trained on",
    "Model.base_model_relation": "how its documentation says that it was made from the parent",
    "Model.base_model_sources": "ids of the sources for the parent",
    "Model.root_sources": "ids of the sources for the root",
    "OtherTest.direction": "which way it points",
    "OtherTest.ours": "our own reading of the sources",
    "PairedBlocks.layer_a": "layer of the first model, from 0",
    "PairedBlocks.layer_b": "layer of the second model, from 0",
    "PairedBlocks.matrices": "the matrices that were compared",
    "Parameters.total": "all parameters",
    "Parameters.active": "parameters used for a token",
    "Pin.repository": "the repository of the other project",
    "Pin.commit": "the commit, in full",
    "Published.scale": "what a value may be and what its ends mean",
    "Published.pins": "the files of the other project, fixed by content",
    "Published.figures": "single numbers",
    "Published.tables": "tables of numbers",
    "Quote.language": "language of the words: en, zh, ko or ja",
    "Source.publisher": "who published it",
    "Source.url": "its address",
    "Source.archive_url": "an archived copy",
    "Source.published": "when it was published",
    "Removal.why": "why it went",
    "Removal.asked_by": "who asked for it, by role",
    "Source.state": "what the address answered when somebody last opened it",
    "TokenizerFacts.tokens": "number of tokens",
    "TokenizerFacts.merges_sha256": "SHA-256 of its merges, in hexadecimal",
    "TokenizerFacts.special_tokens": "its special tokens",
    "UnitTest.guard_b": "why the units of model b are not taken as exchangeable",
    "UnitTest.p": "the p-value",
}


def field_meaning(record: type, name: str) -> str:
    """What a field means, or "" where neither its class nor the lists here say so."""
    for ancestor in record.__mro__:
        if name in vars(ancestor).get("__annotations__", {}):
            own = OWN.get(f"{ancestor.__name__}.{name}")
            return own or _comments(ancestor).get(name) or SHARED.get(name, "")
    return ""


@cache
def _comments(record: type) -> Mapping[str, str]:
    """The comment on the line of each field of a class."""
    source = textwrap.dedent(inspect.getsource(record))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    words = {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101 - what getsource gives of a class
    lines = [line for line in body.body if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name)]
    return {ast.unparse(line.target): words.get(line.end_lineno or line.lineno, "") for line in lines}
