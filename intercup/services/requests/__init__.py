"""Requests for assistance: registered, looked up, added to, marked, forwarded, rated.

Called by web (form, pages, forward, rating), by the chat and by `intercup requests`.
"""
