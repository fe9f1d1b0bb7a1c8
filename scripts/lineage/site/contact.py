"""Who stands behind the site and where replies go: the settings, what is wrong with them, and their words on pages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from lineage.site.days_and_amounts import day
from lineage.site.languages import Language, words
from lineage.store.edition import Edition

# What stands on a page of a local build in place of a setting that is empty, and what is to be written there.
PLACEHOLDERS = {
    "address": words("the address of the site"),
    "repository": words("the address of the project"),
    "issues": words("the address of the issue tracker"),
    "mail": words("the mail address for replies"),
    "maintainer": words("who maintains the site"),
}
_SETTINGS = {
    "address": "site_url (SITE_URL)",
    "repository": "extra.repository (REPOSITORY_URL)",
    "issues": "extra.issues (ISSUES_URL)",
    "mail": "extra.mail",
    "maintainer": "extra.maintainer",
}
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}")
_MARK = re.compile(r"\[\[(repository|issues|mail|maintainer)\]\]")
FOOTER = "<!--footer-->"  # stands in the settings of the theme for what footer_html makes


@dataclass(frozen=True)
class Contact:
    """The settings that say who stands behind the site; "" where one is empty."""

    address: str  # of the site
    repository: str  # of the project, where pull requests go
    issues: str  # of the issue tracker, where anybody can write without git
    mail: str  # takes replies and corrections
    maintainer: str  # an organisation or a role


def read_contact(settings: Mapping[str, Any], address: str) -> Contact:
    """The contact in the block "extra" of the settings; address is that of the site."""
    values = {field.name: str(settings.get(field.name) or "").strip() for field in fields(Contact)}
    return Contact(**values | {"address": address})


def unusable_settings(contact: Contact) -> Iterator[str]:
    """A line for each setting that is no valid address, with what would be right; empty settings are left out."""
    for name in ("repository", "issues"):
        if (value := getattr(contact, name)) and not _is_web_address(value):
            yield f'{_SETTINGS[name]} is {value!r}; write an http(s) address such as "https://example.org/project"'
    if contact.mail and not _MAIL.fullmatch(contact.mail):
        yield f'{_SETTINGS["mail"]} is {contact.mail!r}; write a mail address such as "replies@example.org"'


def missing_settings(contact: Contact) -> Iterator[str]:
    """A line for each empty setting, with what belongs there."""
    for name, placeholder in PLACEHOLDERS.items():
        if not getattr(contact, name):
            yield f"{_SETTINGS[name]} is empty; write {placeholder}"


def with_contact(markdown: str, contact: Contact, language: Language) -> str:
    """A hand-written page with marks such as "[[mail]]" filled in."""
    return _MARK.sub(lambda mark: str(contact_html(contact, mark[1], language)), markdown)


def contact_html(contact: Contact, name: str, language: Language) -> Markup:
    """A setting as a page shows it: a link where it is an address, a placeholder where it is empty."""
    value = getattr(contact, name)
    if not value:
        return Markup('<span class="woe-unset">[{}]</span>').format(language.say(PLACEHOLDERS[name]))
    if name == "mail":
        return Markup('<a href="mailto:{}">{}</a>').format(value, value)
    if name == "maintainer":
        return Markup("{}").format(value)
    return Markup('<a href="{}" rel="noopener">{}</a>').format(value, value.removeprefix("https://"))


def footer_html(contact: Contact, edition: Edition, language: Language, base: str) -> Markup:
    """The footer of a page; base is the relative path from the page to the root of its language."""
    links = {name: contact_html(contact, name, language) for name in ("maintainer", "mail", "issues")}
    links["how"] = Markup('<a href="{}about/#how-to-reply">{}</a>').format(base, language.say("How to reply"))
    maintenance = language.words.gettext("Maintained by %(maintainer)s.")
    reply = language.words.gettext("Replies and corrections, without git too: %(mail)s or %(issues)s. %(how)s.")
    changed = language.say("Files differ from what was committed then.") if edition.changed else ""
    state = language.joined(filter(None, (_updated(edition, language), changed, maintenance)))
    lines = [Markup(line) % links for line in (state, reply)]  # noqa: S704 - our own words
    pages = (("about/", language.say("About this site")), ("corrections/", language.say("Corrections and removals")))
    lines.append(Markup(" · ").join(Markup('<a href="{}{}">{}</a>').format(base, page, name) for page, name in pages))
    return Markup("").join(Markup('<span class="woe-footer">{}</span>').format(line) for line in lines)


def _updated(edition: Edition, language: Language) -> str:
    if edition.day is None:
        return language.say("Day of the update unknown.")
    return language.say("Last updated on %(day)s.", day=day(edition.day, language))


def _is_web_address(text: str) -> bool:
    url = urlsplit(text)
    return url.scheme in ("http", "https") and bool(url.hostname) and not re.search(r"[\s<>\"'`\\]", text)
