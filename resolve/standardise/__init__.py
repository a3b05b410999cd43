"""SourceRecord in, Contact out."""
