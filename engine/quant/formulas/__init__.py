"""The formulas, written once: branch-free over a set of primitives, which numpy runs on columns and numba compiles for a row."""
