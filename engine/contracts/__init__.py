"""The back door: what a plugin implements and what it is handed.

A plugin imports from here, from `engine.domain` and from the pure `engine.quant`, and from nothing else of the engine.
"""
