"""One reconciliation rule a module; `budget.rules.findings` lists them."""
