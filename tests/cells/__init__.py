"""Two cells on one PostgreSQL behind nginx, killed in turn under load (`make cells`)."""
