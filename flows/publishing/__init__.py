"""What a run leaves behind: gates, ledgers, and the tables in one transaction."""
