"""The OPTIX engine: faces enter by `engine.api`, plugins by `engine.contracts` and the pure `engine.quant`; the rest is private."""

import os

# Idle BLAS threads spin and take the second core from the loop; this must be said before numpy is loaded for the first time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
