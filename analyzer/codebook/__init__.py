"""The code book: every code that Windows Update failures show, and a true answer for any other 32-bit value."""

from analyzer.codebook.book import group_of, lookup, role_of
from analyzer.codebook.code import Code, Relation
from analyzer.codebook.meaning import known_groups

__all__ = ["Code", "Relation", "group_of", "known_groups", "lookup", "role_of"]
