"""The experiments of the larger papers' claims: on which problem, with which numbers, and what must break the bound."""
