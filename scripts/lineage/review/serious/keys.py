"""Which keys and folders of records are grave, and what another value of each means."""

from collections.abc import Mapping

from lineage.review.serious.concern import ADMITS, CITES, SAYS, SPEAKS

TOLD_ELSEWHERE = ("fingerprints", "matches")  # folders whose changes are told as those of measurements
# Keys of which another value is grave, with their rank and what that means; by folder.
GRAVE: Mapping[tuple[str, str], tuple[int, str]] = {
    ("cases", "claimant"): (SPEAKS, "who says it is another"),
    ("cases", "claimant_role"): (SPEAKS, "the part of whoever says it is another"),
    ("cases", "date"): (SAYS, "the day on which it was said is another"),
    ("cases", "statement"): (SAYS, "what somebody is said to have stated is another"),
    ("cases", "quote"): (SAYS, "a quotation is another"),
    ("cases", "history"): (ADMITS, "what happened to it is told otherwise"),
    ("cases", "figure"): (SAYS, "what the figure of a case shows is another"),
    ("cases", "events"): (ADMITS, "what happened is told otherwise"),
    ("cases", "status"): (SAYS, "where the case stands is told otherwise"),
    ("cases", "subject"): (SAYS, "the case is about another model"),
    ("cases", "reference"): (SAYS, "the case is about another model"),
    ("cases", "withdrawn_by"): (SPEAKS, "what withdraws it is another"),
    ("cases", "supersedes"): (SPEAKS, "what it takes the place of is another"),
    ("cases", "reply"): (SPEAKS, "a reply is another"),
    ("cases", "answers"): (SAYS, "what a response answers is another"),
    ("cases", "evidence"): (SAYS, "what a claim rests on is another"),
    ("cases", "models"): (SAYS, "which models a claim is about is another"),
    ("cases", "kind"): (SAYS, "what kind of case or claim it is is told otherwise"),
    ("cases", "reviewed"): (ADMITS, "when the record was gone through as a whole is told otherwise"),
    ("cases", "check"): (ADMITS, "what was looked for, when and where, is told otherwise"),
    ("sources", "kind"): (ADMITS, "how good a source is called is another"),
    ("sources", "history"): (ADMITS, "what became of a source is told otherwise"),
    ("sources", "publisher"): (CITES, "who published a source is another"),
    ("sources", "published"): (CITES, "the day of a source is another"),
    ("sources", "shows"): (CITES, "what a source is cited for is another"),
    ("sources", "read"): (ADMITS, "how a source was read is told otherwise"),
    ("sources", "package"): (CITES, "the package that is cited is another"),
    ("sources", "relay"): (ADMITS, "whose words a source carries is told otherwise"),
    ("models", "maker"): (SPEAKS, "the maker of a model is another"),
    ("models", "addresses"): (SAYS, "where the weights of a model are is told otherwise"),
    ("models", "licence"): (SAYS, "the licence of a model is another"),
    ("models", "released"): (SAYS, "the day on which a model was released is another"),
    ("models", "architecture"): (SAYS, "the shape of a model is another"),
    ("models", "hardware"): (SAYS, "what a model is said to have been trained on is another"),
    ("models", "partial_counts"): (ADMITS, "why a part of the weights counts for all is told otherwise"),
    ("models", "base_model"): (SAYS, "what a model is said to be made from is another"),
    ("models", "base_model_weights"): (SAYS, "in which shares a model is said to be merged is another"),
    ("models", "base_model_relation"): (SAYS, "how a model is said to be made is another"),
    ("models", "base_model_reported_by"): (SAYS, "who is said to report how a model was made is another"),
    ("models", "root"): (SAYS, "the training run that a model belongs to is another"),
    ("parameters", "exceptions"): (ADMITS, "what was chosen after results is told otherwise"),
    ("parameters", "parameters"): (ADMITS, "what a method was given is another"),
    ("parameters", "informed_by"): (ADMITS, "what informed a method is told otherwise"),
    ("parameters", "fixed"): (ADMITS, "since when a method is fixed is another"),
    ("parameters", "results"): (ADMITS, "which results a method gave is told otherwise"),
    ("parameters", "version"): (ADMITS, "the version of a method is another"),
    ("published", "figures"): (SAYS, "a number of others is another"),
    ("published", "limits"): (ADMITS, "what is known to mislead is told otherwise"),
    ("published", "thresholds"): (SAYS, "a threshold of others is another"),
    ("published", "pins"): (CITES, "the files that numbers come from are others"),
    ("published", "source"): (CITES, "whom numbers come from is another"),
    ("published", "tables"): (CITES, "what a table of others is said to hold is another"),
    ("published", "descents"): (SAYS, "which training runs count as one is told otherwise"),
    ("published", "models"): (SAYS, "which models of others count as related is told otherwise"),
    ("published", "shapes"): (SAYS, "the shape of a model of others is another"),
    ("reproductions", "files"): (ADMITS, "the bytes that were made again are others"),
    ("reproductions", "measured"): (ADMITS, "what was made again is another"),
    ("reproductions", "made_here"): (ADMITS, "whether this project made the weights is told otherwise"),
    ("reproductions", "repeats"): (ADMITS, "who made it again, and when, is told otherwise"),
}
# What a new record says of others, and nobody would see behind its title.
GRAVE_WHEN_NEW: Mapping[str, tuple[str, ...]] = {
    "models": ("base_model",),
    "cases": ("supersedes", "withdrawn_by"),
    "published": ("descents", "models", "thresholds", "limits", "tables", "shapes"),
}
GRAVE_FOLDERS: Mapping[str, tuple[int, str]] = {  # of which every key is grave that has no line above
    "benchmarks": (CITES, "what a tool is said to have measured here is another"),
    "packs": (ADMITS, "where what was measured lies, and its bytes, are others"),
    "sampled": (CITES, "what a tool of others is said to have sampled is another"),
    "designs": (ADMITS, "what was fixed before the first result is another"),
    "families": (SAYS, "what a tensor of every model of a family is read as is another"),
}
WHOLE = {  # folders whose records matter whole, when they are new, others or gone
    "identities": (SPEAKS, "whose an account is"),
    "removals": (ADMITS, "what went from the record"),
    "corrections": (ADMITS, "what this site says that it had wrong"),
}
TOLD = ("reply", "quote", "url", "archive_url")  # with a line of their own
# Lists that grow: an entry that is added to one is no other entry.
LISTS = ("history", "events", "exceptions", "limits", "figures", "notes", "repeats")
