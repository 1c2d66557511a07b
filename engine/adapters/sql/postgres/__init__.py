"""PostgreSQL behind the door of `store`, through psycopg."""
