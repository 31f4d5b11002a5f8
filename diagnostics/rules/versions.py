"""The order of versions. Pure."""


def order_of(version: str) -> tuple[int, int]:
    """The year and the number of a version: 2026.10 comes after 2026.9."""
    year, _dot, number = version.partition(".")
    return int(year), int(number)
