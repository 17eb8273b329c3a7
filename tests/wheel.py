"""The wheel: in an empty virtual environment, without Rust, it gives program, report and package of one version (`make wheel-test`)."""

import os
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
WHEELS = sorted(Path(os.environ.get("MXCENSUS_WHEELS", ROOT / "target" / "wheels")).glob("mxcensus-*.whl"))


def toml(name):
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment with the wheel and what it needs; its PATH holds nothing but itself."""
    assert len(WHEELS) == 1, f"one wheel is to be tried, there are {WHEELS}"
    folder = tmp_path_factory.mktemp("wheel") / "venv"
    venv.create(folder, with_pip=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, str(WHEELS[0])], check=True, timeout=600)
    return folder / "bin"


def run(environment, *command, **options):
    env = {"PATH": str(environment), "HOME": os.environ.get("HOME", "/"), "LANG": "C.UTF-8"}
    done = subprocess.run([environment / command[0], *command[1:]], env=env, capture_output=True, text=True, timeout=300, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_version(environment):
    version = toml("Cargo.toml")["workspace"]["package"]["version"]
    assert re.search(rf"mxcensus {re.escape(version)}\b", run(environment, "mxcensus", "--version"))
    told = "from importlib.metadata import version; from mxcensus_analysis import citation; print(version('mxcensus'), citation.software().version)"
    assert run(environment, "python", "-c", told).split() == [version, version]
    assert WHEELS[0].name.startswith(f"mxcensus-{version}-")


def test_the_demo_and_its_report(environment, tmp_path):
    """`pip install .`, `mxcensus demo`, `mxcensus-report demo-dataset`."""
    said = run(environment, "mxcensus", "demo", cwd=tmp_path)
    assert "MADE DATA (demo)" in said
    assert " 0 differ." in said
    run(environment, "mxcensus-report", "demo-dataset", cwd=tmp_path)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Made data: the demo" in html
    assert (tmp_path / "datapackage.json").is_file()
    asked = run(environment, "python", "-c", "from mxcensus_analysis import Census; print(Census.open('demo-dataset'))", cwd=tmp_path)
    assert asked.startswith("Made data: the demo")


def test_both_projects_say_the_same():
    """Of the whole package and of the Python alone: version, dependencies, extras, commands."""
    whole, alone = toml("pyproject.toml")["project"], toml("analysis/pyproject.toml")["project"]
    assert alone["version"] == toml("Cargo.toml")["workspace"]["package"]["version"]
    assert "version" in whole["dynamic"]
    for key in ("dependencies", "requires-python", "license"):
        assert whole[key] == alone[key], key
    for name, place in alone["scripts"].items():
        module, function = place.split(":")
        script = (ROOT / "analysis" / "wheel.data" / "scripts" / name).read_text(encoding="utf-8")
        assert script.startswith("#!python\n")
        assert f"from {module} import {function}\n" in script
    extras = {name: wanted for name, wanted in alone["optional-dependencies"].items() if name != "test"}
    assert whole["optional-dependencies"] == extras


if __name__ == "__main__":
    sys.exit(pytest.main([__file__, "-q"]))
