"""The sources of market data that ship with OPTIX, each a plugin like any other."""
