"""Installing component, blueprints and dashboards into Home Assistant's configuration folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from n11bridge import __version__, home_assistant
from n11bridge.cli import main
from n11bridge.home_assistant.contents import (
    BLUEPRINTS,
    COMPONENT,
    DASHBOARDS,
    contents,
    sealed,
    unsealed,
)

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "homeassistant"
CODE = f"{COMPONENT}/const.py"
BLUEPRINT, DASHBOARD = f"{BLUEPRINTS}/low_balance.yaml", f"{DASHBOARDS}/n11.yaml"


def files(folder: Path) -> dict[str, bytes]:
    """Everything below a folder, hidden things included, but for what Python leaves behind."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "__pycache__"
    }


def install(folder: Path, *options: str) -> int:
    return main(["homeassistant", "install", *options, str(folder)])


def put_older(folder: Path, version: str = "0.0.9") -> None:
    """Make it look as if an older version had been installed."""
    manifest = folder / COMPONENT / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"version": version}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "configuration.yaml").write_text("api:\n")
    return tmp_path


@pytest.fixture
def full(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder where all of it was installed."""
    assert install(folder) == 0
    capsys.readouterr()
    return folder


def test_everything_is_put_in_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(folder) == 0
    assert files(folder).keys() == {*contents(["n11"]), "configuration.yaml"}
    assert files(folder / COMPONENT) == files(SOURCE / COMPONENT)
    for place, source in ((BLUEPRINTS, SOURCE / BLUEPRINTS), (DASHBOARDS, SOURCE / "dashboard")):
        # One line stands in front of each.
        installed = [text.partition(b"\n")[2] for _, text in sorted(files(folder / place).items())]
        assert installed == [text for _, text in sorted(files(source).items())]
    said = capsys.readouterr().out
    assert f"version {__version__}, new" in said
    assert "Restart Home Assistant" in said
    assert "n11bridge.send_sms" in said


def test_what_is_to_be_pasted_is_yaml_and_names_the_dashboards(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modems = ("n11", "boat-2", 'Jörg: "x"')
    assert install(folder, *(word for modem in modems for word in ("--modem", modem))) == 0
    (said,) = re.findall(r"^lovelace:\n(?:  .*\n)+", capsys.readouterr().out, re.MULTILINE)
    dashboards = yaml.safe_load(said)["lovelace"]["dashboards"]
    assert [*dashboards] == ["n11bridge-n11", "n11bridge-boat-2", "n11bridge-jorg-x"]
    titles = [each["title"] for each in dashboards.values()]
    assert titles == ["Modem", "Modem boat-2", 'Modem Jörg: "x"']
    for each in dashboards.values():
        assert yaml.safe_load((folder / each["filename"]).read_text())["views"]


def test_it_says_nothing_of_a_dashboard_that_is_in_the_sidebar(
    full: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_older(full)
    (full / "configuration.yaml").write_text(
        "lovelace:\n  dashboards:\n    a-b: {mode: yaml, filename: x.yaml}\n"
    )
    assert install(full) == 0
    assert "lovelace: already" in capsys.readouterr().out
    put_older(full)
    (full / "configuration.yaml").write_text(f"lovelace: {{filename: {DASHBOARD}}}\n")
    assert install(full) == 0
    said = capsys.readouterr().out
    assert "lovelace" not in said
    assert "1. Restart" in said


@pytest.mark.parametrize(
    ("modem", "file", "entity"),
    [
        ("boat", "boat.yaml", "sensor.boat_status"),
        ("Jörg 2", "jorg_2.yaml", "sensor.jorg_2_status"),
        ("中", "modem.yaml", "sensor.status"),
    ],
)
def test_the_dashboard_of_another_modem(folder: Path, modem: str, file: str, entity: str) -> None:
    assert install(folder, "--modem", modem) == 0
    text = (folder / DASHBOARDS / file).read_text()
    assert f"entity: {entity}\n" in text
    assert "n11_" not in text
    prefix = entity.removeprefix("sensor.").removesuffix("status")
    assert len(re.findall(rf"[a-z]\.{prefix}[a-z]", text)) >= len(
        re.findall(r"[a-z]\.n11_[a-z]", (SOURCE / "dashboard" / "n11bridge.yaml").read_text())
    )


def test_an_upgrade_takes_the_modems_that_it_finds(folder: Path) -> None:
    assert install(folder, "--modem", "boat", "--modem", "house") == 0
    before = files(folder / DASHBOARDS)
    (folder / DASHBOARDS / "boat.yaml").unlink()
    (folder / DASHBOARDS / "mine.yaml").write_text("views: []\n")
    assert install(folder, "--modem", "boat") == 0
    assert install(folder) == 0
    assert files(folder / DASHBOARDS) == before | {"mine.yaml": b"views: []\n"}


def test_an_upgrade_leaves_nothing_behind_and_nobody_elses_touched(
    full: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = files(full)
    others = [full / "custom_components" / "hacs" / "x.py", full / BLUEPRINTS / "mine.yaml"]
    old = [full / COMPONENT / "gone.py", full / "custom_components/.n11bridge/old/manifest.json"]
    for path in (*others, *old):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("mine")
    put_older(full)
    assert install(full) == 0
    assert [path.read_text() for path in others] == ["mine", "mine"]
    assert files(full) == good | {str(path.relative_to(full)): b"mine" for path in others}
    assert {each.name for each in (full / "custom_components").iterdir()} == {"hacs", "n11bridge"}
    assert f"version {__version__}, was 0.0.9" in capsys.readouterr().out


def test_a_second_time_changes_nothing(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (full / COMPONENT / "__pycache__").mkdir()
    (full / COMPONENT / "__pycache__" / "const.pyc").write_bytes(b"left by Home Assistant")
    before = {path: path.stat().st_mtime_ns for path in full.rglob("*")}
    assert install(full) == 0
    assert {path: path.stat().st_mtime_ns for path in full.rglob("*")} == before
    assert "nothing more to do" in capsys.readouterr().out


@pytest.mark.parametrize("name", [BLUEPRINT, DASHBOARD])
def test_what_was_edited_is_left_and_the_new_one_lies_beside(
    full: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = (full / name).read_bytes()
    # Edited, and nothing new has come since: there is nothing to compare with.
    (full / name).write_bytes(shipped + b"# mine\n")
    assert install(full) == 0
    assert (full / name).read_bytes() == shipped + b"# mine\n"
    assert not (full / f"{name}.new").exists()
    # Edited when an older one was there, or when its first line was thrown away.
    for mine in (re.sub(rb"[0-9a-f]{32}", b"0" * 32, shipped, count=1), shipped[:20], b""):
        (full / name).write_bytes(mine)
        assert install(full) == 0
        assert (full / name).read_bytes() == mine
        assert (full / f"{name}.new").read_bytes() == shipped
        assert f"what is new: {Path(name).name}.new" in capsys.readouterr().out
    # The new one taken.
    (full / f"{name}.new").replace(full / name)
    assert install(full) == 0
    assert "Edited" not in capsys.readouterr().out


def test_what_was_not_edited_is_replaced(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it was copied by hand, without the first line."""
    shipped = {name: (full / name).read_bytes() for name in (BLUEPRINT, DASHBOARD)}
    (full / BLUEPRINT).write_bytes(shipped[BLUEPRINT].partition(b"\n")[2])
    older = contents(["n11"])[DASHBOARD].replace(b"columns: 6", b"columns: 3")
    monkeypatch.setattr(
        home_assistant,
        "contents",
        lambda _: {**contents(["n11"]), DASHBOARD: sealed(unsealed(older))},
    )
    assert install(full) == 0
    assert b"columns: 3" in (full / DASHBOARD).read_bytes()
    monkeypatch.undo()
    assert install(full) == 0
    assert {name: (full / name).read_bytes() for name in shipped} == shipped


def test_a_link_is_somebodys_own(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = full / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.yaml").write_text("mine")
    for name, target in ((BLUEPRINT, "mine.yaml"), (DASHBOARD, "nothing.yaml")):
        (full / name).unlink()
        (full / name).symlink_to(elsewhere / target)
    assert install(full) == 0
    assert files(elsewhere) == {"mine.yaml": b"mine"}
    assert (full / f"{BLUEPRINT}.new").is_file()
    assert (full / f"{DASHBOARD}.new").is_file()
    shutil.copytree(SOURCE / COMPONENT, elsewhere / "checkout")
    before = files(elsewhere)
    shutil.rmtree(full / COMPONENT)
    (full / COMPONENT).symlink_to(elsewhere / "checkout")
    assert install(full) == 1
    assert "is a link" in capsys.readouterr().err
    assert files(elsewhere) == before
    assert (full / COMPONENT).is_symlink()


def test_through_links_above(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder, or what is in it, may lie elsewhere."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (folder / "custom_components").symlink_to(elsewhere)
    link = tmp_path_factory.mktemp("link") / "config"
    link.symlink_to(folder)
    assert install(link) == 0
    assert files(elsewhere / "n11bridge") == files(SOURCE / COMPONENT)
    assert (folder / DASHBOARD).is_file()


def test_a_newer_component_is_kept(full: Path, capsys: pytest.CaptureFixture[str]) -> None:
    major = __version__.partition(".")[0]
    for version in (f"{int(major) + 1}.0.0", f"{major}.999.0b1", f"{__version__}9"):
        put_older(full, version)
        before = files(full)
        assert install(full) == 1
        assert version in capsys.readouterr().err
        assert files(full) == before
    assert install(full, "--downgrade") == 0
    assert files(full / COMPONENT) == files(SOURCE / COMPONENT)


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"version": null}', "\xff"])
def test_a_broken_component_is_replaced(full: Path, manifest: str) -> None:
    (full / COMPONENT / "manifest.json").write_text(manifest, "latin-1")
    assert install(full) == 0
    assert files(full / COMPONENT) == files(SOURCE / COMPONENT)


def test_a_wrong_folder_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(tmp_path) == 2
    assert "has no configuration.yaml" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []
    assert install(tmp_path / "nowhere") == 2
    assert "is not there" in capsys.readouterr().err
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "configuration.yaml").touch()
    assert install(tmp_path) == 2
    assert f"Is it {tmp_path / 'config'}" in capsys.readouterr().err
    assert install(tmp_path / "config" / "configuration.yaml") == 2
    assert "is a file" in capsys.readouterr().err


def test_what_cannot_be_written_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "custom_components").write_text("a file")
    assert install(folder) == 1
    assert "custom_components" in capsys.readouterr().err
    assert files(folder).keys() == {"configuration.yaml", "custom_components"}


