"""How likely people say yes, and what follows for waves and standby."""
