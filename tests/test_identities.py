"""Who may say what: identities, what only a party can bring about, and what stands without one."""

from dataclasses import replace
from datetime import date

import pytest

from lineage.checks.rules import check_dataset
from lineage.evidence.standing import standing, state_standing
from lineage.records import Claim, ClaimEvent, Dataset, Identity, Reply
from lineage.site.claim_states import claim_states
from lineage.site.languages import CHINESE, ENGLISH, Language
from lineage.site.out.feeds import claim_entries
from lineage.site.pages.cases.case import case_page
from lineage.site.translation import translated
from repository import TODAY, committed

CASE = "pangu-qwen"
STATEMENT = "response-statement"
HUAWEI = "Huawei, the Pangu team of Noah's Ark Lab"
OWNER = "https://github.com/pangu-team"
VIA = "https://github.com/weight/evidence/pull/7"


@pytest.fixture(scope="module")
def sound() -> Dataset:
    """The committed cases; nothing measured, which would take long."""
    dataset = committed()
    measured = ("fingerprints", "matches", "reproductions", "parameters", "controls", "control_tables")
    return replace(dataset, **{kind: {} for kind in measured})


MAINTAINER = Identity(
    path="data/identities/first-maintainer.toml",
    id="first-maintainer",
    kind="maintainer",
    title="A maintainer of this site",
    accounts=("https://github.com/keeper",),
    verification="maintainers",
    shown="The account that merges changes to this repository.",
    verified_by="https://github.com/keeper",
    verified=date(2026, 11, 1),
)
PARTY = Identity(
    path="data/identities/pangu.toml",
    id="pangu",
    kind="party",
    title="Huawei, the Pangu team",
    speaks_for=("Huawei (Pangu team)", HUAWEI),
    accounts=(OWNER,),
    verification="address at its domain",
    domain="huawei.com",
    shown="A message from an address at this domain named the account, and an answer to it came back.",
    verified_by="https://github.com/keeper",
    verified=date(2026, 11, 2),
)
ACCUSER = PARTY.model_copy(
    update={
        "path": "data/identities/honestagi.toml",
        "id": "honestagi",
        "title": "HonestAGI",
        "speaks_for": ("HonestAGI, a GitHub account",),
        "accounts": ("https://github.com/honest",),
        "domain": "honest.example",
    }
)


def with_identities(dataset: Dataset, *identities: Identity) -> Dataset:
    return replace(dataset, identities={one.id: one for one in (MAINTAINER, PARTY, *identities)})


def changed(dataset: Dataset, name: str, **fields: object) -> Dataset:
    claims = tuple(one.model_copy(update=fields if one.id == name else {}) for one in dataset.claims[CASE])
    return replace(dataset, claims={**dataset.claims, CASE: claims})


def reply(identity: str | None = None, owner: str = OWNER) -> Reply:
    return Reply(text="We answer.", owner=owner, received=date(2026, 11, 3), via=VIA, identity=identity)


def event(state: str, identity: str | None = None, sources: tuple[str, ...] = ("noahs-ark-statement",)) -> ClaimEvent:
    return ClaimEvent(date=date(2026, 11, 4), text="x", sources=sources, state=state, identity=identity)


def lines(dataset: Dataset) -> list[str]:
    return sorted(map(str, check_dataset(dataset, TODAY)))


def claim(dataset: Dataset, name: str) -> Claim:
    return next(one for one in dataset.claims[CASE] if one.id == name)


