"""A build that fails half-way, for real: the last good site stays, the reason is one line, the next build cleans up."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from small_site import BUILD, SmallSite, make_small_site, wait_for, without_rights_of_root

MOUNT = 'mount -t tmpfs -o size=4m none "$1" && shift && exec "$@"'
NAMESPACES = (("unshare", "--mount"), ("unshare", "--mount", "--user", "--map-root-user"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> SmallSite:
    """A small site that was built."""
    made = make_small_site(tmp_path_factory.mktemp("built"))
    done = made.build()
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def small(built: SmallSite, tmp_path: Path) -> SmallSite:
    """A small site of the test's own that was built, and whose page has changed since."""
    made = SmallSite(Path(shutil.copytree(built.root, tmp_path / "small")))
    made.say("Second")
    return made


@pytest.fixture(scope="session")
def own_mounts() -> tuple[str, ...]:
    """Words in front of a command that may then mount disks which nobody else sees."""
    for words in NAMESPACES if shutil.which("unshare") else ():
        tried = [*words, "sh", "-c", MOUNT, "sh", "/mnt", "true"]
        if subprocess.run(tried, capture_output=True, check=False).returncode == 0:
            return words
    pytest.skip("this system lets tests mount no disk; the limit on file sizes is tested instead")


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stderr.splitlines()[-1]


def assert_first_stands(small: SmallSite) -> None:
    assert "First" in small.shown()
    assert "manifest.json" in small.files()
    assert small.leftovers() == []


def test_a_sound_build_replaces_the_site_and_leaves_nothing_else(small: SmallSite) -> None:
    (small.site / "stale.html").touch()

    done = small.build()

    assert done.returncode == 0
    assert "Second" in small.shown()
    assert not (small.site / "stale.html").exists()
    assert small.leftovers() == []
    assert "build: site/ is new:" in done.stdout


def test_problems_in_the_data_stop_a_build(small: SmallSite) -> None:
    (small.root / "data" / "stray.txt").touch()

    done = small.build()

    assert done.returncode == 1
    assert last_line(done) == "build: nothing was replaced; site/ is the last good build"
    assert "data/stray.txt" in done.stdout
    assert_first_stands(small)


def test_a_warning_of_mkdocs_stops_a_build_and_is_shown(small: SmallSite) -> None:
    small.say("[nowhere](nowhere.md)")

    done = small.build()

    assert done.returncode == 1
    assert "nowhere.md" in done.stderr
    assert last_line(done) == "build: nothing was replaced; site/ is the last good build"
    assert_first_stands(small)


