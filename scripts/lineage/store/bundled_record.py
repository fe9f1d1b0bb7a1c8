"""The record as one file, as a wheel carries it: the same bytes on every machine, and opened only where it is whole."""

import io
import json
import zipfile
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path

HOME_VARIABLE = "WEIGHT_OF_EVIDENCE_HOME"  # names the folder that a record was unpacked into: see home.py
PACKED, DESCRIBED = "record.zip", "record.json"
LARGEST = 20_000_000  # bytes
_FORM = 1  # raised when the file is packed in another way
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # the day that zip files count from: no clock is asked
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class Description:
    """What stands beside a packed record: of which version and commit it is, and the checksum that it must have."""

    form: int
    version: str
    commit: str  # 40 digits, or ""
    seconds: str  # of the commit, since 1970, or ""
    files: int
    bytes: int
    sha256: str


def pack_record(root: Path, version: str, commit: str, seconds: str) -> dict[str, bytes]:
    """Both files of the record in a repository, by their names; ValueError where it is too large."""
    files = sorted((path.relative_to(root).as_posix(), path) for path in (root / "data").rglob("*") if path.is_file())
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, path in files:
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.create_system, entry.external_attr = 3, _PLAIN_FILE
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    data = content.getvalue()
    if len(data) > LARGEST:
        raise ValueError(f"the packed record has {len(data):,} bytes; at most {LARGEST:,} go into a wheel")
    description = Description(_FORM, version, commit, seconds, len(files), len(data), sha256(data).hexdigest())
    return {PACKED: data, DESCRIBED: f"{json.dumps(asdict(description), indent=2)}\n".encode()}


def open_record(folder: Path, target: Path) -> Description:
    """Unpacks the record in a folder into another, with its description; ValueError where it is not whole."""
    content = (folder / DESCRIBED).read_bytes()
    description = read_description(content)
    data = (folder / PACKED).read_bytes()
    checksum = sha256(data).hexdigest()
    if checksum != description.sha256:
        raise ValueError(f"{PACKED} has the checksum {checksum}, where {description.sha256} is right; install it again")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(target)
    (target / DESCRIBED).write_bytes(content)
    return description


def read_description(content: bytes) -> Description:
    """What a description says; ValueError where it is none of this form."""
    try:
        description = json.loads(content)
        if description["form"] != _FORM:
            raise ValueError(
                f"{DESCRIBED} has the form {description['form']}, this program reads {_FORM}; install it again"
            )
        return Description(**{field.name: description[field.name] for field in fields(Description)})
    except (KeyError, TypeError, json.JSONDecodeError):
        raise ValueError(f"{DESCRIBED} is damaged; install it again") from None
