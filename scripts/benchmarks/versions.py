"""The versions that a measurement of speed depends on."""

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("numpy", "pandas", "mkdocs", "mkdocs-material", "distributed")


def versions() -> str:
    """Python and the libraries that do the work, as far as they are installed."""
    return ", ".join([f"Python {platform.python_version()}", *filter(None, map(_named, _PACKAGES))])


def _named(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""
