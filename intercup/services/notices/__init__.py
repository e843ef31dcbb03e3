"""Notices of the technical team, on pages and in the chat.

Called by pages, chat, the desk and `intercup notices`.
"""