def test_an_installation_without_the_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("n11bridge.__file__", str(folder / "n11bridge" / "__init__.py"))
    assert install(folder) == 1
    assert "came without" in capsys.readouterr().err


LITTLE_SPACE = """
import resource, sys
from n11bridge.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), -1))
sys.exit(main(["homeassistant", "install", sys.argv[2]]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("largest", [100, 5000, 15000])
@pytest.mark.parametrize("before", ["nothing", "older"])
def test_a_disk_that_gets_full_half_way(folder: Path, largest: int, before: str) -> None:
    """At the limit, writing ends as it does on a full disk: with an OSError."""
    if before == "older":
        assert install(folder) == 0
        put_older(folder)
        (folder / CODE).write_text("older")
        (folder / BLUEPRINT).write_text("mine")
    there = files(folder)
    command = [sys.executable, "-c", LITTLE_SPACE, str(largest), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert files(folder) == there
    assert install(folder) == 0
    assert files(folder / COMPONENT) == files(SOURCE / COMPONENT)


# -- whose it is

OWNER, OTHER = 12345, 12346
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


@pytest.fixture
def owned() -> Iterator[Path]:
    """A configuration folder of somebody else's, where they cannot reach it from the root."""
    with tempfile.TemporaryDirectory() as shut:
        folder = Path(shut) / "config"
        folder.mkdir()
        (folder / "configuration.yaml").touch()
        for path in (folder, folder / "configuration.yaml"):
            os.chown(path, OWNER, OWNER + 1)
        yield folder


