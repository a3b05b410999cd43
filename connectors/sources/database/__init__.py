"""Tables and queries of any database that SQLAlchemy reaches."""
