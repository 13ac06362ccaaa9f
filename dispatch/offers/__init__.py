"""From plan to people: whom to ask, how many at once, when again, and how sure a shift is."""
