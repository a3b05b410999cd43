"""What a run starts from: rows of the sources read, standardised, and compared with the last run."""
