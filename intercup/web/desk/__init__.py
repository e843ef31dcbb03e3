"""The technical team's desk: pages under /presidio, each for a role; routes.py lists them."""
