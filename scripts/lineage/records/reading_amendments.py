"""Where corrections and removals belong: the file that went, the old addresses, and what a page has to say."""

from lineage.records import Correction, Dataset, Removal, method_slug, model_slug


def corrections_of(dataset: Dataset, address: str) -> list[Correction]:
    """The corrections of the page at an address from the root of the site, the newest first."""
    corrections = [
        correction for correction in dataset.corrections.values() if address in map(_page_of, correction.pages)
    ]
    return sorted(corrections, key=lambda correction: (correction.corrected, correction.id), reverse=True)


def removals_of(dataset: Dataset, address: str) -> list[tuple[str, Removal]]:
    """What once stood at an address, each with the anchor that it had there or ""; the newest first."""
    return [
        (old.partition("#")[2], removal)
        for removal in sorted(dataset.removals.values(), key=lambda record: (record.date, record.id), reverse=True)
        for old in old_addresses(removal)
        if _page_of(old) == address
    ]


def old_addresses(removal: Removal) -> tuple[str, ...]:
    """Every address, from the root of the site, at which the removed record could be linked; the best known first."""
    pairs = tuple(f"pairs/{slug}/" for slug in removal.pairs)
    match removal.kind:
        case "model" | "measurement" | "sample":
            return (f"models/{model_slug(removal.removed)}/", *pairs)
        case "claim":
            case, _, claim = removal.removed.partition("/")
            return (f"cases/{case}/#{claim}", *pairs)
        case "case":
            return (f"cases/{removal.removed}/", *pairs)
        case "source":
            return (f"sources/#{removal.removed}", f"sources/{removal.removed}/", *pairs)
        case "pair":
            return (f"pairs/{removal.removed}/", *pairs)
        case "published":
            return (f"published/#{removal.removed}", *pairs)
        case "benchmark":
            return (f"cost/#{removal.removed}", *pairs)
        case "parameters":
            return (f"methods/{method_slug(removal.removed)}/#parameters", *pairs)
        case "design":
            return (f"data-files/#designs/{removal.removed}.toml", *pairs)


def removed_path(removal: Removal) -> str:
    """The file under data/ in which the removed record stood."""
    match removal.kind:
        case "model":
            return f"data/models/{model_slug(removal.removed)}.toml"
        case "measurement":
            return f"data/fingerprints/{model_slug(removal.removed)}.toml"
        case "sample":
            return f"data/sampled/{model_slug(removal.removed)}.toml"
        case "claim":
            return f"data/cases/{removal.removed}.toml"
        case "case":
            return f"data/cases/{removal.removed}/case.toml"
        case "pair":
            return f"data/matches/{removal.removed}.toml"
        case "source":
            return f"data/sources/{removal.removed}.toml"
        case "published":
            return f"data/published/{removal.removed}.toml"
        case "benchmark":
            return f"data/benchmarks/{removal.removed}.toml"
        case "parameters":
            return f"data/parameters/{method_slug(removal.removed)}.toml"
        case "design":
            return f"data/designs/{removal.removed}.toml"


def _page_of(address: str) -> str:
    return address.partition("#")[0]
