"""The rules of the house: floors, sizes, what no file may name, and what a wheel must carry."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.testing import CliRunner

from commands import _data, main
from study.database.wire import StudyError

ROOT = Path(__file__).parents[1]
FLOORS = {"scoring": 1, "study": 2, "baselines": 3, "commands": 4, "streamlit_app": 4}
LONGEST = 400
# Put together here so that this file does not name them itself.
HOSTS = [
    "pypi" + ".org",
    "python" + "hosted" + ".org",
    "registry.npm" + "js.org",
    "npm" + "js.com",
    "conda" + ".anaconda.org",
]
PLACES = [r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/", r"\bfile:///"]


def tracked() -> list[Path]:
    """The files that git tracks or would; without git (a source archive) every file of the packages."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for name in (*FLOORS, "tests") for path in (ROOT / name).rglob("*")]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def imports(path: Path) -> Iterator[str]:
    """The top-level packages that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("floor", sorted(FLOORS))
def test_imports_run_downwards_only(floor: str) -> None:
    upwards = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / floor).rglob("*.py"))
        for name in imports(path)
        if name == "tests" or (name != floor and FLOORS.get(name, 0) >= FLOORS[floor])
    ]
    assert upwards == []


def test_the_floor_of_scoring_reads_no_file_clock_or_network() -> None:
    outside = {"os", "pathlib", "socket", "time", "httpx", "requests", "urllib", "psycopg", "streamlit", "subprocess"}
    found = [f"{path.name}: {name}" for path in (ROOT / "scoring").rglob("*.py") for name in imports(path)]
    assert [line for line in found if line.split(": ")[1] in outside] == []


def test_no_file_is_longer_than_it_should_be() -> None:
    code = [path for path in tracked() if path.suffix in {".py", ".sql", ".js", ".css"}]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    assert len(code) > 50
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_file_names_a_registry_or_a_place_on_one_machine() -> None:
    pattern = re.compile("|".join([*map(re.escape, HOSTS), *PLACES]))
    faults = []
    for path in tracked():
        text = path.read_bytes().decode("utf-8", errors="ignore") if path.suffix not in {".png", ".webp"} else ""
        lines = enumerate(text.splitlines(), start=1)
        faults += [f"{path.relative_to(ROOT)}:{number}" for number, line in lines if pattern.search(line)]
    assert faults == []


def test_constraints_pin_every_direct_dependency_within_its_range() -> None:
    lines = (ROOT / "constraints.txt").read_text().split()
    pins = dict(line.lower().split("==") for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(text) for text in project["dependencies"] + project["optional-dependencies"]["dev"]]
    assert [str(one) for one in wanted if not one.specifier.contains(pins.get(one.name.lower(), "0"))] == []


def brought_by(one: Requirement) -> Iterator[Requirement]:
    """What is installed with a package and the extras that it is asked for with."""
    for part in map(Requirement, requires(one.name) or ()):
        if part.marker is None or any(part.marker.evaluate({"extra": extra}) for extra in ("", *one.extras)):
            yield part


def test_whatever_the_program_imports_is_installed_with_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]["vocabularies"]
    direct = [Requirement(text) for text in project["dependencies"] + extras]
    parts = [part for one in direct for part in brought_by(one)]  # supabase's auth, psycopg's pool, and such
    declared = {canonicalize_name(one.name) for one in (*direct, *parts)}
    found = {name for floor in FLOORS for path in (ROOT / floor).rglob("*.py") for name in imports(path)}
    sources = packages_distributions()
    known = FLOORS.keys() | sys.stdlib_module_names
    undeclared = {
        name: sources.get(name)
        for name in found - known
        if not declared & {canonicalize_name(one) for one in sources.get(name, [])}
    }
    assert undeclared == {}


def test_a_wheel_carries_every_file_that_the_packages_read() -> None:
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["*"]
    data = [path for path in tracked() if path.relative_to(ROOT).parts[0] in FLOORS and path.suffix != ".py"]
    assert [str(path) for path in data if not any(path.match(pattern) for pattern in patterns)] == []


def test_a_folder_given_counts_before_the_variable_and_the_usual_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATA", "some/where")
    assert _data.default_data() == Path.cwd() / "some/where"
    monkeypatch.delenv("DATA")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert _data.default_data() == Path("/var/lib/readerstudy")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert _data.default_data() == Path.home() / ".local/share/readerstudy"


def test_every_command_group_mounts_and_explains_itself() -> None:
    shown = CliRunner().invoke(main.build(), ["--help"])
    assert shown.exit_code == 0
    assert "doctor" in shown.output


def test_a_refusal_is_a_sentence_and_exit_code_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise StudyError("The folder [x] is closed. Choose another.")

    monkeypatch.setattr(main, "build", lambda: refuse)
    with pytest.raises(SystemExit) as exit_:
        main.run()
    assert exit_.value.code == 1
    assert capsys.readouterr().err == "The folder [x] is closed. Choose another.\n"


def test_the_doctor_finds_a_working_box(data_folder: Path) -> None:
    command = [sys.executable, "-m", "commands.main", "doctor", "--data", str(data_folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Everything that a study needs is here." in done.stdout


@pytest.mark.parametrize(("ci", "summary"), [("true", "1 failed"), ("", "1 skipped")])
def test_a_skipped_database_test_fails_in_ci_only(tmp_path: Path, ci: str, summary: str) -> None:
    test = "import pytest\n@pytest.mark.database\ndef test_it():\n    pytest.skip('no database')\n"
    (tmp_path / "test_it.py").write_text(test)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.conftest",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
    ]
    command += ["--rootdir", str(tmp_path), "-W", "ignore", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, "CI": ci}, capture_output=True, text=True, check=False)
    assert summary in done.stdout, done.stdout + done.stderr
