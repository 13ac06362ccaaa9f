"""Plans: a wish becomes a run, a draft, a yes; what-if beside it."""
