"""Every table, one module per noun; importing this package fills the metadata that migrations are compared with."""

from portal.database.tables import (
    assessments,
    benchmarks,
    cards,
    delivery,
    directory,
    documents,
    evidence,
    identity,
    publishing,
    shares,
)
from portal.database.tables.model import Model

__all__ = [
    "Model",
    "assessments",
    "benchmarks",
    "cards",
    "delivery",
    "directory",
    "documents",
    "evidence",
    "identity",
    "publishing",
    "shares",
]
