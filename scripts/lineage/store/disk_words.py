"""What a disk answers when it refuses, in words that a person can act on."""

import errno
import re

_WORDS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota of the disk is used up",
    errno.EFBIG: "a file would be larger than this system allows",
    errno.EROFS: "the folder is read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
}
_RAISED = re.compile(r"^\w*Error: \[Errno (\d+)\]", re.MULTILINE)


def in_words(error: OSError) -> str:
    """Why the disk refused: "the disk is full"."""
    return _WORDS.get(error.errno or 0, str(error))


def refusal_in(output: str) -> OSError | None:
    """The refusal with which another Python process ended, given what it printed; None where it ended otherwise."""
    codes = [int(code) for code in _RAISED.findall(output)]
    return OSError(codes[-1], "refused") if codes and codes[-1] in _WORDS else None
