"""
Turn sources into articles: fetch, parse, clean.

Knows nothing of newsletters, stories or mail. Input is untrusted until it has
passed through here: sizes are capped, markup becomes text, only http(s) links survive.
"""
