"""ClaveÚnica, the State's identity for people, as a provider of allauth (docs/decisions/0008)."""
