"""Where contacts and touchpoints come from."""
