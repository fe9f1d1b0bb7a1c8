"""The content security policy of a page: what it may load, and the hashes of the scripts that the theme puts in it."""

import hashlib
import re
from base64 import b64encode

# Nothing loads from elsewhere, nothing is evaluated. Styles may stand in the page: the theme sets some from its script.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
}
_INLINE = re.compile(r"<script(?P<attributes>(?:\s[^>]*)?)>(?P<code>.*?)</script>", re.DOTALL)
_CONTENT = re.compile(r'<article class="md-content__inner.*</article>', re.DOTALL)  # to the last end of an article
_DATA = re.compile(r'type="application/(?:ld\+)?json"')  # blocks of data, which no browser runs


def theme_scripts(html: str) -> list[str]:
    """The code of every script that the theme puts into a page, in order.

    The content of the page is left out: no script of ours stands in it, so one that did would be somebody's attack.
    """
    around = _CONTENT.sub("", html)
    scripts = [match for match in _INLINE.finditer(around) if " src=" not in match["attributes"]]
    return [match["code"] for match in scripts if not _DATA.search(match["attributes"])]


def policy_of(html: str, *, own_workers: bool = False, asks_home: bool = False) -> str:
    """The policy of a page: scripts of the site's own files, and those inline ones that stand in it now.

    asks_home: a form of it leads to a page of this site.

    own_workers: its script may start workers from a text of its own. Only such a worker is bound by the policy of its
    page: one that is loaded from an address has the policy that the server sends with it, and a static host sends none.
    """
    digests = dict.fromkeys(hashlib.sha256(code.encode()).digest() for code in theme_scripts(html))
    allowed = "".join(f" 'sha256-{b64encode(digest).decode()}'" for digest in digests)
    directives = _POLICY | {"script-src": _POLICY["script-src"] + allowed}
    if own_workers:
        directives["worker-src"] += " blob:"
    if asks_home:
        directives["form-action"] = "'self'"
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def with_policy(html: str, *, own_workers: bool = False, asks_home: bool = False) -> str:
    """The page with its policy in front of everything that it could be about."""
    policy = policy_of(html, own_workers=own_workers, asks_home=asks_home)
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return re.sub(r"(<head[^>]*>\s*(?:<meta charset=[^>]*>)?)", rf"\1\n{meta}", html, count=1)
