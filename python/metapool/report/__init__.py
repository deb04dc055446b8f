"""Results as text."""

from metapool.report._summary import summary

__all__ = ["summary"]
