"""Files to study data."""

from metapool.io._tables import read_studies, read_table

__all__ = ["read_studies", "read_table"]
