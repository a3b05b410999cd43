"""Where golden profiles go, and what Meibo remembers."""
