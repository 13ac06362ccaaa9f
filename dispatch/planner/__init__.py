"""The planner: a pure filter from a frozen :class:`~dispatch.planner.problem.Problem` to a plan with a proven bound."""
