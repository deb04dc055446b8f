"""metapool against the stored results of RevMan, metafor and R, and against printed figures."""
