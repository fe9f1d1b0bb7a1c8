"""The page "Check a model" in the real browser: what it says, and that it asks nobody for anything."""

import json
import struct
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import ml_dtypes
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request
from shut_out import violations

from match_models import CONFIG, llama, save
from repository import COMMITTED

FINGERPRINTS = COMMITTED / "data" / "fingerprints"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
READY = ".woe-check.woe-ready"


def opened(page: Page, base: str, address: str = "check-a-model/") -> Page:
    page.goto(base + address)
    page.locator(READY).wait_for(state="attached")
    return page


def choose(page: Page, files: list[Path]) -> None:
    page.locator(".woe-pick-files").set_input_files(files)


def done(page: Page, milliseconds: int = 60_000) -> None:
    page.locator('.woe-checked[aria-busy="false"] #checked').wait_for(timeout=milliseconds)


@pytest.fixture
def page(alone: Page) -> Page:
    """One that a test has alone: it reads files, starts workers and cuts itself off."""
    return alone


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A small checkpoint with its configuration and tokenizer."""
    tensors = {name: matrix.astype(ml_dtypes.bfloat16) for name, matrix in llama(4, layers=9).items()}
    folder = save(tmp_path_factory.mktemp("check") / "model", tensors, CONFIG | {"rms_norm_eps": 1e-06})
    return sorted(folder.iterdir())


def test_a_checkpoint_is_set_beside_the_record(page: Page, base: str, model: list[Path]) -> None:
    opened(page, base)

    choose(page, model)
    done(page)

    words = page.locator(".woe-checked").inner_text()
    assert "Read as Llama and its kind" in words
    assert "9 of 9" in words
    assert "No finding." in words
    assert page.locator("#check-std_profile tbody tr").count() == 5
    assert page.locator(".woe-panels figure").count() == 7
    assert page.evaluate("document.activeElement.matches('.woe-checked')")


@pytest.mark.parametrize(
    ("language", "said", "most", "no_english"),
    [
        ("", "The same bytes.", "0.999 is the most that this score can give.", ""),
        ("zh/", "字节相同。", "0.999 是", "head dim"),
    ],
)
def test_a_model_that_is_one_of_the_record_is_said_first_to_be_it(
    page: Page, base: str, language: str, said: str, most: str, no_english: str
) -> None:
    """And no score that can give no more than .999 is left as if it had seen a difference."""
    opened(page, base, f"{language}check-a-model/")

    choose(page, [FINGERPRINTS / f"google_gemma-3-270m{ending}" for ending in (".toml", ".csv", ".vectors.csv")])
    done(page)

    first = page.locator(".woe-checked .woe-status").first.inner_text()
    assert first.startswith(said)
    assert "Gemma 3 270M" in first
    assert most in page.locator(".woe-checked").inner_text()
    assert not no_english or no_english not in page.locator(".woe-checked").inner_text()
    assert page.locator("#check-residual_norms td[colspan='3']").count() > 0  # why there is no score, in its room


def test_another_model_can_be_set_beside_it(page: Page, base: str, model: list[Path]) -> None:
    opened(page, base)
    choose(page, model)
    done(page)

    page.locator("#beside").select_option(label="Gemma 3 270M")

    assert "Gemma 3 270M" in page.locator(".woe-beside .woe-legend").first.inner_text()
    assert page.locator(".woe-beside").inner_text().count("Equal ") + page.locator(".woe-beside").inner_text().count(
        "Different: "
    )


def test_a_folder_is_read_and_what_lies_deeper_is_left_alone(page: Page, base: str, model: list[Path]) -> None:
    folder = model[0].parent
    deeper = folder / "original"
    deeper.mkdir(exist_ok=True)
    (deeper / "consolidated.safetensors").write_bytes(b"not read")
    opened(page, base)

    page.locator(".woe-pick-folder").set_input_files(folder)
    done(page)

    assert "Read as Llama and its kind" in page.locator(".woe-checked").inner_text()


def sparse(path: Path, size: int) -> Path:
    """A checkpoint of two layers in so many bytes, almost all of it a hole in the file."""
    width = 1024
    units = size // (2 * 3 * 2 * width)
    shapes: dict[str, tuple[int, int]] = {}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.self_attn.{role}_proj.weight": (width, width) for role in "qkvo"}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.mlp.{role}_proj.weight": (units, width) for role in ("gate", "up")}
        shapes[f"model.layers.{layer}.mlp.down_proj.weight"] = (width, units)
    header, at = {}, 0
    for name, (rows, columns) in shapes.items():
        end = at + 2 * rows * columns
        header[name] = {"dtype": "BF16", "shape": [rows, columns], "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    rng = np.random.default_rng(1)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.write(rng.normal(size=8 * width * width).astype(ml_dtypes.bfloat16).tobytes())
        file.truncate(8 + len(text) + at)
    return path


def test_not_one_request_while_a_large_file_is_read(page: Page, base: str, tmp_path: Path) -> None:
    file = sparse(tmp_path / "large.safetensors", 300_000_000)
    asked: list[Request] = []
    opened(page, base)
    page.wait_for_load_state("networkidle")
    page.context.on("request", lambda request: asked.append(request))
    page.context.set_offline(True)

    choose(page, [file])
    done(page, 180_000)

    assert "2 of 2" in page.locator("#check-coverage").inner_text()
    assert [request.url for request in asked if not request.url.startswith("blob:")] == []


def test_the_page_and_its_threads_cannot_ask_anybody_once_it_is_ready(page: Page, base: str) -> None:
    opened(page, base)

    refused = page.evaluate("""async () => {
      const ask = async (address) => { try { await fetch(address); return "asked" } catch { return "refused" } }
      const addresses = [location.href, "https://example.org/"]
      const code = `const ask = ${ask}; postMessage(await Promise.all(${JSON.stringify(addresses)}.map(ask)))`
      const text = URL.createObjectURL(new Blob([code], { type: "text/javascript" }))
      const thread = new Worker(text, { type: "module" })
      const inside = await new Promise((resolve) => { thread.onmessage = ({ data }) => resolve(data) })
      return [...inside, ...await Promise.all(addresses.map(ask))]
    }""")

    assert refused == ["refused"] * 4


def test_a_reading_can_be_stopped_and_another_begun(page: Page, base: str, tmp_path: Path, model: list[Path]) -> None:
    file = sparse(tmp_path / "huge.safetensors", 20_000_000_000)
    opened(page, base)

    choose(page, [file])
    page.locator(".woe-reading-left", has_text="of 20.0").wait_for()
    page.keyboard.press("Enter")  # the focus is on "Stop"
    page.locator(".woe-said", has_text="Stopped").wait_for()
    choose(page, model)
    done(page)

    assert "Read as Llama and its kind" in page.locator(".woe-checked").inner_text()


def zipped() -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("model.safetensors", bytes(1000))
    return content.getvalue()


WRONG = {
    "text": ("notes.txt", b"these are no weights at all", "is text, not weights"),
    "a zip by another name": (
        "model.safetensors",
        zipped(),
        "is a PyTorch file or an archive, which the browser does not read; unpack an archive, choose .safetensors",
    ),
    "GGUF of the future": (
        "model.gguf",
        b"GGUF" + struct.pack("<IQQ", 77, 1, 1),
        "is GGUF version 77; versions 2 and 3 are read here: download the file in one of these",
    ),
    "an index alone": (
        "model.safetensors.index.json",
        b'{"weight_map": {"a": "model-00001-of-00002.safetensors"}}',
        "model-00001-of-00002.safetensors: is not among the files that were chosen, and others name it; choose",
    ),
    "hostile": ("<img src=x onerror=alert(1)>.safetensors", b"", "<img src=x onerror=alert(1)>.safetensors: is empty"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_file_gets_a_sentence(page: Page, base: str, tmp_path: Path, what: str) -> None:
    name, content, said = WRONG[what]
    (tmp_path / name).write_bytes(content)
    opened(page, base)

    choose(page, [tmp_path / name])
    page.locator(".woe-said", has_text=said).wait_for()

    assert page.locator(".woe-checked").inner_html() == ""
    assert page.locator(".woe-said img").count() == 0
    assert page.locator(".woe-drop").is_visible()


def test_the_fingerprint_is_downloaded_and_read_again(page: Page, base: str, model: list[Path], tmp_path: Path) -> None:
    opened(page, base)
    choose(page, model)
    done(page)
    taken = []
    for link in page.locator(".woe-files-made a").all():
        with page.expect_download() as download:
            link.click()
        taken.append(tmp_path / download.value.suggested_filename)
        download.value.save_as(taken[-1])
    scores = page.locator("#check-std_profile").inner_text()

    opened(page, base)
    choose(page, taken)
    done(page)

    assert sorted(file.suffix for file in taken) == [".csv", ".csv", ".toml"]
    assert page.locator("#check-std_profile").inner_text() == scores


def test_a_shared_address_shows_the_comparison_to_another_person(
    page: Page, base: str, model: list[Path], browser: Browser
) -> None:
    opened(page, base)
    choose(page, model)
    done(page)
    page.locator("#share-name").fill("Ours <b>")
    address = page.locator("#share-address").input_value()
    scores = page.locator("#check-std_profile td .woe-value").all_inner_texts()

    other = browser.new_page()
    other.goto(address)
    done(other)

    assert other.locator("#checked").inner_text() == "Ours <b> beside the record"
    found = other.locator("#check-std_profile td .woe-value").all_inner_texts()
    numbers = [[float(value.replace("−", "-")) for value in values] for values in (scores, found)]
    np.testing.assert_allclose(*numbers, atol=0.002)
    assert "Only the standard-deviation profile" in other.locator(".woe-checked").inner_text()
    other.close()


@pytest.mark.parametrize("own", ["check-a-model/", "zh/check-a-model/"])
def test_a_link_is_copied_and_opened_without_a_file_and_nothing_is_stored_or_sent(
    browser: Browser, base: str, model: list[Path], own: str
) -> None:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = opened(context.new_page(), base, own)
    choose(page, model)
    done(page)
    page.locator(".woe-share button").click()
    page.wait_for_function("document.querySelector('.woe-share [role=status]').textContent")
    address = page.evaluate("navigator.clipboard.readText()")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))

    other = context.new_page()
    other.goto(address)
    done(other)

    assert address.startswith(f"{base}{own}#curves=1&")
    assert other.locator("#check-std_profile tbody tr").count() == 5
    assert [url for url in asked if not url.startswith((base, "blob:"))] == []
    assert not any("curves=" in url for url in asked)  # what stands behind "#" is sent to nobody
    kept = "[localStorage.length, sessionStorage.length, document.cookie]"
    assert other.evaluate(kept) == page.evaluate(kept)
    assert other.evaluate("document.cookie") == ""
    assert context.cookies() == []
    context.close()


CURVE = "_".join(map(str, range(9)))
FOUR = "".join(f"&{role}={CURVE}" for role in "qkvo")
HOSTILE = {
    "one curve": "#curves=1&stack=decoder&q=1_2",
    "another form": f"#curves=9&stack=decoder{FOUR}",
    "no form": "#curves=",
    "markup for a stack": f"#curves=1&stack=<img src=x onerror=alert(1)>{FOUR}",
    "no numbers": f"#curves=1&stack=decoder{FOUR}".replace("0_1", "x_1"),
    "numbers beyond any curve": f"#curves=1&stack=decoder{FOUR}".replace("0_1", "9999999999_1"),
    "curves of different lengths": f"#curves=1&stack=decoder{FOUR}_9",
    "curves that are flat": "#curves=1&stack=decoder" + "".join(f"&{role}=5_5_5" for role in "qkvo"),
    "more layers than any model has": "#curves=1&stack=decoder"
    + "".join(f"&{role}={'1_2_' * 300}1" for role in "qkvo"),
    "broken escapes": f"#curves=1%ZZ&stack=%E0%A4%A{FOUR}",
    "a megabyte": "#curves=1&stack=decoder&q=" + "1_" * 500_000,
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_address_gets_a_sentence(page: Page, base: str, what: str) -> None:
    opened(page, base, f"check-a-model/{HOSTILE[what]}")

    page.locator(".woe-said", has_text="does not hold whole curves").wait_for()

    assert page.locator(".woe-checked").inner_html() == ""


def test_a_hostile_name_is_only_text(page: Page, base: str) -> None:
    name = "%3Cimg src=x onerror=alert(1)%3E%E2%80%AE%00" + "x" * 500
    opened(page, base, f"check-a-model/#curves=1&stack=decoder{FOUR}&name={name}")
    done(page)

    title = page.locator("#checked").inner_text()
    assert title.startswith("<img src=x onerror=alert(1)> ")
    assert len(title) < 90
    assert not set(title) & {"\u202e", "\x00"}


def test_a_result_leads_to_the_form_of_the_record(page: Page, base: str, model: list[Path]) -> None:
    opened(page, base)
    assert page.locator(".woe-checked .woe-ask").count() == 0

    choose(page, model)
    done(page)

    link = page.locator(".woe-checked .woe-ask")
    assert link.is_visible()
    assert "woe-ask-for-a-measurement" not in (link.get_attribute("href") or "")
    assert link.get_attribute("target") == "_blank"


def test_the_keyboard_alone_reaches_the_choice(page: Page, base: str) -> None:
    page.on("filechooser", lambda _: None)  # from here on, so that the browser holds it back before the key is pressed
    opened(page, base)
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.woe-files')"):
            break

    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")

    assert chooser.value.is_multiple()


@pytest.fixture(params=["check-a-model/", "zh/check-a-model/"])
def address(request: pytest.FixtureRequest) -> Iterator[Any]:
    return request.param


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_a_result(
    browser: Browser, base: str, model: list[Path], address: str, size: Any, scheme: Any
) -> None:
    context: BrowserContext = browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page = opened(context.new_page(), base, address)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    choose(page, model)
    done(page)

    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert violations(page) == []
    assert said == []
    context.close()
