from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.rules import InvalidRunError, format_run, normalise_run


def check_digit(number: int) -> str:
    """Module 11, written here a second time."""
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(str(number))))
    return {10: "K", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


@given(st.integers(min_value=1_000_000, max_value=99_999_999), st.booleans(), st.booleans())
def test_a_run_with_its_digit_is_stored_one_way_however_it_is_written(number: int, dots: bool, lower: bool) -> None:
    digit = check_digit(number)
    written = f"{number:,}".replace(",", ".") if dots else str(number)
    typed = f" {written}-{digit.lower() if lower else digit} "
    assert normalise_run(typed) == f"{number}-{digit}"
    assert format_run(normalise_run(typed)) == f"{number:,}".replace(",", ".") + f"-{digit}"


@given(st.integers(min_value=1_000_000, max_value=99_999_999), st.sampled_from("0123456789K"))
def test_a_run_with_any_other_digit_is_refused(number: int, digit: str) -> None:
    if digit != check_digit(number):
        with pytest.raises(InvalidRunError):
            normalise_run(f"{number}-{digit}")


@given(st.text(max_size=15))
def test_no_text_breaks_the_reading_of_a_run(text: str) -> None:
    with suppress(InvalidRunError):
        assert normalise_run(text).count("-") == 1


@pytest.mark.parametrize("run", ["44.444.444-4", "55.555.555-5", "88.888.888-8", "99.999.999-9"])
def test_the_test_runs_of_claveunica_are_valid(run: str) -> None:
    assert format_run(normalise_run(run)) == run
