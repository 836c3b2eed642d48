"""The shape of the house: what stands at the top, how long a file may be, and words that have no place in it."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TOP = {
    ".ci", ".gitignore", "CHANGELOG.md", "LICENSE", "README.md", "config", "data", "docs", "engine", "optix_tui", "plugins",
    "pyproject.toml", "requirements.lock", "run.py", "tests",
}  # fmt: skip
LONGEST = 450
NAMES_WITHOUT_MEANING = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers"}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed if name and (ROOT / name).exists()]


def sources() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def test_nothing_stands_at_the_top_that_does_not_belong_there():
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP


def test_no_file_is_longer_than_one_idea():
    too_long = {str(path.relative_to(ROOT)): n for path in sources() if (n := len(path.read_text().splitlines())) > LONGEST}
    assert not too_long


def test_every_module_is_named_after_what_it_is():
    assert not [path for path in sources() if path.stem in NAMES_WITHOUT_MEANING]


def test_the_lock_names_no_host_and_every_package_has_its_hash():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    entries = re.findall(r"^[a-zA-Z0-9_.\[\]-]+==.*(?:\n    --hash=.*)+", lock, re.MULTILINE)
    assert len(entries) == len(re.findall(r"^[a-zA-Z0-9]", lock, re.MULTILINE))


def test_no_path_of_a_machine_and_no_registry_stands_in_the_code():
    banned = re.compile(
        r"/(?:root|tmp|home/\w+|Users/\w+)/|pypi\.org|python" r"hosted|npmjs\.org"
    )  # in two, so that it does not find itself
    found = [
        str(path.relative_to(ROOT)) for path in tracked() if path.suffix in {".py", ".md", ".toml"} and banned.search(path.read_text())
    ]
    assert not found


def test_wall_clocks_and_chance_are_asked_for_in_the_kernel_alone():
    banned = re.compile(r"\btime\.time(?:_ns)?\(|datetime\.now\(|uuid4\(|\brandom\.(?:random|randint|choice)\(|asyncio\.create_task\(")
    rooms = [path for path in sources() if path.relative_to(ROOT).parts[0] in {"engine", "plugins"} and "kernel" not in path.parts]
    assert not [str(path.relative_to(ROOT)) for path in rooms if banned.search(path.read_text())]


def test_the_readme_is_short_and_gives_the_two_commands():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 150
    assert "python3 run.py\n" in text
    assert "python3 run.py test" in text
