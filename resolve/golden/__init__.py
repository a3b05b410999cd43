"""Scored pair in, golden profile out."""
