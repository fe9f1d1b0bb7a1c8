"""Polite visits to public web addresses: robots.txt, pauses, bounds on size and time, no private network."""

import http.client
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SHUT_RDWR, SOCK_STREAM, create_connection, getaddrinfo, socket
from threading import Event, Timer
from time import monotonic, sleep
from urllib.parse import quote, urljoin, urlsplit, urlunsplit
from urllib.robotparser import RobotFileParser

AGENT = "WeightOfEvidence"
_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_MAX_REDIRECTS = 5
_LONGEST_PAUSE = 60.0  # seconds; a robots.txt that asks for more is not visited
_NAT64 = ip_network("64:ff9b::/96")
_BLOCK = 1 << 16


class VisitError(Exception):
    """No answer came, or none that can be used; the message says why."""


class NotAskedError(Exception):
    """The address was not asked, because its robots.txt or our own rules say so; the message says which."""


@dataclass(frozen=True)
class Manners:
    """How visits behave."""

    agent: str = AGENT  # the User-Agent; its first word is what robots.txt is read for
    pause: float = 5.0  # seconds between two requests to one host
    timeout: float = 30.0  # seconds for one request with its whole answer
    most_bytes: int = 2_000_000  # of a body; the rest is not read
    allow_loopback: bool = False  # for tests alone


@dataclass(frozen=True)
class Answer:
    """What came back in the end."""

    status: int
    address: str  # after all redirects
    moved_to: str  # where permanent redirects lead; "" where there is none
    content_type: str
    body: bytes
    whole: bool  # False where the body was longer than is read, or packed
    waits: str  # the Retry-After header, or ""


@dataclass
class Visitor:
    """Visits addresses one at a time and remembers when it asked each host, and what its robots.txt says."""

    manners: Manners
    wait: Callable[[float], None] = sleep
    clock: Callable[[], float] = monotonic
    _asked: dict[str, float] = field(default_factory=dict)  # by host
    _robots: dict[str, RobotFileParser] = field(default_factory=dict)  # by origin

    def visit(self, address: str) -> Answer:
        """The answer of an address after redirects; VisitError or NotAskedError where there is none."""
        moved_to, permanent = "", True
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_robots(address)
            status, headers, body, whole = self._request(address)
            target = headers.get("location", "")
            if status not in _REDIRECTS or not target:
                kind, waits = headers.get("content-type", ""), headers.get("retry-after", "")
                return Answer(status, address, moved_to, kind, body, whole, waits)
            address = urljoin(address, target)
            permanent = permanent and status in _PERMANENT
            moved_to = address if permanent else moved_to
        raise VisitError(f"more than {_MAX_REDIRECTS} redirects")

    def _check_robots(self, address: str) -> None:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        rules = self._robots.get(origin) or self._robots.setdefault(origin, self._rules(f"{origin}/robots.txt"))
        if not rules.can_fetch(AGENT, address):
            raise NotAskedError("robots.txt does not allow it")

    def _rules(self, address: str) -> RobotFileParser:
        """What robots.txt says; all is allowed where there is none, and nothing where it cannot be read."""
        rules = RobotFileParser()
        for _ in range(_MAX_REDIRECTS + 1):
            status, headers, body, _ = self._request(address)
            if status not in _REDIRECTS or not headers.get("location"):
                break
            address = urljoin(address, headers["location"])
        if status >= 500 or status in (401, 403, 429) or status in _REDIRECTS:
            raise NotAskedError(f"robots.txt cannot be read: the server answered {status}")
        rules.parse(body.decode("utf-8", errors="replace").splitlines() if status == 200 else [])
        delay = rules.crawl_delay(AGENT)
        if delay is not None and float(delay) > _LONGEST_PAUSE:
            raise NotAskedError(f"robots.txt asks for a pause of {delay} seconds")
        return rules

    def _request(self, address: str) -> tuple[int, Mapping[str, str], bytes, bool]:
        """Status, headers by lower-case name, the start of the body, and whether it is all of it."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NotAskedError(f"not an http(s) address: {address[:100]}")
        self._pause(parts.hostname, f"{parts.scheme}://{parts.netloc}")
        try:
            connection = _connection(address, self.manners)
            return _exchange(connection, address, self.manners)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise VisitError(_words(error)) from None

    def _pause(self, host: str, origin: str) -> None:
        rules = self._robots.get(origin)
        asked_for = float(rules.crawl_delay(AGENT) or 0) if rules else 0.0
        due = self._asked.get(host, float("-inf")) + max(self.manners.pause, asked_for)
        if (left := due - self.clock()) > 0:
            self.wait(left)
        self._asked[host] = self.clock()


def is_public(address: str, allow_loopback: bool = False) -> bool:
    """Whether an IP address belongs to the public internet, also where an IPv6 address carries an IPv4 one."""
    ip = _carried(ip_address(address.partition("%")[0]))
    return (allow_loopback and ip.is_loopback) or (ip.is_global and not ip.is_multicast)


def _carried(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def _connection(address: str, manners: Manners) -> http.client.HTTPConnection:
    """A connection to an address, opened to the very IP address that was found public."""
    parts = urlsplit(address)
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    ip_addresses = [str(entry[4][0]) for entry in getaddrinfo(host, port, type=SOCK_STREAM)]
    if not all(is_public(ip_address, manners.allow_loopback) for ip_address in ip_addresses):
        raise NotAskedError(f"{host} is not an address of the public internet")
    link = create_connection((ip_addresses[0], port), timeout=manners.timeout)
    try:
        link = ssl.create_default_context().wrap_socket(link, server_hostname=host) if secure else link
    except BaseException:
        link.close()
        raise
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(host, port, timeout=manners.timeout)
    connection.sock = link
    return connection


def _exchange(
    connection: http.client.HTTPConnection, address: str, manners: Manners
) -> tuple[int, Mapping[str, str], bytes, bool]:
    """One request and its answer; a server that trickles is hung up on when the time is over."""
    over = Event()
    alarm = Timer(manners.timeout, _hang_up, [connection.sock, over])
    alarm.daemon = True
    alarm.start()
    try:
        connection.request("GET", _path(address), headers={"User-Agent": manners.agent, "Accept-Encoding": "identity"})
        answer = connection.getresponse()
        body = b""
        while len(body) <= manners.most_bytes and (block := answer.read1(_BLOCK)):
            body += block
        if over.is_set():
            raise TimeoutError
        headers = {name.lower(): value for name, value in answer.getheaders()}
        packed = headers.get("content-encoding", "identity") != "identity"
        whole = len(body) <= manners.most_bytes and not packed and not answer.length
        return answer.status, headers, body[: manners.most_bytes], whole
    except (OSError, http.client.HTTPException):
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        alarm.cancel()
        connection.close()


def _hang_up(link: socket, over: Event) -> None:
    over.set()  # before the reader wakes
    try:
        socket.shutdown(link, SHUT_RDWR)  # not that of SSLSocket, which another thread is reading from
    except OSError:
        return


def _path(address: str) -> str:
    parts = urlsplit(address)
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    return quote(path, safe="/%:?=&~+!$,;'@()*[]")


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no whole answer in time"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
