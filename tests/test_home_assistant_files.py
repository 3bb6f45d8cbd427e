"""Home Assistant's files as they are handed out: in a wheel, and as a zip."""

import json
import os
import shutil
import stat
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from n11bridge import __version__
from n11bridge.cli import main
from n11bridge.home_assistant.contents import COMPONENT

from .test_home_assistant import SOURCE, files

ROOT = Path(__file__).parents[1]
NAME = f"n11bridge-homeassistant-{__version__}.zip"


def configuration(folder: Path) -> Path:
    folder.mkdir()
    (folder / "configuration.yaml").touch()
    return folder


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
def test_from_an_installed_wheel(tmp_path: Path) -> None:
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
    subprocess.run([sys.executable, "-m", "venv", target], check=True)
    python = str(target / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", wheel], check=True)
    # From elsewhere, and with the packages that it needs borrowed from here.
    folder = configuration(tmp_path / "config")
    command = [str(target / "bin" / "n11bridge"), "homeassistant", "install", str(folder)]
    borrowed = os.environ | {"PYTHONPATH": sysconfig.get_path("purelib")}
    done = subprocess.run(
        command, check=True, cwd=tmp_path, env=borrowed, capture_output=True, text=True
    )
    assert f"version {__version__}, new" in done.stdout
    here = configuration(tmp_path / "here")
    assert main(["homeassistant", "install", str(here)]) == 0
    assert files(folder) == files(here)


def test_the_zip_holds_what_install_writes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installed, unpacked = configuration(tmp_path / "a"), configuration(tmp_path / "b")
    modems = ["--modem", "boat", "--modem", "n11"]
    assert main(["homeassistant", "install", *modems, str(installed)]) == 0
    assert main(["homeassistant", "zip", *modems, str(tmp_path)]) == 0
    assert "Unpack it" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / NAME) as archive:
        assert archive.testzip() is None
        archive.extractall(unpacked)
        assert all(stat.S_IMODE(each.external_attr >> 16) == 0o644 for each in archive.filelist)
    assert files(unpacked) == files(installed)
    assert main(["homeassistant", "install", str(unpacked)]) == 0
    assert "nothing more to do" in capsys.readouterr().out


def test_the_zip_has_nothing_that_tools_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = shutil.copytree(SOURCE, tmp_path / "homeassistant")
    for name in ("__pycache__/left.pyc", ".left", ".left_cache/x.json", "left.pyc"):
        path = source / COMPONENT / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    monkeypatch.setattr("n11bridge.__file__", str(tmp_path / "n11bridge" / "__init__.py"))
    assert main(["homeassistant", "zip", str(tmp_path)]) == 0
    with zipfile.ZipFile(tmp_path / NAME) as archive:
        names = archive.namelist()
    assert not [name for name in names if "left" in name or "__pycache__" in name]
    assert {name.split("/")[0] for name in names} == {
        "blueprints",
        "custom_components",
        "dashboards",
    }


def test_the_zip_is_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "my.zip"
    made = []
    for zone in ("UTC", "Asia/Kathmandu"):
        monkeypatch.setenv("TZ", zone)
        assert main(["homeassistant", "zip", str(file)]) == 0
        made.append(file.read_bytes())
    assert made[0] == made[1]


def test_the_zip_for_hacs_is_the_component(tmp_path: Path) -> None:
    """HACS unpacks it into custom_components/n11bridge."""
    assert main(["homeassistant", "zip", "--hacs", str(tmp_path)]) == 0
    with zipfile.ZipFile(tmp_path / "n11bridge.zip") as archive:
        archive.extractall(tmp_path / COMPONENT)
    assert files(tmp_path / COMPONENT) == files(SOURCE / COMPONENT)


def test_a_zip_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["homeassistant", "zip", str(tmp_path / "nowhere" / "x.zip")]) == 1
    assert "could not be written" in capsys.readouterr().err