def test_a_full_disk_stops_a_build(small: SmallSite, own_mounts: tuple[str, ...], tmp_path: Path) -> None:
    disk, copy, big = tmp_path / "disk", tmp_path / "copy", small.root / "docs/assets/big.woff2"
    big.parent.mkdir()
    disk.mkdir()
    steps = f"""
      {" ".join(BUILD)} --root {small.root} --site-dir {disk}/site || exit 9
      head -c 5000000 /dev/urandom > {big}
      {" ".join(BUILD)} --root {small.root} --site-dir {disk}/site; code=$?
      cp -a {disk} {copy}; exit $code
    """

    done = subprocess.run(
        [*own_mounts, "sh", "-c", MOUNT, "sh", str(disk), "sh", "-c", steps],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr
    assert done.stderr == "build: nothing was replaced, since the disk is full; site/ is the last good build\n"
    assert "Second" in (copy / "site" / "index.html").read_text(encoding="utf-8")
    assert not (copy / "site/assets/big.woff2").exists()
    assert [path.name for path in copy.iterdir()] == ["site"]


def test_a_disk_that_is_read_only_stops_a_build(small: SmallSite, own_mounts: tuple[str, ...], tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    steps = f"mount -o remount,ro {disk} && {' '.join(BUILD)} --root {small.root} --site-dir {disk}/site"

    done = subprocess.run(
        [*own_mounts, "sh", "-c", MOUNT, "sh", str(disk), "sh", "-c", steps],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "build: nothing was replaced, since the folder is read-only; there is no site/ yet\n"


def test_a_limit_on_the_size_of_files_stops_a_build(small: SmallSite) -> None:
    (small.root / "docs/assets").mkdir()
    (small.root / "docs/assets/big.woff2").write_bytes(bytes(3_000_000))
    limit = 2_000_000

    done = small.build(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))

    assert done.returncode == 1
    assert last_line(done).startswith("build: nothing was replaced, since a file would be larger than")
    assert len(done.stderr.splitlines()) == 1
    assert_first_stands(small)


def test_a_folder_that_may_not_be_written_stops_a_build(small: SmallSite) -> None:
    small.root.chmod(0o555)

    done = small.build(*without_rights_of_root())

    small.root.chmod(0o755)
    assert done.returncode == 1
    assert done.stderr == (
        "build: nothing was replaced, since this user may not write there; site/ is the last good build\n"
    )
    assert_first_stands(small)


def test_a_killed_build_leaves_the_site_and_the_next_one_cleans_up(small: SmallSite) -> None:
    with small.half_way() as building:
        os.killpg(building.pid, signal.SIGKILL)
        building.wait()
        assert "First" in small.shown()
        assert small.leftovers() == [".site-build"]

    done = small.build()

    assert done.returncode == 0
    assert "waiting" not in done.stdout
    assert "Second" in small.shown()
    assert small.leftovers() == []


def test_the_next_build_waits_for_what_a_killed_one_left_running(small: SmallSite) -> None:
    with small.half_way() as building:
        building.kill()
        building.wait()
        other = small.start("second")
        wait_for(lambda: "another build is running; waiting" in small.said("second"))
        assert other.poll() is None

    assert other.wait(timeout=60) == 0, small.said("second")
    assert "Second" in small.shown()
    assert small.leftovers() == []


def test_mkdocs_that_is_killed_alone_is_named(small: SmallSite) -> None:
    with small.half_way() as building:
        children = Path(f"/proc/{building.pid}/task/{building.pid}/children")
        if not children.exists():
            pytest.skip("only Linux says which processes another one started")
        os.kill(int(children.read_text(encoding="utf-8").split()[0]), signal.SIGKILL)
        building.wait(timeout=30)

    assert building.returncode == 1
    assert "mkdocs was stopped by signal 9" in small.said("first")
    assert_first_stands(small)


def test_a_build_that_is_interrupted_cleans_up(small: SmallSite) -> None:
    with small.half_way() as building:
        os.killpg(building.pid, signal.SIGINT)
        building.wait(timeout=30)

    assert building.returncode == 130
    last = small.said("first").splitlines()[-1]
    assert last == "build: stopped; nothing was replaced; site/ is the last good build"
    assert_first_stands(small)


def test_of_two_builds_at_once_one_waits_for_the_other(small: SmallSite) -> None:
    with small.half_way() as first:
        small.say("Third")
        second = small.start("second")
        wait_for(lambda: "another build is running; waiting" in small.said("second"))
        assert first.poll() is None

    assert first.returncode == 0
    assert second.wait(timeout=60) == 0
    assert "Third" in small.shown()
    assert small.leftovers() == []


@pytest.mark.parametrize("folder", ["docs", "."])
def test_a_folder_that_is_no_site_is_never_replaced(small: SmallSite, folder: str) -> None:
    target = small.root / folder

    done = subprocess.run(
        [*BUILD, "--root", str(small.root), "--site-dir", str(target)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert "is not a site that was built; name another folder" in done.stderr
    assert (small.root / "docs" / "index.md").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets two folders change names in one step")
def test_readers_see_the_old_site_or_the_new_one_and_nothing_between(small: SmallSite) -> None:
    building = small.start("build")
    seen = set()
    while building.poll() is None:
        seen.add(small.shown())  # raises where the file is gone for a moment
    wait_for(lambda: "Second" in small.shown())

    assert len(seen) <= 2
