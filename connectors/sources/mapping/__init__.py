"""Landed rows become source records and touchpoints: columns recognised, cells read, merges followed."""
