#!/usr/bin/env python3
"""Installs OPTIX into .venv beside this file (first time, or after a change of its lock) and runs it.

    python3 run.py [ARGS]        the workstation, or any `optix ARGS`
    python3 run.py test [ARGS]   every check and test (ARGS go to pytest)
    python3 run.py speed [ARGS]  the speed table
    python3 run.py numbers       the numeric core's tests and speed, written to docs/numbers.md

Standard library only, so that a fresh machine needs nothing but Python 3.11 to 3.13 with venv.
"""

import os
import sys

ROOT = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin", "python.exe" if os.name == "nt" else "python")
STAMP = os.path.join(VENV, ".stamp")


def key() -> str:
    """What the environment depends on: the lock, the project's declaration, the Python and the place."""
    import hashlib

    digest = hashlib.sha256((sys.version + ROOT).encode())
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def installed() -> str:
    try:
        with open(STAMP, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def install(wanted: str) -> None:
    """Makes .venv from the hashed lock: with uv, and with pip where uv cannot be had."""
    import subprocess

    try:
        import ensurepip  # noqa: F401
        import venv
    except ImportError:
        sys.exit(
            f"optix: this Python has no venv: install it (Debian, Ubuntu: apt install python3-venv) or use another Python 3.11 to 3.13 ({sys.executable})"
        )

    def run(*command: str, may_fail: bool = False) -> bool:
        environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        done = subprocess.run([PYTHON, "-m", *command], cwd=ROOT, env=environment, stdout=sys.stderr, stdin=subprocess.DEVNULL)
        if done.returncode and not may_fail:
            sys.exit(
                f"optix: the install step `{' '.join(command[:3])}` failed (see above): check the network and the disk, then run this again"
            )
        return done.returncode == 0

    print("optix: first start, installing into .venv (once, well under a minute) ...", file=sys.stderr)
    venv.EnvBuilder(clear=True, with_pip=True).create(VENV)
    lock = os.path.join(ROOT, "requirements.lock")
    fast = run("pip", "install", "-q", "uv", may_fail=True) and run(
        "uv", "pip", "install", "-q", "--compile-bytecode", "--require-hashes", "-r", lock, "--python", PYTHON, may_fail=True
    )
    if not fast:
        run("pip", "install", "-q", "--require-hashes", "-r", lock)
    run("pip", "install", "-q", "--no-deps", "--no-build-isolation", "-e", ROOT)
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(wanted)


def main() -> int:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        sys.exit(
            f"optix: needs Python 3.11 to 3.13 and this is {sys.version.split()[0]}: install one of those and run it as `python3.12 run.py`"
        )
    wanted = key()
    if installed() != wanted:
        install(wanted)
    arguments = sys.argv[1:]
    if arguments[:1] == ["test"]:
        command = ["-m", "pytest", *arguments[1:]]
    elif arguments[:1] == ["speed"]:
        command = ["-m", "tests.speed", *arguments[1:]]
    elif arguments[:1] == ["numbers"]:
        command = ["-m", "tests.numbers", *arguments[1:]]
    else:
        command = ["-m", "optix_tui", *arguments]
    if command[1] != "optix_tui":
        os.chdir(ROOT)
    if os.name == "nt":  # execv on Windows returns to the shell at once
        import subprocess

        return subprocess.call([PYTHON, *command])
    os.execv(PYTHON, [PYTHON, *command])


if __name__ == "__main__":
    sys.exit(main())