def test_the_committed_records_and_sound_identities_pass(sound: Dataset) -> None:
    assert lines(sound) == []
    assert lines(with_identities(sound, ACCUSER)) == []
    assert lines(changed(with_identities(sound), STATEMENT, reply=reply("pangu"))) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"domain": "gmail.com"}, "anybody has an address at gmail.com"),
        ({"domain": "mail.qq.com"}, "anybody has an address at mail.qq.com"),
        ({"domain": None}, "say which in 'domain'"),
        ({"verification": "account of the organisation"}, "say which in 'organisation'"),
        ({"verification": "maintainers"}, "for nobody else"),
        ({"verified_by": "https://github.com/stranger"}, "no account of a maintainer"),
        ({"verified_by": OWNER}, "nobody verifies an account of their own"),
        ({"speaks_for": ()}, "speaks for nobody"),
        ({"speaks_for": ("Huawei Technologies Group",)}, "whom no record names"),
        ({"accounts": ("https://GitHub.com/Keeper/",)}, "which 'first-maintainer' has"),
        ({"title": "Maintainer verified"}, "is what this site says itself"),
        ({"domain": "huаwei.com".encode("idna").decode()}, "mixes alphabets"),
    ],
)
def test_an_identity_that_rests_on_nothing_is_refused(fields: dict[str, object], words: str, sound: Dataset) -> None:
    found = lines(replace(sound, identities={"first-maintainer": MAINTAINER, "pangu": PARTY.model_copy(update=fields)}))

    assert any(words in line for line in found), found


@pytest.mark.parametrize("state", ["acknowledged_by_maker", "acknowledged_in_part", "withdrawn_by_claimant"])
def test_what_only_a_party_can_do_needs_the_party_or_a_source(state: str, sound: Dataset) -> None:
    dataset = with_identities(sound, ACCUSER)
    named = "honestagi" if state == "withdrawn_by_claimant" else "pangu"
    other = "pangu" if state == "withdrawn_by_claimant" else "honestagi"
    unverified = changed(dataset, "claim-similarity", history=(event(state, None, ("substack-controversy",)),))

    def told(found: ClaimEvent) -> list[str]:
        return [
            line
            for line in lines(changed(dataset, "claim-similarity", history=(found,)))
            if "'answered'" not in line and "so what pages say is false" not in line  # true of it, and no fault here
        ]

    assert told(event(state, named)) == []
    assert told(event(state)) == []
    assert "does not speak for" in "".join(told(event(state, other)))
    assert "has no record in data/identities/" in "".join(told(event(state, "nobody")))
    assert "which only the party itself can, and no source reports it" in "".join(lines(unverified))


def test_a_reply_here_is_no_source_that_reports_it(sound: Dataset) -> None:
    thread = sound.sources["honestyagi-readme"].model_copy(
        update={"id": "thread", "path": "data/sources/thread.toml", "url": f"{VIA}#comment-1"}
    )
    dataset = changed(replace(sound, sources={**sound.sources, "thread": thread}), STATEMENT, reply=reply())
    dataset = changed(dataset, "claim-similarity", history=(event("acknowledged_by_maker", None, ("thread",)),))

    assert any("no source reports it" in line for line in lines(dataset))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"reply": reply("pangu", "https://github.com/stranger")}, "is no account of 'pangu'"),
        ({"reply": reply("honestagi", "https://github.com/honest")}, "'honestagi' does not speak for"),
        ({"reply": reply("nobody")}, "'nobody' has no record in data/identities/"),
    ],
)
def test_a_reply_stands_as_a_party_only_from_its_account(fields: dict[str, object], words: str, sound: Dataset) -> None:
    found = lines(changed(with_identities(sound, ACCUSER), STATEMENT, **fields))

    assert any(words in line for line in found), found


@pytest.mark.parametrize("link", ["withdrawn_by", "supersedes"])
def test_another_claimant_of_the_same_role_takes_nothing_back(link: str, sound: Dataset) -> None:
    def told(claimant: str) -> list[str]:
        dataset = changed(sound, "claim-further-curves", claimant=claimant)
        if link == "supersedes":
            return lines(changed(dataset, "claim-further-curves", claimant=claimant, supersedes=("claim-similarity",)))
        history = (event("answered"), event("withdrawn_by_claimant"))
        return lines(changed(dataset, "claim-similarity", withdrawn_by=("claim-further-curves",), history=history))

    allowed = [line for line in told("HonestAGI, a GitHub account") if "so what pages say is false" not in line]
    assert allowed == []  # that the sentences on the dispute would have to change is true, and no fault here
    assert any("is of another (" in line for line in told("Somebody else, a GitHub account"))


