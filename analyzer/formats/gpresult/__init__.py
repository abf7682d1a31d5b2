"""GPRESULT: which group policies a machine got, which were filtered out and why, and what they say of updating."""
