"""The page that measures a model in the browser and sets it beside the record, and the three files that it reads."""

import json
from dataclasses import replace

from markupsafe import Markup

from lineage.records import Dataset
from lineage.site.asking import ask_button
from lineage.site.languages import ENGLISH, Language
from lineage.site.pages.checking.one_script import joined_script
from lineage.site.pages.checking.reading import reading_json
from lineage.site.pages.checking.record import record_json
from lineage.site.pages.checking.words import WORDS
from lineage.site.pages.writer import Page, Writer
from lineage.site.templating import relative_address, render_html

READING, RECORD = "assets/check/reading.json", "assets/check/record.json"
THREADS = "assets/check/threads.js"
TOOL = "0.3.0, in a browser"  # of measure.py, whose numbers these are within the sixth digit


def check_page(dataset: Dataset, language: Language = ENGLISH) -> Page:
    """The page with an area to drop files on; its script fills in the rest. All languages read the same three files."""
    writer = Writer(dataset, "check-a-model.md", language)
    site_root = relative_address(writer.path, "")
    form = render_html(
        "check-a-model.html.j2",
        language,
        own=site_root,
        root=writer.address("models/").removesuffix("models/"),
        reading=writer.address(READING),
        record=writer.address(RECORD),
        threads=writer.address(THREADS),
        words=json.dumps(dictionary(language), ensure_ascii=False, separators=(",", ":")),
        tool=TOOL,
        propose=ask_button(language=language),
    )
    page = writer.page(
        "check-a-model.md.j2",
        language.say("Check a model"),
        language.say("Measure a model in the browser and set it beside the record. The weights stay on your machine."),
        form=form,
    )
    files = dict(page.files)
    if language == ENGLISH:
        files |= {READING: reading_json(dataset.families), RECORD: record_json(dataset), THREADS: joined_script()}
    style = Markup('<link rel="stylesheet" href="{}assets/check.css">').format(site_root)  # the only page that needs it
    return replace(page, files=files, own_workers=True, head=style)


def dictionary(language: Language) -> dict[str, str]:
    """The words of the page's script in a language, by their English, where the two differ."""
    translations = {words: language.words.gettext(words) for words in WORDS}
    return {words: translation for words, translation in translations.items() if translation != words}
