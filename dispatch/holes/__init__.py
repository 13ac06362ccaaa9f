"""A seat falls empty: who could take it, at what cost, and what would make it fillable."""
