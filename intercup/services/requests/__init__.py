"""Requests for assistance: registered, looked up, forwarded, rated.

Called by web (form, pages, forward, rating), by the chat and by `intercup requests`.
"""
