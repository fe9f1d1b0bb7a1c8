"""One page of each kind of the site."""

KINDS = (
    *(
        "",
        "cases/",
        "cases/pangu-qwen/",
        "how-to-read/",
        "methods/",
        "methods/std-profile/",
        "methods/tensorlock-huref/",
    ),
    *("models/", "models/qwen_qwen2.5-14b/", "models/sentence-transformers_all-minilm-l6-v2/", "pairs/"),
    *("pairs/ascend-tribe_pangu-pro-moe-model--qwen_qwen2.5-14b/", "compare/", "heatmap/", "lineage/", "published/"),
    *("sources/", "sources/honestagi-repo/", "controls/", "measure/", "numbers/", "corrections/", "data-and-api/"),
    *("data-files/", "about/", "governance/", "zh/governance/", "contribute/", "zh/", "zh/cases/solar-glm/"),
    *("check-a-model/", "zh/check-a-model/"),
)
