"""Why not, why you, what would fill this."""
