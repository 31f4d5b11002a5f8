"""State changes for a named person, a module a subject."""


class RefusedError(Exception):
    """The change is against a rule. The text says which, for the person who asked."""


class OvertakenError(RefusedError):
    """Someone else changed the thing since the person saw it. The text says who and what."""
