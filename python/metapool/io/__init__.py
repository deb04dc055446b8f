"""Files to study data and to simulation studies."""

from metapool._simulation_spec import read_simulation
from metapool.io._tables import read_studies, read_table

__all__ = ["read_simulation", "read_studies", "read_table"]
