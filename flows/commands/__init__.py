"""The commands of `meibo`, one module each; `flows.cli` gathers them."""
