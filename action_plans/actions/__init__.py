"""State changes of action plans for a named person, a module a subject."""
