"""Files, local and in an object store: formats, encodings, windows."""
