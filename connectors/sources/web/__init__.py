"""Web APIs: one HTTP client, the three vendors, and those that are declared in `apis/`."""
