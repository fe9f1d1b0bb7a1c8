"""Records of who may speak for a maker or a claimant, and of who looks after this site."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from lineage.records.fields import AccountUrl, Line, Prose, Record, Slug

Domain = Annotated[str, Field(max_length=253, pattern=r"^[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z][a-z0-9-]*[a-z0-9]$")]


class Identity(Record):
    """Whose an account is, how that was verified, by whom and when: data/identities/<id>.toml."""

    folder: ClassVar[str] = "identities"

    id: Slug
    kind: Literal["party", "maintainer"]  # party: speaks for a maker or claimant; maintainer: looks after this site
    title: Line  # the organisation or the role, and no person's name
    speaks_for: tuple[Line, ...] = ()  # makers and claimants, exactly as records name them; empty for a maintainer
    accounts: tuple[AccountUrl, ...] = Field(min_length=1)  # what is posted or changed from these is theirs
    verification: Literal["address at its domain", "account of the organisation", "maintainers"]  # what it rests on
    domain: Domain | None = None  # of the address from which the account was confirmed; the address is not printed
    organisation: AccountUrl | None = None  # the organisation's own account that names this one
    shown: Prose  # what was seen, and where
    verified_by: AccountUrl  # the account of the maintainer who saw it
    verified: date  # the day on which they saw it
    sources: tuple[Slug, ...] = ()  # where anybody can see it, if anywhere
