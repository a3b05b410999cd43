"""When things happen: Prefect and the command line live here and nowhere else."""
