"""Who is at the other end: SPID and CIE logins, sessions, addresses proved by a code.

Called by web for every request, by the chat, and by `intercup spid`.
"""
