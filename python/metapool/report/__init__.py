"""Results as text."""

from metapool.report._bootstrap import bootstrap
from metapool.report._difference import difference
from metapool.report._sensitivity import sensitivity, small_study_tests
from metapool.report._summary import summary
from metapool.report._text import table

__all__ = [
    "bootstrap",
    "difference",
    "sensitivity",
    "small_study_tests",
    "summary",
    "table",
]
