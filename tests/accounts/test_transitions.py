"""How tables of transitions are read."""

from typing import NamedTuple

import pytest

from accounts.rules.transitions import step_in, steps_in


class Step(NamedTuple):
    start: str
    end: str
    words: str


OPEN, SHUT, LOST = "open", "shut", "lost"
DOOR = (Step(OPEN, SHUT, "close it"), Step(SHUT, OPEN, "unlock it"), Step(OPEN, LOST, "leave"))


@pytest.mark.parametrize("row", DOOR, ids=lambda row: row.words)
def test_each_row_of_a_table_is_found_by_where_it_leads(row: Step) -> None:
    assert step_in(DOOR, row.start, row.end) is row


@pytest.mark.parametrize(("start", "end"), [(SHUT, LOST), (LOST, OPEN), (OPEN, OPEN), (OPEN, ""), ("", "")])
def test_a_way_that_the_table_does_not_name_is_refused_by_name(start: str, end: str) -> None:
    with pytest.raises(ValueError, match=f"no step from {start} to {end}"):
        step_in(DOOR, start, end)


def test_what_may_follow_comes_in_the_order_of_the_table() -> None:
    assert [row.words for row in steps_in(DOOR, OPEN)] == ["close it", "leave"]
    assert steps_in(DOOR, LOST) == ()
