"""A child of this process ends as a command does; a build in one uses the stages of the folder that it builds."""

import os
import signal
import sys
from pathlib import Path

import pytest

from lineage.store.children import ended_children
from small_site import make_small_site

HOOK = """
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "scripts"))

from lineage import WHOSE


def on_post_page(output, **_):
    return output + WHOSE
"""


@pytest.mark.parametrize(
    ("run", "status", "said"),
    [
        (lambda: None, 0, ""),
        (lambda: sys.exit(), 0, ""),
        (lambda: sys.exit(3), 3, ""),
        (lambda: sys.exit("no"), 1, "no\n"),
        (lambda: print("words", file=sys.stderr), 0, "words\n"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), -signal.SIGKILL, ""),
    ],
    ids=["it returns", "it ends", "a status", "words at its end", "words", "a signal"],
)
def test_how_it_ended_and_what_it_said(
    run: object, status: int, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with capfd.disabled():
        assert ended_children([run], tmp_path, os.environ) == [(status, said)]


def test_two_run_at_once_and_one_that_fails_lets_the_other_end(tmp_path: Path) -> None:
    reading, writing = os.pipe()

    def waits() -> None:
        print(os.read(reading, 5).decode() * 50_000, file=sys.stderr)  # more than a pipe holds

    def writes() -> None:
        os.write(writing, b"words")
        sys.exit("no")

    first, second = ended_children([waits, writes], tmp_path, os.environ)

    assert first == (0, "words" * 50_000 + "\n")
    assert second == (1, "no\n")


def test_it_has_its_own_folder_and_environment_and_an_error_is_printed(tmp_path: Path) -> None:
    def fail() -> None:
        raise ValueError(f"{Path.cwd()} {sorted(os.environ)}")

    ((status, said),) = ended_children([fail], tmp_path, {"ONE": "1"})

    assert status == 1
    assert said.endswith(f"ValueError: {tmp_path} ['ONE']\n")
    assert "ONE" not in os.environ


def test_a_folder_with_stages_of_its_own_is_built_with_them(tmp_path: Path) -> None:
    small = make_small_site(tmp_path)
    (tmp_path / "pause.py").write_text(HOOK, encoding="utf-8")
    (tmp_path / "scripts" / "lineage").mkdir(parents=True)
    (tmp_path / "scripts" / "lineage" / "__init__.py").write_text('WHOSE = "theirs"\n', encoding="utf-8")

    done = small.build()

    assert done.returncode == 0, done.stderr
    assert "theirs" in small.shown()
