"""A program ends beside a thread that nothing can stop: at once, with its own exit code, what it printed on its way."""

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, threading
from engine.cli import endings
from engine.kernel import unstoppable
atexit.register(lambda: print("taken apart", flush=True))
begun, over = threading.Event(), threading.Event()
thread = unstoppable.start(lambda: (begun.set(), over.wait({seconds})), name="native")
begun.wait()
if not {seconds}:
    thread.join()
print("last words")
endings.end_program(3)
"""


@pytest.mark.parametrize(("seconds", "said"), [(60, ["last words"]), (0, ["last words", "taken apart"])])
def test_the_interpreter_is_taken_apart_only_where_no_such_thread_lives(seconds, said):
    done = subprocess.run([sys.executable, "-c", PROGRAM.format(seconds=seconds)], capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (3, said, "")
