"""Small classic data sets, as facts with their source."""

from metapool.examples._bcg import bcg
from metapool.examples._tacrolimus import hypertrichosis, nephrotoxicity, remission

__all__ = ["bcg", "hypertrichosis", "nephrotoxicity", "remission"]
