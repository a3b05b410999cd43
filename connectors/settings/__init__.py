"""The settings of a project: `meibo.yaml` and the environment, typed, read once."""
