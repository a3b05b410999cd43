"""From a change to the rows it touches: the same result as resolving everything, at the cost of the neighbourhood."""
