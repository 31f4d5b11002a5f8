"""Documents and numbers that the app makes, a module a subject."""
