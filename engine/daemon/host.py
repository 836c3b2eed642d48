"""`python -m engine.daemon.host`: the headless engine for a service manager, without the command line around it."""

import sys

from engine.api import OptixError, serve


def main() -> int:
    """Serves until told to end; the exit code is the command line's."""
    try:
        serve()
    except OptixError as error:
        sys.stderr.write(f"optix: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
