"""The citizen's identity: SPID and CIE logins, sessions, addresses proved by a code.

Called by web for every request, by the chat, and by `intercup spid`.
"""
