"""
The API, under `/api/v1/`: a table of routes, each with the scope that it needs.

A handler is a plain function of a `Call` and of what the request holds, and returns the view of a noun. It never runs
before the gate has looked the token up and counted the request, and the context that it hands to a use case names the
account and the token. FastAPI checks what a request holds and writes the description (OpenAPI) from the same functions.
"""
