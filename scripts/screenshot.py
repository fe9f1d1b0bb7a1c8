"""site/ -> screenshots/: every kind of page, phone and desktop, light and dark."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, sync_playwright

from find_browser import FLAGS, find_browser
from serve_site import serving

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "home": "",
    "case": "cases/pangu-qwen/",
    "case-withdrawn": "cases/solar-glm/",
    "case-family": "cases/yi-llama/",
    "case-notice": "cases/rakuten-deepseek/",
    "case-part": "cases/hyperclova-qwen/",
    "case-untestable": "cases/claude-answers/",
    "case-documented": "cases/qwen1.5-moe/",
    "cases": "cases/",
    "how-to-read": "how-to-read/",
    "method": "methods/std-profile/",
    "method-residual-norms": "methods/residual-norms/",
    "method-published": "methods/tensorlock-huref/",
    "weight": "methods/likelihood-ratio/",
    "method-too-few": "methods/model-tracing/",
    "method-parameters": "methods/permutation-test/",
    "published": "published/",
    "models": "models/",
    "model": "models/sentence-transformers_all-minilm-l6-v2/",
    "model-unmeasured": "models/ascend-tribe_pangu-pro-moe-model/",
    "model-sampled-too": "models/google_gemma-3-270m/",
    "model-named": "models/microsoft_nextcoder-14b/",
    "compare-named": "compare/?a=microsoft_nextcoder-14b&b=qwen_qwen2.5-14b",
    "compare": "compare/?a=sentence-transformers_all-minilm-l6-v2&b=sentence-transformers_paraphrase-minilm-l3-v2",
    "compare-empty": "compare/",
    "check": "check-a-model/",
    "check-result": "check-a-model/",
    "check-zh": "zh/check-a-model/",
    "heatmap": "heatmap/",
    "heatmap-exact": "heatmap/permutation-test/",
    "lineage": "lineage/",
    "pairs": "pairs/",
    "pair": "pairs/sentence-transformers_all-minilm-l6-v2--sentence-transformers_all-mpnet-base-v2/",
    "pair-disputed": "pairs/ascend-tribe_pangu-pro-moe-model--qwen_qwen2.5-14b/",
    "sources": "sources/",
    "numbers": "numbers/",
    "contribute": "contribute/",
    "wanted": "wanted/",
    "wanted-zh": "zh/wanted/",
    "measure": "measure/",
    "cost": "cost/",
    "data": "data-and-api/",
    "about": "about/",
}
# What is dropped on a page that takes files, here the fingerprint of a model on record.
FINGERPRINT = (".toml", ".csv", ".vectors.csv")
CHOSEN = {"check-result": "data/fingerprints/google_gemma-3-270m"}
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def take(
    browser: Browser,
    address: str,
    target: Path,
    size: str,
    scheme: Literal["light", "dark"],
    *,
    full: bool,
    picked_files: Sequence[Path] = (),
) -> None:
    """Takes a picture of a page; where files are given, after the page has looked at them."""
    width, height = SIZES[size]
    scale = 2 if size == "phone" else 1
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale
    )
    page = context.new_page()
    page.goto(address, wait_until="networkidle")
    page.reload(wait_until="networkidle")  # the typefaces are there from the second visit on
    if picked_files:
        page.locator(".woe-check.woe-ready").wait_for(state="attached")
        page.locator(".woe-pick-files").set_input_files(picked_files)
        page.locator("#checked").evaluate("title => scrollTo(0, title.getBoundingClientRect().top + scrollY - 80)")
        page.wait_for_timeout(500)  # the header changes its title
    page.screenshot(path=target, full_page=full)
    context.close()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Pictures of every kind of page, to be looked at.")
    parser.add_argument("pages", nargs="*", help=f"which pages (default: all): {', '.join(PAGES)}")
    parser.add_argument("--site", type=Path, default=ROOT / "site", help="the built site")
    parser.add_argument("--out", type=Path, default=ROOT / "screenshots", help="where the pictures go")
    parser.add_argument("--full", action="store_true", help="the whole page instead of its first screen")
    options = parser.parse_args(argv)
    if unknown_pages := sorted(set(options.pages) - set(PAGES)):
        parser.error(f"unknown page {unknown_pages[0]!r}; one of {', '.join(PAGES)}")

    options.out.mkdir(parents=True, exist_ok=True)
    with serving(options.site) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        for name in options.pages or PAGES:
            files = [ROOT / f"{CHOSEN[name]}{ending}" for ending in FINGERPRINT] if name in CHOSEN else []
            for size in SIZES:
                for scheme in SCHEMES:
                    target = options.out / f"{name}-{size}-{scheme}.png"
                    take(browser, base + PAGES[name], target, size, scheme, full=options.full, picked_files=files)
            print(f"{name}: {len(SIZES) * len(SCHEMES)} pictures")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
