"""Properties that hold for all data, above all: the core equals the oracle."""
