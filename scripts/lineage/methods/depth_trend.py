"""The depth trend that models have in common, and what is left of a model's curves without it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lineage.methods.std_profile import ROLES, stretched

COMPONENTS = 4  # R1 of the methods reference; fixed before any score was seen
GRID = 64  # points over relative depth, also R1; most models have fewer layers, so nothing is lost
MIN_LIBRARY = COMPONENTS + 2  # with fewer curves the components would be the curves themselves
DEGREE = 3  # of the polynomial that stands in for a library: R1's fallback
NOTHING_LEFT = 1e-6  # root mean square of a residual: tables keep 7 digits, so a smaller one is rounding
SAME_DIRECTION = 1e-6  # singular values below this share of the first are rounding, not a component

Curves = Mapping[str, np.ndarray]  # ln std over layers, by role


@dataclass(frozen=True)
class Trend:
    """The depth trend to remove: components by role on the grid, or a polynomial where the library is too small."""

    components: Mapping[str, np.ndarray] | None  # (up to COMPONENTS, GRID); None: the polynomial
    library: int  # curves that it was learned from, or that were too few

    @property
    def note(self) -> str:
        """Which of the two was used, for readers."""
        if self.components is None:
            return f"cubic trend: {self.library} other roots with a curve, fewer than {MIN_LIBRARY}"
        return f"trend of {self.library} other roots"

    def design(self, role: str, length: int) -> np.ndarray:
        """The columns to regress on, (length, columns): an intercept first."""
        if self.components is None:
            return np.asarray(np.vander(np.linspace(-1, 1, length), DEGREE + 1, increasing=True))
        rows = [np.ones(length), *(stretched(component, length) for component in self.components[role])]
        return np.array(rows).T


def common_trend(library: Sequence[Curves]) -> Trend:
    """The trend of log curves, one model a root: the first components of a role on a grid of relative depth.

    Each curve is centred over depth, but the mean curve of the library is not taken off: it is the trend that all have
    in common, and components of what is left would keep it in every residual. A trend learned from n curves has an
    error that all residuals share, so independent models correlate by about 1 / n on average: controls have that in
    common with the pair, a fixed threshold does not.
    """
    if len(library) < MIN_LIBRARY:
        return Trend(None, len(library))
    components = {}
    for role in ROLES:
        table = np.array([stretched(curves[role], GRID) for curves in library])
        _, sizes, directions = np.linalg.svd(table - table.mean(axis=1, keepdims=True), full_matrices=False)
        components[role] = directions[:COMPONENTS][sizes[:COMPONENTS] > SAME_DIRECTION * sizes[0]]
    return Trend(components, len(library))


def residual_curves(curves: Curves, trend: Trend) -> dict[str, np.ndarray]:
    """What least squares leaves of each log curve at its own layers, by role."""
    residuals = {}
    for role in ROLES:
        design = trend.design(role, len(curves[role]))
        residuals[role] = curves[role] - design @ np.linalg.lstsq(design, curves[role], rcond=None)[0]
    return residuals


def why_nothing_left(residuals: Curves) -> str:
    """Which roles are the trend and nothing else, or ""."""
    flat = [role.upper() for role in ROLES if np.sqrt(np.mean(residuals[role] ** 2)) < NOTHING_LEFT]
    return f"nothing is left of {', '.join(flat)} once the trend is removed" if flat else ""
