from config import messages


def test_every_string_is_translated_and_the_catalogue_is_as_the_command_writes_it() -> None:
    assert messages.faults() == []
