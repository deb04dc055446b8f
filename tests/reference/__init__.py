"""The oracle: every formula of metapool again, from the papers, in exact arithmetic, slowly.

It imports nothing of metapool. Conventions come in as a plain mapping of the same field names.
"""