def test_an_identity_says_that_two_names_are_one_claimant(sound: Dataset) -> None:
    def told(*names: str) -> list[str]:
        identity = PARTY.model_copy(update={"speaks_for": names})
        dataset = replace(sound, identities={"first-maintainer": MAINTAINER, "pangu": identity})
        return lines(changed(dataset, STATEMENT, supersedes=("claim-hardware",)))

    assert told(HUAWEI, "Huawei, the Pangu team") == []
    assert len(told(HUAWEI)) == 1


@pytest.mark.parametrize(
    ("language", "said", "verified", "reported"),
    [
        (ENGLISH, "Posted by an account that says it speaks for", "as a maintainer verified on", "as a source reports"),
        (CHINESE, "由一个自称代表", "由维护者于", "据来源报道"),
    ],
)
def test_pages_say_who_is_verified_and_who_is_not(
    language: Language, said: str, verified: str, reported: str, sound: Dataset
) -> None:
    def page(dataset: Dataset) -> str:
        shown = translated(dataset, language.code) if language is CHINESE else dataset
        found = case_page(shown.cases[CASE], shown, language)
        return found.markdown.replace("&#45;", "-").replace("&#44;", ",")

    unverified = page(changed(sound, STATEMENT, reply=reply()))
    known = page(changed(with_identities(sound), STATEMENT, reply=reply("pangu")))
    told = page(changed(sound, "claim-similarity", history=(event("acknowledged_by_maker"),)))
    here = page(changed(with_identities(sound), "claim-similarity", history=(event("acknowledged_by_maker", "pangu"),)))

    assert said in unverified
    assert verified not in unverified
    assert verified in known
    assert said not in known
    assert reported in told
    assert reported not in here


def test_the_api_and_feeds_say_it_too(sound: Dataset) -> None:
    unverified = changed(sound, STATEMENT, reply=reply())

    assert standing(claim(unverified, STATEMENT)) == "not verified"
    assert standing(claim(sound, STATEMENT)) == "as sources report"
    assert any("says it speaks for Huawei" in entry.summary for entry in claim_entries(unverified))
    assert not any("says it speaks for" in entry.summary for entry in claim_entries(sound))


def test_the_withdrawal_on_record_is_told_as_the_press_reports_it(sound: Dataset) -> None:
    [withdrawn] = [one for one in sound.claims["solar-glm"] if one.state == "withdrawn_by_claimant"]

    assert state_standing(withdrawn) == "as sources report"
    assert claim_states(sound.claims["solar-glm"])[withdrawn.id] == "withdrawn by the claimant, as a source reports"


@pytest.mark.parametrize(
    "maker", ["Huawei (Рangu team)", "Huawei (Pangu tearn)", "HUAWEI (Pangu team)", "Huawei (Pangu-team)"]
)
def test_a_maker_that_looks_like_one_on_record_and_is_not_it_is_refused(maker: str, sound: Dataset) -> None:
    model = sound.models["Qwen/Qwen2.5-Coder-14B"].model_copy(update={"maker": maker})

    found = lines(replace(sound, models={**sound.models, model.id: model}))

    assert any("looks like 'Huawei (Pangu team)'" in line for line in found)


@pytest.mark.parametrize("maker", ["Huawei Cloud", "Hua Wei Institute", "华为", "Pangu"])
def test_another_name_is_another_maker(maker: str, sound: Dataset) -> None:
    model = sound.models["Qwen/Qwen2.5-Coder-14B"].model_copy(update={"maker": maker})

    assert lines(replace(sound, models={**sound.models, model.id: model})) == []
