"""One check before submission a module; `diagnostics.rules.submission` lists them."""
