"""The few calls to the hosting service's API that workflows with a token that may write make.

Standard library only: it runs where nothing is installed.
"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from urllib.parse import quote, urljoin, urlsplit

from lineage.web.foreign_archive import MOST_BYTES
from lineage.web.foreign_text import RefusedError

_MOST_JSON = 8 * 1024 * 1024
_MOST_PAGES = 10
_SECONDS = 30
BOT = "github-actions[bot]"  # who writes with a workflow's token


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Redirects are followed by hand: the token is for the API and goes nowhere else."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:  # noqa: ARG002
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class Forge:
    """One repository on the hosting service, as a workflow's token may see it."""

    api: str  # "https://api.example.org"
    repository: str  # "owner/name"
    token: str = field(repr=False)

    def get(self, path: str) -> Any:
        """What the API answers about a path under the repository."""
        return self._call("GET", path)

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> Any:
        """What the API answers to a new or changed thing."""
        return self._call(method, path, json.dumps(body).encode())

    def pages(self, path: str) -> Iterator[Any]:
        """Every element of a list that comes in pages, up to a bound."""
        for page in range(1, _MOST_PAGES + 1):
            elements = self.get(f"{path}{'&' if '?' in path else '?'}per_page=100&page={page}")
            yield from elements
            if len(elements) < 100:
                return

    def artifact(self, run: int, name: str, most: int = MOST_BYTES) -> bytes | None:
        """The zip file that a run left under a name, or None; RefusedError where it has more bytes than most."""
        artifacts_of_run = self.get(f"/actions/runs/{run}/artifacts?name={quote(name)}")["artifacts"]
        artifacts = [artifact for artifact in artifacts_of_run if artifact["name"] == name and not artifact["expired"]]
        if not artifacts:
            return None
        if len(artifacts) > 1 or int(artifacts[0]["size_in_bytes"]) > most:
            raise RefusedError(f"the artifact {name} is there more than once, or larger than {most} bytes")
        return self.download(int(artifacts[0]["id"]), most)

    def download(self, artifact: int, most: int = MOST_BYTES) -> bytes:
        """The zip file of an artifact by its number; RefusedError where it has more bytes than most."""
        return self._download(f"/actions/artifacts/{artifact}/zip", most)

    def _call(self, method: str, path: str, body: bytes | None = None) -> Any:
        with self._open(method, path, body) as answer:
            return json.loads(_bounded(answer, _MOST_JSON))

    def _download(self, path: str, most: int) -> bytes:
        try:
            with self._open("GET", path) as answer:
                return _bounded(answer, most)
        except urllib.error.HTTPError as error:
            if error.code not in (301, 302, 303, 307, 308):
                raise
            location = urljoin(self.api, error.headers.get("Location", ""))
        if urlsplit(location).scheme != urlsplit(self.api).scheme:
            raise RefusedError("the artifact lies at an address of another kind than the API")
        with _OPENER.open(urllib.request.Request(location), timeout=_SECONDS) as answer:  # noqa: S310 - checked above
            return _bounded(answer, most)

    def _open(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/vnd.github+json"}
        address = f"{self.api}/repos/{self.repository}{path}"
        request = urllib.request.Request(address, body, headers, method=method)  # noqa: S310 - the runner's own address
        return _OPENER.open(request, timeout=_SECONDS)


def forge_of(environ: Mapping[str, str]) -> Forge:
    """The repository that a workflow runs in."""
    return Forge(environ["GITHUB_API_URL"], environ["GITHUB_REPOSITORY"], environ["GITHUB_TOKEN"])


def run_address(environ: Mapping[str, str], run: int) -> str:
    """The page of a run."""
    return f"{environ['GITHUB_SERVER_URL']}/{environ['GITHUB_REPOSITORY']}/actions/runs/{run}"


def _bounded(answer: IO[bytes], most: int) -> bytes:
    content = answer.read(most + 1)
    if len(content) > most:
        raise RefusedError(f"an answer is larger than {most} bytes")
    return content


def done_or_refused(job: Callable[[], str], not_agreed: str) -> tuple[str, str]:
    """What a job says that it did and "", or "" and why it was refused or failed, in a line.

    not_agreed begins that line where an answer or a file has not the form that the job reads.
    """
    try:
        return job(), ""
    except RefusedError as error:
        return "", f"refused: {error}"
    except urllib.error.HTTPError as error:
        return "", f"the API answered {error.code}"
    except (urllib.error.URLError, KeyError, ValueError, TypeError) as error:
        return "", f"{not_agreed}: {type(error).__name__}"
