"""Figures without persons, for years: of requests, turns and ratings, by calendar month.

Called by the chat's gateway, the purge, the desk (/presidio/numeri) and `intercup figures`.
"""
