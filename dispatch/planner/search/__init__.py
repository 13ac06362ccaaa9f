"""The search for a plan: greedy, relaxation, prices, whole numbers."""
