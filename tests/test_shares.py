"""A measurement in shares: each tensor in one, about equal in bytes; budgets end a share; journals are handed over."""

from pathlib import Path

import pytest

from checkpoint_files import write_mixture
from lineage.checkpoints.addresses import open_checkpoint
from lineage.measuring.budget import Budget, BudgetSpentError
from lineage.measuring.checkpoint import measure_files, plan_checkpoint
from lineage.measuring.journal import Journal
from lineage.measuring.plan import Wanted
from lineage.measuring.shares import number_of_shares, share_of


@pytest.fixture
def wanted(tmp_path: Path) -> list[Wanted]:
    write_mixture(tmp_path)
    with open_checkpoint(str(tmp_path)) as checkpoint:
        return list(plan_checkpoint(checkpoint, None).plan.wanted)


def size(wanted: list[Wanted]) -> int:
    return sum(one.tensor.span.length for one in wanted)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 1000])
def test_every_tensor_is_in_one_share_and_shares_are_about_equal(count: int, wanted: list[Wanted]) -> None:
    shares = [share_of(wanted, number, count) for number in range(1, count + 1)]

    names = [one.tensor.name for share in shares for one in share]
    assert sorted(names) == sorted(one.tensor.name for one in wanted)
    largest = max(one.tensor.span.length for one in wanted)
    assert max(map(size, shares)) <= size(wanted) / count + largest
    assert shares == [share_of(wanted[::-1], number, count) for number in range(1, count + 1)]


def test_tied_tensors_stay_together(wanted: list[Wanted]) -> None:
    tied = [wanted[0], *wanted]

    holding = [share for share in (share_of(tied, number, 5) for number in range(1, 6)) if wanted[0] in share]

    assert [share.count(wanted[0]) for share in holding] == [2]


@pytest.mark.parametrize(
    ("size", "most_bytes", "most_shares", "wanted"), [(0, 10, 3, 1), (10, 10, 3, 1), (11, 10, 3, 2), (99, 10, 3, 3)]
)
def test_a_model_is_cut_into_as_many_shares_as_it_needs(
    size: int, most_bytes: int, most_shares: int, wanted: int
) -> None:
    assert number_of_shares(size, most_bytes, most_shares) == wanted


def test_a_budget_ends_what_is_over_it_and_nothing_before() -> None:
    now = [0.0]
    budget = Budget(bytes=100, seconds=60, disk=50, clock=lambda: now[0])

    budget.transferred(100)
    budget.stored(50)
    now[0] = 60.0
    budget.transferred(0)

    with pytest.raises(BudgetSpentError, match="more than 50 bytes are kept on the disk"):
        budget.stored(51)
    with pytest.raises(BudgetSpentError, match="more than 100 bytes came over the wire"):
        budget.transferred(1)
    now[0] = 61.0
    with pytest.raises(BudgetSpentError, match="more than 1 minutes went by"):
        Budget(seconds=60, clock=iter((0.0, 61.0)).__next__).transferred(1)
    Budget().transferred(10**15)


def test_a_journal_handed_over_is_taken_in_whole_by_its_own_checkpoint_alone(tmp_path: Path) -> None:
    write_mixture(tmp_path)
    with open_checkpoint(str(tmp_path)) as checkpoint:
        plan = plan_checkpoint(checkpoint, None).plan
        one = Journal(tmp_path / "one", ["x"])
        measure_files(checkpoint.files, plan, one)
    one.hand_over(tmp_path / "journal.jsonl")

    same, other = Journal(tmp_path / "same", ["x"]), Journal(tmp_path / "other", ["y"])

    assert same.take_in(tmp_path / "journal.jsonl")
    assert not other.take_in(tmp_path / "journal.jsonl")
    assert same.finished == one.finished
    assert other.finished == {}
    assert Journal(tmp_path / "same", ["x"]).finished == one.finished  # it is on the disk too


@pytest.mark.parametrize("content", [b"", b"0\n", b"\xff\xfe", b'["a", [{}]]\n'])
def test_a_journal_of_another_form_is_not_taken_in(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(content)
    journal = Journal(tmp_path / "own", ["x"])

    assert not journal.take_in(tmp_path / "journal.jsonl")
    assert journal.finished == {}
