"""The forms of English sentences that tools and modules without a language write, listed for translation.

A form has %(name)s where a number or a name stands; see lineage.site.retelling.
"""

from lineage.site.languages import words

FORMS = (
    # Findings, and why there is none.
    words(
        "their residual streams are %(a)s and %(b)s wide and their layers have %(c)s and %(d)s hidden units; "
        "the exact tests compare equal widths or equal numbers of units"
    ),
    words("the measurement of %(model)s is reported by its contributor, and nobody has made it again"),
    words("the measurements of %(models)s are reported by its contributor, and nobody has made them again"),
    words("the match of the two is reported by its contributor, and nobody has made it again"),
    words("their layers have %(a)s and %(b)s hidden units"),
    words("their residual streams are %(a)s and %(b)s wide"),
    words(
        "a mean cosine of %(cosine)s between %(what)s of one index, where independent controls stay below %(control)s; "
        "the exact test rejects independent initialisation"
    ),
    words(
        "a mean cosine of %(cosine)s between %(what)s of one index, where independent controls stay below %(control)s; "
        "the exact test rejects independent initialisation (%(others)s alone do not)"
    ),
    words(
        "the exact test does not reject it (power: a mean cosine of %(cosine)s between %(what)s would have been found)"
    ),
    words(
        "all %(vectors)s vectors are the same to the bit, and the matrices agree at a mean cosine of %(cosine)s, "
        "as in a quantised copy"
    ),
    words("all %(matrices)s matrices are the same to the bit"),
    words(
        "the exact test rejects independence, but %(roots)s independent control roots are on record, %(fewest)s "
        "are needed to judge the effect size"
    ),
    words(
        "the exact test of %(what)s rejects independence, but the effect, a mean cosine of %(cosine)s, is below "
        "%(control)s, which independent controls reach"
    ),
    words("hidden units: %(why)s; %(others)s alone do not speak against independence"),
    words("part of the test was chosen after a result of %(a)s and %(b)s had been seen"),
    words("%(choice)s: the p-value stays exact, but this finding is no test of the method."),
    # Scores that there are not.
    words("%(layers)s layers, fewer than %(fewest)s: too few to remove a trend"),
    words("residual streams of different width: %(a)s and %(b)s"),
    words("different numbers of units: %(a)s against %(b)s"),
    words("different widths of %(what)s: %(a)s against %(b)s"),
    words("%(tokens)s common tokens, fewer than %(fewest)s"),
    words("%(roots)s roots with independent pairs, fewer than %(fewest)s"),
    words("cubic trend: %(roots)s other roots with a curve, fewer than %(fewest)s"),
    words("not testable: %(why)s"),
    # Where a score stands.
    words("higher than %(a)s of %(all_a)s and %(b)s of %(all_b)s control roots"),
    words(
        "higher than %(a)s of %(all_a)s scores of %(one)s with independent models, and %(b)s of %(all_b)s of %(other)s"
    ),
    words(
        "higher than %(a)s of %(all_a)s scores of %(one)s with independent models, and %(b)s of %(all_b)s of "
        "%(other)s; p = %(p)s"
    ),
    words(
        "higher than %(a)s of %(all_a)s scores of %(one)s with independent models, and %(b)s of %(all_b)s of "
        "%(other)s, %(sampled)s of these sampled by modelDNA"
    ),
    words(
        "higher than %(a)s of %(all_a)s scores of %(one)s with independent models, and %(b)s of %(all_b)s of "
        "%(other)s, %(sampled)s of these sampled by modelDNA; p = %(p)s"
    ),
    words("higher than %(a)s of %(all_a)s and %(b)s of %(all_b)s control roots; p = %(p)s"),
    words(
        "higher than %(a)s of %(all_a)s and %(b)s of %(all_b)s control roots, %(sampled)s of these sampled by modelDNA"
    ),
    words(
        "higher than %(a)s of %(all_a)s and %(b)s of %(all_b)s control roots, %(sampled)s of these sampled by "
        "modelDNA; p = %(p)s"
    ),
    words("cannot tell: %(why)s"),
    words(
        "A p is given from %(fewest)s control roots on: among n roots none can be below 1/(n + 1), so among fewer not "
        "even the highest of all scores could reach %(p)s. Below that number only the rank is."
    ),
    # What a number comes from.
    words("measured here, from a %(bits)s file"),
    words("measured here, from an %(bits)s file"),
    words("measured here, one of the two from a %(bits)s file"),
    words("measured here, one of the two from an %(bits)s file"),
    words("measured here, both from %(bits)s files"),
    words("measured here, the two from a %(a)s file and an %(b)s file"),
    words("%(bits)s-bit"),
    words("%(what)s, not made again"),
    words("%(what)s, reproduced"),
    words("%(what)s, reported by its contributor"),
    words("reproduced by %(who)s on %(day)s"),
    words("reproduced by %(who)s on %(day)s, but for the last digit"),
    words("as published by %(who)s"),
    words("as published by %(who)s and %(more)s more"),
    # Charts and tables of methods.
    words("%(set)s: %(pairs)s independent pairs"),
    words("%(set)s: %(pairs)s derivations"),
    words("%(set)s: %(pairs)s pairs with one ancestor"),
    words("%(set)s: %(pairs)s pairs that began from the same random weights"),
    words("Lowest %(low)s, middle %(middle)s, highest %(high)s."),
    words("%(lane)s, lowest %(low)s, middle %(middle)s, highest %(high)s"),
    words("Do related models score higher than independent ones with the %(method)s?"),
    words("Score: %(range)s. A dot is a pair; a bar stands for many, with their number."),
    words("%(pairs)s independent pairs"),
    words("%(pairs)s independent pairs of roots"),
    words("%(pairs)s pairs: %(kind)s"),
    words(
        "ROC. %(method)s: the share of derived pairs at or above each threshold, against the share of independent "
        "pairs; %(sets)s."
    ),
    words("published by %(publisher)s"),
    words("%(method)s, published by %(publisher)s"),
    words("too few: %(why)s"),
    words("%(roots)s independent roots, fewer than %(fewest)s"),
    words("%(roots)s root with a documented derivation, fewer than %(fewest)s"),
    words("%(roots)s roots with a documented derivation, fewer than %(fewest)s"),
    words("independent pairs rejected at p = %(p)s"),
    words("false-positive rate at %(threshold)s"),
    words("False-positive rate at p = %(threshold)s"),
    words(
        "among released models and models trained here %(independent)s and %(related)s have one; a rate needs "
        "independent pairs and a threshold that somebody uses, or pairs of both kinds"
    ),
    words("%(pairs)s pairs of independent models"),
    words("%(pairs)s pairs of related models"),
    words("%(pairs)s pair of independent models"),
    words("%(pairs)s pair of related models"),
    words("%(method)s, pairs %(set)s"),
    words("%(ratio)s times as often"),
    words("score %(score)s"),
    # Models and pairs.
    words("documented: %(child)s is %(relation)s the other"),
    words("reported: %(child)s is %(relation)s the other"),
    words("by its sources: %(child)s is %(relation)s the other"),
    words("%(layers)s layers, width unknown"),
    words("%(width)s wide, layers unknown"),
    words("Vocabulary: the same list of %(tokens)s tokens; %(with)s of %(makers)s other makers on record have it too."),
    words("Vocabulary: different lists, of %(a)s and %(b)s tokens."),
    words(
        "Vocabulary: different lists, of %(a)s and %(b)s tokens; about %(share)s of all tokens are in both "
        "(within %(margin)s points)."
    ),
    words("Vocabulary: different lists, of %(a)s and %(b)s tokens; more than %(share)s of all tokens are in both."),
    words("Vocabulary: different lists, of %(a)s and %(b)s tokens; fewer than %(share)s of all tokens are in both."),
    words("Different: %(fields)s."),
    words("Equal %(field)s, %(value)s: shared by %(with)s of %(makers)s other makers on record."),
    # Any two models side by side.
    words("a fine-tune of %(model)s"),
    words("a continued pre-training of %(model)s"),
    words("a fine-tune, on another model's answers, of %(model)s"),
    words("a mixture of experts made from %(models)s"),
    words("a pruned form of %(model)s"),
    words("a deeper form of %(model)s"),
    words("a merge with %(model)s"),
    words("a merge of %(models)s"),
    words("a quantised form of %(model)s"),
    words("an adapter for %(model)s"),
    words("a model with a part of %(model)s"),
    words("%(role)s: more than one matrix a layer, so no curve is drawn"),
    words("%(role)s: too few layers for a curve, or the same value in each"),
    words("the weights cannot be read: %(why)s"),
    words("all %(matrices)s matrices that both have are the same to the bit, %(alone)s stand in one of the two alone"),
    words("mean cosine %(score)s of %(what)s"),
    words("mean cosine %(score)s of %(what)s, %(other)s of %(axis)s, which alone are unlike chance"),
    words("p %(p)s by an exact test"),
    words("among all independent roots: %(place)s"),
    words("among those of its shape: %(place)s"),
    words("%(measure)s (reported, unverified)"),
    words("%(size)s numbers read here"),
    words("%(size)s, as its name says"),
    words("units pruned %(share)s"),
    words("residual pruned %(share)s"),
)
_NO_PAIRS = (words("no pairs of independent models"), words("no pairs of related models"))
# Texts without a number or a name that those rooms say.
TEXTS = (
    words("Synthetic derivations of real models"),
    words("false positive rate"),
    words("true positive rate"),
    words("likelihood ratio"),
    words("log10 ratio"),
    words("low end"),
    words("high end"),
    words("derived pairs"),
    words("independent pairs"),
    words("ratio"),
    words("synthetic derivation of a real model"),
    words("Do related models score higher than independent ones?"),
    words("Do related models score lower than independent ones?"),
    words("Score, as published: higher is closer."),
    words("Distance as a share of the mean permuted distance: lower is closer."),
    words("How many derived pairs are found, for how many independent ones called so?"),
    words("the share of independent pairs that a threshold calls related"),
    words("the share of derived pairs that it finds"),
    words("none of the independent"),
    words("all"),
    words("none of the derived"),
    words("false-positive rate"),
    words("area under the ROC"),
    words("none given"),
    words("too few roots"),
    words("one alone"),
    words("the weights of neither have been read here"),
    words("the weights of only one of the two have been read here"),
    words("both were measured, but the exact test has not been run on them"),
    words("not measured"),
    words("not testable"),
    words("not independently initialised"),
    words("consistent with independent initialisation"),
    words("same weights"),
    words("no finding"),
    words("hidden units"),
    words("residual dimensions"),
    words("responses of hidden units"),
    words("hidden units and responses of hidden units"),
    words("residual dimensions and responses of hidden units"),
    words("hidden units and residual dimensions"),
    words("measured here"),
    words("measured"),
    words("sampled by modelDNA"),
    words("both sampled by modelDNA"),
    words("one of the two sampled by modelDNA"),
    words("inconclusive"),
    words("the exact test gives no p-value"),
    words("measured here or sampled by modelDNA"),
    words("trained here"),
    words("synthetic"),
    words("reproduced"),
    words("made here, not made again"),
    words("reported by its contributor"),
    words("continuous integration"),
    words("a maintainer"),
    words("a second person"),
    words("not measured here"),
    words("partly measured"),
    words("the match is older than this test"),
    words("no such control on record"),
    words("the pair has no score"),
    words("disputed"),
    words("same root"),
    words("independent roots, as documented"),
    words("a root in common: one of the two is made from several"),
    words("documented derivation"),
    words("derivation, by its sources"),
    words("published by others"),
    words("as published"),
    words("as its name says"),
    words("as its configuration says"),
    words("in the configuration beside the weights"),
    words("numbers read here"),
    words("same"),
    words("differs"),
    words("none documented"),
    words("a merge of"),
    words("not on record"),
    # Any two models side by side.
    *(words("Maker"), words("Released"), words("Licence"), words("Base model"), words("Named in")),
    *(words("How it was made"), words("Layers"), words("Hidden size"), words("Stack"), words("Root"), words("Weights")),
    *(words("Measured again"), words("this project"), words("not settled, or unknown")),
    words("none: it starts from random weights"),
    words("as the Model Provenance Kit lists it"),
    words("it has no record here: others name it, and its maker's documents have not been looked up"),
    words("the weights have not been read here"),
    words("the weights have not been read here: its curves were sampled by modelDNA, of some numbers of each matrix"),
    words("its root, the training run that it comes from, is not settled or unknown"),
    words("its release date is unknown"),
    words("its shape is not on record"),
    words("independent: each was trained here from random weights of its own"),
    words("known: one was made from the other, here"),
    words("known: both come from one ancestor"),
    words("known: both were trained here from the same random weights"),
    words("findings are computed for released models; the history of this pair is known, because it was made here"),
    words("there is no score to place"),
    words("not computed for models made here"),
    words("its place is not computed for models made here"),
    words("its place is not on record"),
    # Columns of the figures of who comes from whom and of losses.
    *(words("what is said"), words("other model"), words("kind"), words("released"), words("other released")),
    *(words("run"), words("share of steps"), words("loss")),
    words("finding"),
    # Steps of the page of cost, and what was expected of controls.
    *(words("Measure"), words("Compare profiles"), words("Match weights"), words("derivations")),
)
# Fields of a configuration, as sentences name them.
CONFIGURED = (
    *(words("hidden size"), words("ffn width"), words("heads"), words("kv heads"), words("head dim"), words("experts")),
    *(words("experts per token"), words("expert width"), words("rope theta"), words("norm eps"), words("activation")),
    *(words("max positions"), words("vocabulary"), words("layers")),
)
# What was done to a model, as tables of power name it.
DONE = (
    *(words("finetune"), words("fine-tune"), words("quantized"), words("quantised"), words("depth upscaled")),
    *(words("embeddings fresh"), words("int8"), words("int4"), words("layers halved"), words("merged"), words("merge")),
    *(words("noise"), words("residual permuted"), words("trained"), words("units permuted"), words("units pruned")),
    *(words("units sorted"), words("residual pruned"), words("rotated"), words("upcycled"), words("adapter")),
    *(words("continued pretraining"), words("partial finetune"), words("lora merged"), words("one ancestor")),
    *(words("shared initialisation"), words("independent"), words("derivation")),
)
