"""One thing that a reviewer has to look at, and how grave it is."""

from dataclasses import dataclass

# Ranks: the lower, the further up.
SPEAKS, ADMITS, SAYS, CITES, OTHER = range(5)


@dataclass(frozen=True, order=True)
class Concern:
    """One thing to look at."""

    rank: int  # 0 for the gravest
    path: str
    key: str  # the field, and which entry of it
    why: str  # what it means, in words
    before: str = ""  # what stood there, whole; "" where nothing did
    after: str = ""  # what stands there now, whole; "" where nothing does
    sort: str = ""  # what is alike: many of a sort hide none of another; "" where why says it

    def __str__(self) -> str:
        """The line in words: where, what it means, and both texts."""
        return f"{self.path}: {self.key}: {self.why}: {self.before or 'nothing'} -> {self.after or 'nothing'}"
