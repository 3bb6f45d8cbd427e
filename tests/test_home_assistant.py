"""Installing the component and the blueprints."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from n11bridge import __version__, home_assistant
from n11bridge.cli import main

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "homeassistant"
COMPONENT, BLUEPRINTS = home_assistant.COMPONENT, home_assistant.BLUEPRINTS


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part[0] in "._" for part in path.relative_to(folder).parts[:-1])
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "configuration.yaml").write_text("api:\n")
    return tmp_path


def test_everything_is_put_in_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["homeassistant", "install", str(folder)]) == 0
    assert files(folder / COMPONENT) == files(SOURCE / COMPONENT)
    assert files(folder / BLUEPRINTS) == files(SOURCE / BLUEPRINTS)
    assert files(folder / "dashboards") == files(SOURCE / "dashboard")
    assert "Restart Home Assistant" in capsys.readouterr().out


def test_an_upgrade_leaves_nothing_behind_and_nobody_elses_touched(folder: Path) -> None:
    others = [folder / "custom_components" / "hacs" / "x.py", folder / BLUEPRINTS / "mine.yaml"]
    old = [folder / COMPONENT / "gone.py", folder / "custom_components/.n11bridge.new/half.py"]
    for path in (*others, *old):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    (folder / BLUEPRINTS / "low_balance.yaml").write_text("older")
    for _ in range(2):
        assert main(["homeassistant", "install", str(folder)]) == 0
    assert [path.read_text() for path in others] == ["mine", "mine"]
    assert files(folder / COMPONENT) == files(SOURCE / COMPONENT)
    assert (folder / BLUEPRINTS / "low_balance.yaml").read_text() != "older"
    assert {each.name for each in (folder / "custom_components").iterdir()} == {"hacs", "n11bridge"}


def test_a_wrong_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["homeassistant", "install", str(tmp_path)]) == 2
    assert "configuration.yaml" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []


def test_what_cannot_be_written_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "custom_components").write_text("a file")
    assert main(["homeassistant", "install", str(folder)]) == 1
    assert "custom_components" in capsys.readouterr().err


def test_an_installation_without_the_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(home_assistant, "data_folder", lambda: None)
    assert main(["homeassistant", "install", str(folder)]) == 1
    assert "came without" in capsys.readouterr().err


def test_component_and_program_have_one_version() -> None:
    manifest = json.loads((SOURCE / COMPONENT / "manifest.json").read_text())
    assert manifest["version"] == __version__


def test_the_wheel_carries_every_file() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    named = {
        f"{target.removeprefix('share/n11bridge/homeassistant/')}/{path.name}": path
        for target, patterns in project["tool"]["setuptools"]["data-files"].items()
        for pattern in patterns
        for path in ROOT.glob(pattern)
    }
    carried = ("custom_components", "blueprints", "dashboard")
    assert named.keys() == {name for name in files(SOURCE) if name.startswith(carried)}
    for name, path in named.items():
        assert path == SOURCE / name


@pytest.mark.slow
def test_from_an_installed_wheel(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "environment"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = subprocess.run(
        [*pip, "wheel", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)],
        capture_output=True,
        text=True,
    )
    if build.returncode:
        pytest.skip(f"no wheel could be built: {build.stderr[-300:]}")
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", target], check=True)
    python = str(target / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)
    # From elsewhere, and with the packages that it needs borrowed from here.
    code = (
        "import argparse, pathlib, sys; from n11bridge import home_assistant as h;"
        "assert 'environment' in h.__file__, h.__file__;"
        "sys.exit(h.run(argparse.Namespace(folder=pathlib.Path(sys.argv[1]))))"
    )
    subprocess.run([python, "-c", code, str(folder)], check=True, cwd=tmp_path)
    assert files(folder / COMPONENT) == files(SOURCE / COMPONENT)
    assert files(folder / BLUEPRINTS) == files(SOURCE / BLUEPRINTS)
