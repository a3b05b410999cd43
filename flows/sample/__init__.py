"""The sample project that `meibo demo` runs: three made-up systems, a meibo.yaml, and the truth."""