def owners(folder: Path) -> set[tuple[int, int]]:
    """Users and groups of all that is there."""
    found = (path.lstat() for path in (folder, *folder.rglob("*")))
    return {(each.st_uid, each.st_gid) for each in found}


@as_root
def test_what_root_writes_is_the_folders_owners(owned: Path) -> None:
    before = os.umask(0o077)
    try:
        assert install(owned) == 0
        assert owners(owned) == {(OWNER, OWNER + 1)}
        put_older(owned)
        (owned / DASHBOARD).write_bytes(b"")
        assert install(owned) == 0
    finally:
        os.umask(before)
    assert owners(owned) == {(OWNER, OWNER + 1)}
    assert os.geteuid() == 0
    for path in owned.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


@as_root
def test_where_a_container_has_made_part_of_it(owned: Path) -> None:
    """Home Assistant in a container is root: custom_components is root's, the rest is not."""
    (owned / "custom_components").mkdir()
    assert install(owned) == 0
    assert owners(owned / "custom_components") == {(0, 0)}
    assert owners(owned / "dashboards") == {(OWNER, OWNER + 1)}
    put_older(owned)
    os.chown(owned / "custom_components", OWNER, OWNER)
    assert install(owned) == 0
    assert files(owned / COMPONENT) == files(SOURCE / COMPONENT)


@as_root
def test_no_link_leads_root_astray(owned: Path) -> None:
    """What the folder's owner may not write, root does not write for them."""
    guarded = owned.parent / "guarded"
    guarded.mkdir()
    (owned / "dashboards").mkdir()
    link = owned / "dashboards" / "n11bridge"
    link.symlink_to(guarded)
    for path in (link, link.parent):
        os.chown(path, OWNER, OWNER, follow_symlinks=False)
    assert install(owned) == 1
    assert not [*guarded.iterdir()]
    assert not (owned / COMPONENT).exists()


AS_OTHER = """
import os, sys
from n11bridge.cli import main
main(["homeassistant", "install", "/nowhere"])  # imports what this user cannot read
os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
sys.exit(main(["homeassistant", "install", sys.argv[2]]))
"""


@pytest.mark.slow
@as_root
def test_a_folder_of_another_user(owned: Path) -> None:
    owned.parent.chmod(0o755)
    command = [sys.executable, "-c", AS_OTHER, str(OTHER), str(owned)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Do it as the user who owns the folder" in done.stderr
    assert files(owned).keys() == {"configuration.yaml"}
