"""
An OpenID Connect client (Core 1.0, authorization code flow with PKCE): a provider's metadata and keys, the exchange of a
code, and the check of what comes of it. Knows no account and no setting.

Importing the package loads neither Authlib nor aiohttp: they are loaded when somebody uses the provider.
"""
