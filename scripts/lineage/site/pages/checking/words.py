"""The words of the script of the page "Check a model", listed for translation; see page.py.

A test compares them with docs/assets/js/check/.
"""

from lineage.site.languages import words
from lineage.site.pages.comparison.script_words import CURVES
from lineage.site.told_forms import CONFIGURED

WORDS = (
    words("{before}; {one}"),
    words("{before}; and {count} more"),
    words("{of}layers {numbers} are missing; add every file of the checkpoint"),
    words(
        "the configuration says {said} {of}layers, the files hold {count}; add every file of the "
        "checkpoint, or its own config.json"
    ),
    words("the configuration says {said} {of}layers, the files hold {count}; add the checkpoint's own config.json"),
    words("the configuration says {count} experts, and no model has more than {most}"),
    words("{name} is of a layer beyond {most}, which no model has; the names are damaged"),
    words("{name} is of an expert beyond {most}, which no model has; the names are damaged"),
    words("layer {layer} has no experts {numbers} of {wanted}"),
    words("layer {layer} has no {roles} of expert {number}"),
    words("layer {layer} has no {roles} and other layers have; a file may be missing"),
    words(
        "{role} of layer {layer} is {rows}x{columns} as (out, in), where the residual stream is {width} "
        "wide; this table of names does not fit it"
    ),
    words(
        "up of layer {layer} has {rows} rows, twice the {units} units of the configuration: gate and up "
        "may be in one, which this table of names does not say"
    ),
    words("layer {layer}: {misfit}"),
    words("q has {q} rows and o {o} columns, and no configuration says of how many heads"),
    words("q has {q} rows, which do not fit {heads} heads of {wide}"),
    words("q has {q} rows, which do not fit {heads} heads"),
    words(
        "k has {k} rows, v {v} and o {o} columns, which do not fit {heads} heads of {wide} rows with "
        "{groups} of keys and values"
    ),
    words("a fingerprint is three files: choose {stem}.toml, {stem}.csv and {stem}.vectors.csv together"),
    words("More than {count} files were chosen; choose the folder of one checkpoint."),
    words("{file}: is not among the files that were chosen, and others name it; choose the whole folder"),
    words("{file}: is not JSON; download it again"),
    words("{file}: has {size} bytes, too many for what it should hold"),
    words(
        "these are the files of an adapter, which adds to a base; merge it into its base first, or use "
        "the command `make look`, which reads both"
    ),
    words(
        "{file}: is in the format of its maker's own code, which the browser does not read; choose the "
        "files that transformers reads, or use the command `make look`"
    ),
    words("{file}: {why}"),
    words(
        "{file}: is a file of {format}, which the browser does not read; choose .safetensors or .gguf, "
        "or use the command `make look`"
    ),
    words(
        "no file of weights is among those that were chosen; wanted are .safetensors or .gguf, with "
        "config.json and tokenizer.json beside them"
    ),
    words("{file}: is not there, and {other} is one of {count} files of a checkpoint; choose the whole folder"),
    words("there are several .gguf files; choose the one that is meant, such as {file}"),
    words("is a download that did not finish; let it finish, or download the file again"),
    words("is an archive; unpack it, and choose the file of weights in it"),
    words("{file}: is empty; download it again"),
    words("is GGUF written backwards; download it again"),
    words(
        "is a PyTorch file or an archive, which the browser does not read; unpack an archive, choose "
        ".safetensors or .gguf, or use the command `make look`"
    ),
    words("is compressed; unpack it, and choose the file of weights in it"),
    words("is a tar archive; unpack it, and choose the folder of the weights in it"),
    words("is HDF5, as Keras writes it, which is not read here; download the safetensors file"),
    words("is a pointer of git-lfs, not the weights; run `git lfs pull` there, or download the file itself"),
    words("is a pointer of git-annex, not the weights; run `git annex get` there, or download the file itself"),
    words("is a web page, not weights; download it again from the address that serves the file itself"),
    words("is text, not weights: the answer of a server, or a file of settings; choose the weights"),
    words(
        "{file}: says that it is file {number} of {count} of one checkpoint; choose all of them "
        "together, under the names they were published with"
    ),
    words("{file}: a file of the checkpoint stands there twice; download the one that is missing"),
    words("{file}: says that the files hold {said} tensors together; they hold {held}"),
    words(
        "the index says that {name} is in {file}, where it is not; {count} of {all} names disagree: "
        "download the index and the files again"
    ),
    words(
        "{file}: holds {name}, which the index does not name, and {count} more; download the index and the files again"
    ),
    words("{name} holds no numbers; it cannot be measured"),
    words("{name} has rows that do not fill blocks; the file is damaged"),
    words("{file}: says that its weights cannot be measured: {why}"),
    words("{file}: says that {said} rows were measured; the table beside it has {count}"),
    words("{file}: is no record of a measurement; choose what `make measure` or this page wrote"),
    words("{file}: line {line} is not as `make measure` writes it"),
    words("{file}: has other columns than a fingerprint; choose what `make measure` or this page wrote"),
    words("{file}: {what} at byte {byte}; the file is damaged, download it again"),
    words("the header asks for more bytes than there are"),
    words("the header says that more things follow than the file can hold,"),
    words("the header says that more things follow than any model has,"),
    words("a setting has a type that is not known here,"),
    words(
        "{file}: is big-endian GGUF, which is not read here; download the little-endian file, or turn it "
        "with gguf-convert-endian of the gguf package"
    ),
    words("{file}: is GGUF version {version}; versions 2 and 3 are read here: download the file in one of these"),
    words("the header has an alignment that is none"),
    words("a tensor's name stands twice"),
    words("{file}: holds no tensors, only settings or a vocabulary; choose the file of weights"),
    words("a tensor has more than 8 dimensions,"),
    words("{file}: {name} has a shape that is none; the file is damaged"),
    words("{file}: {name} has rows that do not fill blocks; the file is damaged"),
    words("{file}: {name} lies outside the file; it is cut off, download it again"),
    words("{file}: names a tensor {name}, which has more than {most} characters or some that nobody sees"),
    words("no table of names is for the type {type}, and none knows these names: {names}"),
    words("no table of names knows these names: {names}"),
    words("several tables of names fit, and no configuration says which ({families}): put its config.json beside it"),
    words("{name}: is stored as (in, out) and in the order of pairs, which is not read here"),
    words("{name}: is stored in the order of pairs, and nothing says how its rows make heads"),
    words("{name}: has {count} experts in one tensor, which is none of a model"),
    words("{name}: has {size} rows, which two matrices cannot share evenly"),
    words("{name}: is fused; put config.json beside the file, which says how many heads there are"),
    words("{name}: has {size} rows, which do not fit the number of heads in config.json"),
    words("Vocabulary: the same list of {tokens} tokens; {having} of {makers} other makers on record have it too."),
    words("Vocabulary: different lists, of {one} and {other} tokens."),
    words(
        "Vocabulary: different lists, of {one} and {other} tokens; about {share} % of all tokens are in "
        "both (within {margin} points)."
    ),
    words("Vocabulary: different lists, of {one} and {other} tokens; more than 99 % of all tokens are in both."),
    words("Vocabulary: different lists, of {one} and {other} tokens; fewer than 1 % of all tokens are in both."),
    words("Equal {field}, {value}: shared by {having} of {makers} other makers on record."),
    words("Different: {fields}."),
    words("Reading the record …"),
    words("The record could not be read: the connection failed. Load the page again."),
    words("Ready. Everything that this page needs is here: you may switch off your network now."),
    words("{read} of {all}; {left}"),
    words("{files} beside the record"),
    words("Done. Nothing left your machine."),
    words("These curves came with the address. Nothing here checks whose they are."),
    words("Stopped. What was read so far is forgotten."),
    words("{count} files"),
    words("Reading {files}"),
    words("The browser gave up, perhaps for want of memory. Load the page again, or use the command `make look`."),
    words("time left: unknown yet"),
    words("about {count} seconds left"),
    words("about {count} minutes left"),
    words("{name}: stands in two files of the checkpoint; keep one"),
    words(
        "its weights are packed by {packer}: whole numbers that stand for groups of weights, which the "
        "browser does not read. Choose the weights in 16 bits, or use the command `make look`, which "
        "reads the usual recipes"
    ),
    words("read as {family}: {problems}"),
    words("{name} {reason}"),
    words(
        "has a scale beside it, which the browser does not read ({names}); the command `make look` reads the usual ones"
    ),
    words("has something beside it that is not understood here: {names}"),
    words("is a gain, and no configuration says whether it is stored less one"),
    words("has {count} numbers, more than the browser can count; use the command `make look`"),
    words("has the type {type}: whole numbers without a scale"),
    words("has the type {type}, which is not read here"),
    words(
        "has the type {type}, which the browser does not read; choose the weights in 16 bits, or use the "
        "command `make look`"
    ),
    words("{file}: tensors overlap; it cannot be read in one pass"),
    words("{file}: changed or went away while it was read; choose it again"),
    words("{file}: has {size} bytes; no safetensors file is that short"),
    words("{file}: says its header has {length} bytes; the file is cut off, or none of this kind"),
    words("{file}: is not an index of files of weights"),
    words("{file}: names {other}; wanted are files beside it"),
    words("{file}: {one} and {other} lie on the same bytes; it is damaged"),
    words("{file}: has a header that is not JSON; the file is damaged, download it again"),
    words("{file}: has a header that names no tensors"),
    words(
        "{file}: has a header in which a name stands twice, or a tensor is not described; the file is "
        "damaged, download it again"
    ),
    words("{file}: {name} {what}; the file is damaged, download it again"),
    words("is not described by dtype, shape and data_offsets"),
    words("has the type {type}, which is none"),
    words("has a shape that is none"),
    words("has no two offsets"),
    words("lies outside the file"),
    words("has {found} bytes, its shape and type ask for {bytes}"),
    words("nothing is left of {roles} once the trend is removed"),
    words("residual streams of different width: {own} and {other}"),
    words("different dimensions were sampled"),
    words("this address does not hold whole curves; ask whoever sent it to copy it again"),
    words("not shared"),
    words("only standardised curves were shared"),
    words("{name} holds values beyond 1e+30, which are no weights; it cannot be measured"),
    words("{name} holds NaN or infinite values; it cannot be measured"),
    words("partial: {why}"),
    words("no {roles} matrices"),
    words("more than one stack of layers"),
    words("more than one matrix of a role in a layer"),
    words("the roles do not stand in the same layers"),
    words("one layer only"),
    words("the curve of {roles} is constant"),
    words("a standard deviation is zero"),
    words("{layers} layers, fewer than {fewest}: too few to remove a trend"),
    words("the width of the residual stream cannot be told"),
    words("no residual norm profile"),
    words("no {name} profile"),
    words("the {name} profile is not finite"),
    words("the {name} profile is constant"),
    words("Take it away"),
    words(
        "The fingerprint, in the form that this project measures in. Save the three files into one "
        "folder: `make look MODEL={stem}.toml` and this page both take them."
    ),
    words("Propose it for the record"),
    words(
        "Others can compare with this model once it is on record. For that its weights are read from a hub, so the "
        "form asks for their address there. Nothing of what was measured here goes with it, and what you write "
        "there is public."
    ),
    words("Share the curves"),
    words("There are no curves to share: this model has not one matrix of each of Q, K, V and O in the same layers."),
    words("Copy a link to this result"),
    words("Copied."),
    words("Copy it from the field."),
    words(
        "This address holds the four curves over depth, rounded to three digits, and the name that you "
        "write. It stands behind the “#”, which browsers do not send to any server. Nothing is stored "
        "anywhere; whoever has the address sees the comparison."
    ),
    words("A name to show (may stay empty)"),
    words("The address"),
    words("No finding."),
    words("The same bytes."),
    words("all {matrices} matrices and {vectors} vectors that both have are equal to the byte."),
    words("{most} is the most that this score can give."),
    words("{before}, {one}"),
    words(
        "No exact test was run here, and scores alone make no finding. The command `make look` runs the "
        "exact tests on the same files."
    ),
    words("The curves in this address"),
    words(
        "Whoever made this address shared curves of {layers} layers, rounded, and the name above. Only "
        "the standard-deviation profile can be computed of these."
    ),
    words("numbered experts, summarised"),
    words("{read} of {there}"),
    words("not read here: {why}"),
    words("Tensors that were not read ({count} kinds)"),
    words("{count} more stand in the fingerprint."),
    words("What was read"),
    words("Read as {family}: {files} of {bytes} bytes in all."),
    words("{count} matrices in the layers have names that no table knows, and were not read."),
    words("A part only:"),
    words("Nothing is computed of a part."),
    words("Matrices of the layers, by role"),
    words("Read"),
    words("Why not"),
    words("the list below names what was not read"),
    words("1 file"),
    words("Nearest on record"),
    words(
        "Compared with {count} of the {measured} measured models on record. “Higher than k of n”: this "
        "model, and the other, with one model of each independent root in place of the other."
    ),
    words("A p is given from {count} control roots on; below that number only the rank is."),
    words("The p by permutation of the residual norm profile is not computed in the browser; `make look` gives it."),
    words("Cannot tell: {why}."),
    words("nothing is on record"),
    words("{method}: the nearest"),
    words("{method}: the other {count} models"),
    words("no model that it is compared with has a residual stream of width {own}"),
    words("Score"),
    words("Among all independent roots"),
    words("Among those of its shape"),
    words("The other {count} models"),
    words("not testable: {why}"),
    words("cannot tell: no such control on record"),
    words("higher than {a} of {n} and {b} of {m} control roots"),
    words("{words}; p = {p}"),
    words("{equal} of {matrices} matrices and {equalVectors} of {vectors} vectors that both have"),
    words("; {count} matrices stand in one of the two alone"),
    words("Tensors with the same bytes"),
    words("None with the {count} models that it was compared with."),
    words("Side by side"),
    words("Beside this model of the record"),
    words("No curves can be drawn of these."),
    words("In common beside the weights"),
    words("What configurations and tokenizers have in common is no evidence of shared weights."),
    words("What is on record of {model}"),
    words("the browser gave up: {why}; another browser, or the command `make look`, may read it"),
    *CURVES,
    *CONFIGURED,
    # Titles of roles, and names of methods:
    words("Query (Q)"),
    words("Key (K)"),
    words("Value (V)"),
    words("Output (O)"),
    words("Gate"),
    words("Up"),
    words("Down"),
    words("Standard-deviation profile"),
    words("Standard-deviation profile without the common depth trend"),
    words("Residual norm profile"),
)
