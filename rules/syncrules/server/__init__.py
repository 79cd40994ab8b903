"""Who syncs what, over HTTP: an ASGI service around rules, a verifier and a store. Needs the extra `server`."""
