"""A search for good settings: its space and plan, Optuna's part of it, what was found and its figures."""
