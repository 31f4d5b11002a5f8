"""What the public pages of the budget show, computed by a worker when an edition is published.

`YearSummary.payload`, in whole nominal pesos, `null` where the source gives nothing:

- `headline`: `initial`, `current`, `accrued` (expense), `received` (income), `income_initial`, `income_current`,
  `opening_initial`, `opening_current` (cash of the year before, part of the income budget), `received_new` (received without
  that cash)
- `population`: `[inhabitants, source]` behind "per inhabitant", of the same year; `projection`, `census`: inhabitants or `null`
- `price`: `{"base": year, "factor": [numerator, denominator]}` that turns the year's pesos into the base year's, or `null`
- `trees`: `area`, `nature`, `origin`: nodes `[id, parent, name, sentence, amount, rest, also]` (`budget.rules.summary.Node`)
- `findings`: `[code, severity, sentence]`; `missing`: cells without value by reason; `values`: cells in all
- `dataset`: id, edition, source, unit, cut_off, published, file, sha256, demonstration
- `editions`: those it superseded, `[edition, published, superseded]`
- `figures`: address (SHA-256) by amounts (`nominal`, `real`, `each`) and name (`area`, `nature`, `origin`, `execution`)

`Series.payload`: `years`: the headline of each year with `year`, `projection`, `census`, `population`, `factor`,
`demonstration`; `base`: the year of the constant pesos; `figures`: `pesos` and `each`.
"""

from budget.reports.summaries import Outcome, compute_years

__all__ = ["Outcome", "compute_years"]
