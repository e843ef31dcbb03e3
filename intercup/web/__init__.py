"""The web application: pages, chat and login over HTTP. `intercup web` runs it."""
