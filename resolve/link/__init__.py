"""Contact in, scored pair out."""
