"""
Sources become articles: fetch, understand, clean.

Knows nothing of newsletters, stories or mail. What the world sends is hostile until it has
been through here: sizes are capped, markup becomes text, only http(s) links survive.
"""
