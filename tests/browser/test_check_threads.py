"""The threads of the page "Check a model" can be ended at any moment, and leave the thread of the page free."""

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route
from safetensors.numpy import save_file
from test_check_page import choose, done, opened, sparse

from match_models import CONFIG, llama, save

SOON = 5_000  # milliseconds
LONGEST = 50.0  # milliseconds of the processor that one task of the page's thread may take
NAMES = 300_000
ENDLESS = """
addEventListener("message", ({ data }) => {
  if (data.task === "read" && data.files[0].name === "endless.safetensors") for (;;);
}, { capture: true });
"""


@pytest.fixture
def page(alone: Page) -> Page:
    return alone


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return sorted(save(tmp_path_factory.mktemp("threads") / "model", llama(4, layers=9), CONFIG).iterdir())


def header_of(names: Iterable[str], path: Path) -> Path:
    """A file whose header names so many matrices of one number, the numbers of which follow."""
    entries = {
        name: {"dtype": "F32", "shape": [1, 1], "data_offsets": [4 * place, 4 * place + 4]}
        for place, name in enumerate(names)
    }
    text = json.dumps(entries).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + np.ones(len(entries), np.float32).tobytes())
    return path


def names_of_layers() -> Iterator[str]:
    for layer in range(NAMES // 4):
        for role in "qkvo":
            yield f"model.layers.{layer}.self_attn.{role}_proj.weight"


def never_answering(page: Page, base: str, folder: Path) -> list[Path]:
    """Opens the page with threads that read one file for ever, and nothing else otherwise; that file."""

    def lengthened(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=ENDLESS + answer.text())

    page.route("**/assets/check/threads.js", lengthened)
    opened(page, base)
    return [header_of(["a"], folder / "endless.safetensors")]


def stop(page: Page) -> None:
    page.locator(".woe-reading").wait_for()
    page.keyboard.press("Enter")  # the focus is on "Stop"
    page.locator(".woe-said", has_text="Stopped").wait_for(timeout=SOON)


def test_a_thread_that_never_answers_is_stopped_and_another_reads_without_a_network(
    page: Page, base: str, model: list[Path], tmp_path: Path
) -> None:
    endless = never_answering(page, base, tmp_path)
    page.context.set_offline(True)

    for _ in range(2):
        choose(page, endless)
        stop(page)
    choose(page, model)
    done(page)

    assert "Read as Llama and its kind" in page.locator(".woe-checked").inner_text()


def test_a_header_of_many_names_is_stopped(page: Page, base: str, model: list[Path], tmp_path: Path) -> None:
    file = header_of(names_of_layers(), tmp_path / "many.safetensors")
    opened(page, base)

    choose(page, [file])
    stop(page)
    choose(page, model)
    done(page)

    assert "Read as Llama and its kind" in page.locator(".woe-checked").inner_text()


def test_a_header_of_more_layers_than_any_model_has_gets_a_sentence(page: Page, base: str, tmp_path: Path) -> None:
    opened(page, base)

    choose(page, [header_of(names_of_layers(), tmp_path / "many.safetensors")])

    page.locator(".woe-said", has_text="is of a layer beyond 1024, which no model has").wait_for(timeout=120_000)


def test_an_address_that_is_opened_meanwhile_takes_the_place_of_what_is_read(
    page: Page, base: str, tmp_path: Path
) -> None:
    curves = "".join(f"&{role}={'_'.join(map(str, range(9)))}" for role in "qkvo")
    endless = never_answering(page, base, tmp_path)

    choose(page, endless)
    page.locator(".woe-reading").wait_for()
    page.evaluate("fragment => { location.hash = fragment }", f"#curves=1&stack=decoder{curves}")
    done(page)

    assert page.locator("#checked").inner_text() == "The curves in this address beside the record"
    assert page.locator(".woe-reading").is_hidden()


def test_more_files_than_a_checkpoint_has_are_not_handed_on(page: Page, base: str, tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for place in range(5_001):
        (folder / f"{place}.safetensors").touch()
    opened(page, base)

    page.locator(".woe-pick-folder").set_input_files(folder)

    page.locator(".woe-said", has_text="More than 5000 files were chosen; choose the folder of one").wait_for()
    assert page.locator(".woe-drop").is_visible()


def test_of_many_names_that_no_table_knows_some_are_drawn_and_all_are_counted(
    page: Page, base: str, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    unknown = {f"other_{place:x}y": rng.normal(size=(1, 2)).astype(np.float32) for place in range(5_000)}
    save_file(llama(4, layers=9) | unknown, tmp_path / "model.safetensors")
    opened(page, base)

    choose(page, [tmp_path / "model.safetensors"])
    done(page)

    details = page.locator(".woe-checked details", has_text="Tensors that were not read")
    assert "(5\u202f000 kinds)" in details.locator("summary").inner_text()
    assert details.locator("li").count() == 200
    assert "4\u202f800 more stand in the fingerprint." in (details.text_content() or "")


def milliseconds_of_tasks(trace: bytes) -> Iterator[float]:
    """Of each task that a page's own thread ran, how long the processor worked on it."""
    events = json.loads(trace)["traceEvents"]
    main = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    for one in events:
        if (one["pid"], one["tid"]) in main and one["name"].endswith("RunTask") and "tdur" in one:
            yield one["tdur"] / 1000


def test_no_task_of_the_pages_thread_is_long_while_a_model_is_read_and_shown(
    browser: Browser, base: str, model: list[Path], tmp_path: Path
) -> None:
    """No task is longer than 50 ms from the choice of a file to the result.

    Time is that of the processor and not of the clock, so a busy machine makes no task longer.
    """
    page = opened(browser.new_page(), base)
    browser.start_tracing(page=page, categories=["toplevel", "disabled-by-default-devtools.timeline"])
    for files in ([sparse(tmp_path / "large.safetensors", 200_000_000)], model):
        choose(page, files)
        done(page)
        page.locator(".woe-said", has_text="Done").wait_for()
    tasks = [*milliseconds_of_tasks(browser.stop_tracing())]
    page.close()

    assert len(tasks) > 100
    assert max(tasks) < LONGEST
