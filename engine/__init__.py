"""The OPTIX engine: faces enter by `engine.api`, plugins by `engine.contracts` and the pure `engine.quant`; the rest is private."""
