"""Where things are: the only folder with SQL, HTTP, files and engines."""
