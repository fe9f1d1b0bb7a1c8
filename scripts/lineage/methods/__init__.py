"""Comparison methods: each a value that says what it is, what it survives, what it needs, and compares."""

from collections.abc import Mapping

from lineage.methods.method import Comparison, Library, MeasuredTables, Method, Screening
from lineage.methods.residual_norms import RESIDUAL_NORMS
from lineage.methods.std_profile import STD_PROFILE
from lineage.methods.std_profile_detrended import STD_PROFILE_DETRENDED

METHODS: Mapping[str, Screening] = {
    method.id: method for method in (STD_PROFILE, STD_PROFILE_DETRENDED, RESIDUAL_NORMS)
}

__all__ = ["METHODS", "Comparison", "Library", "MeasuredTables", "Method", "Screening"]
