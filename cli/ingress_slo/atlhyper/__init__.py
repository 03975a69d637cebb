"""Moving over from AtlHyper: reads its SQLite database, attributes what it counted, and makes a history of it."""
