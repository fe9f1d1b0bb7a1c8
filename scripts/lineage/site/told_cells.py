"""English words in cells of tables by others and of the controls, listed so that they can be translated.

A cell that is not listed here is shown as it is and marked as English; see lineage.site.retelling.
"""

from lineage.site.languages import words

CELLS = (
    # Published tables.
    *(words("q, k and v"), words("norm gains"), words("norm gains, centred"), words("routers"), words("router biases")),
    *(words("routers, centred"), words("quantised copy"), words("not a decoder-only language model")),
    *(words("tokenizer"), words("configuration"), words("official-instruct"), words("continued-pretrain")),
    *(
        words("quantized-copy"),
        words("merge-chain"),
        words("smallest"),
        words("middle"),
        words("largest"),
        words("mean"),
    ),
    words("standard deviation"),
    words("share at 0.8 or more"),
    words("share at 0.9 or more"),
    words("models looked at"),
    words("models that another depends on"),
    words("models with no relation that was found"),
    words("models that depend on another"),
    words("of these: models whose page does not say so"),
    words("of these: models whose page names another model"),
    words("missing parents that were reported"),
    words("reports that were answered"),
    *(words("unrelated models, not named"), words("others, not named")),
    # Controls: what was done, and what was expected.
    *(words("copy"), words("seed")),
    words("found once layers are matched"),
    words("found at every layer"),
    words("not found on the residual axis"),
    words("not found in the order of either"),
    words("not found in the order of units"),
    words("found on the residual axis"),
    words("units not testable, their numbers differ"),
    words("abstains from the rung's units, which are sorted"),
    words("found: same weights"),
    words("not testable, the widths differ"),
    words("found expert by expert"),
    # Families of models.
    words("BART, Marian and their kind: norms after"),
    words("BERT and RoBERTa"),
    words("DeepSeek V2 and V3"),
    words("Gemma 2 and 3"),
    words("GGUF of BERT"),
    words("GGUF of Llama and its kind"),
    words("GGUF of models with gate and up in one"),
    words("GLM-4 with experts"),
    words("Granite with experts, and Granite 4"),
    words("Llama and its kind, dense or with experts"),
    words("mBART, Pegasus, M2M and their kind: norms before"),
    words("Mistral's and Meta's own format"),
    words("OPT with norms after (OPT-350m)"),
    words("Phi-1 and Phi-2"),
    words("Qwen3-Next and Qwen3.5"),
    words("RoBERTa in fairseq"),
    # Ties.
    words("finding, chosen after a result"),
    words("fine-tune on another's answers"),
    *(words("documented"), words("continued pre-training"), words("pruned"), words("made deeper")),
    words("holds a part"),
)
