"""A dropout: warm arrays, substitutes, moves, chains."""
