"""Results as text."""

from metapool.report._bootstrap import bootstrap
from metapool.report._difference import difference
from metapool.report._summary import summary
from metapool.report._text import table

__all__ = ["bootstrap", "difference", "summary", "table"]
